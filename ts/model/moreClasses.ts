import type { ClassTable } from '../core/registerClass.ts';
import * as initializers from '../layers/initializerClasses.ts';
import { Circle, Dice, Tversky } from '../objective/batchLosses.ts';
import * as confusionMetrics from '../objective/confusionMetrics.ts';
import * as correlationMetrics from '../objective/correlationMetrics.ts';
import { CRFLoss } from '../objective/crfLoss.ts';
import { CTC } from '../objective/ctc.ts';
import * as curveMetrics from '../objective/curveMetrics.ts';
import * as formulaLosses from '../objective/formulaLosses.ts';
import * as fScores from '../objective/fScores.ts';
import * as iouMetrics from '../objective/iouMetrics.ts';
import * as meanMetrics from '../objective/meanMetrics.ts';
import * as r2Score from '../objective/r2Score.ts';
import * as rowLosses from '../objective/rowLosses.ts';
import * as moreOptimizers from '../optimizers/moreOptimizers.ts';
import * as schedules from '../optimizers/schedules.ts';

export { takeIntegers } from './quantisedWeights.ts';
export { readModelState } from './readModelState.ts';

/**
 * The classes of losses, metrics, optimizers, schedules and initializers that load when a file or a
 * worker needs them, by their `builtInName`. A class in a new file needs its file here.
 */
export const MORE_CLASSES: ClassTable = {
  ...initializers,
  ...formulaLosses,
  ...rowLosses,
  Circle,
  CRFLoss,
  CTC,
  Dice,
  Tversky,
  ...confusionMetrics,
  ...correlationMetrics,
  ...curveMetrics,
  ...fScores,
  ...iouMetrics,
  ...meanMetrics,
  ...r2Score,
  ...moreOptimizers,
  ...schedules,
};
