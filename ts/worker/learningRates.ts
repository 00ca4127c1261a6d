/**
 * One rate, or the results of the caller's function for the next iterations. After them the worker
 * asks again.
 */
export type LearningRates = number | Float64Array;
