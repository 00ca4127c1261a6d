import { ArgumentError } from '../core/errors.ts';
import type { Logs } from './callback.ts';
import type { ModelInTraining } from './modelInTraining.ts';

/**
 * The learning rate of a model's optimizer, for a callback that changes it.
 * @param owner the callback's class, for the message
 * @throws {ArgumentError} when the rate is a function of the step: as in Keras, nobody else sets it
 */
export function optimizerRate({ optimizer, name }: ModelInTraining, owner: string): number {
  const { learningRate } = optimizer;
  if (typeof learningRate === 'number') return learningRate;
  throw new ArgumentError(
    `${owner}: the learningRate of model ${name}'s ${optimizer.className} is a function of the step or a schedule, so no callback can set it: give the optimizer a number`,
  );
}

/** Adds the learning rate to the numbers of an epoch, as Keras does: `history.learningRate`. */
export function logRate(logs: Logs, model: ModelInTraining, owner: string): void {
  logs.learningRate = optimizerRate(model, owner);
}
