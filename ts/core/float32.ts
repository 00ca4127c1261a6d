/**
 * The largest number that a float32 can hold. Larger ones become infinite in the memory of the
 * kernels.
 */
export const LARGEST_FLOAT32 = 3.4028234663852886e38;
