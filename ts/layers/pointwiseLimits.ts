/** Inputs of the kernel `pointwise`. */
export const INPUTS = 6;
/** Outputs of the kernel `pointwise`. */
export const OUTPUTS = 4;
