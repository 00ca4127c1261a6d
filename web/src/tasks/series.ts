/** A series: one row of numbers, one for each channel, a step. */
export type Series = readonly (readonly number[])[];
