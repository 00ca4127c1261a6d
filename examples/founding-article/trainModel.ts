import type { Optimizer, Sequential } from 'backtime';
import type { Result } from './result.ts';
import type { Reviews } from './reviews.ts';

/** Compiles and trains a model to tell positive reviews from negative ones. */
export async function trainModel(
  name: string,
  model: Sequential,
  reviews: Reviews,
  options: { optimizer: Optimizer | 'adam' | 'sgd' | 'rmsprop'; epochs: number; batchSize: number },
): Promise<Result> {
  const { optimizer, epochs, batchSize } = options;
  model.compile({ optimizer, loss: 'binaryCrossentropy', metrics: ['accuracy'] });
  const start = performance.now();
  const { history } = await model.fit(reviews.x, reviews.y, { epochs, batchSize, validationData: [reviews.xVal, reviews.yVal] });
  const secondsPerEpoch = (performance.now() - start) / 1000 / epochs;
  const train = await model.evaluate(reviews.x, reviews.y);
  return {
    name,
    parameters: model.countParams(),
    secondsPerEpoch,
    curves: { loss: history.loss, valLoss: history.valLoss, valAccuracy: history.valAccuracy },
    trainAccuracy: train.accuracy,
    validationAccuracy: history.valAccuracy[epochs - 1],
    model,
  };
}
