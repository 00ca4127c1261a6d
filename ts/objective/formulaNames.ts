/** The losses of one target and one prediction that are expressions: those of lossFormulas.ts. */
export const LOSS_FORMULA_NAMES = [
  'binaryFocalCrossentropy',
  'hinge',
  'huber',
  'klDivergence',
  'logCosh',
  'meanAbsolutePercentageError',
  'meanSquaredLogarithmicError',
  'poisson',
  'squaredHinge',
] as const;

/** Names of the losses that are expressions. */
export type LossFormulaName = (typeof LOSS_FORMULA_NAMES)[number];
