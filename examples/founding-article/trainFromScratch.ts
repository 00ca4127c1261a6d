import { RecurrentNetwork } from 'backtime';
import { SingleBar } from 'cli-progress';
import type { Result } from './result.ts';
import type { Reviews } from './reviews.ts';

/**
 * Trains the article's class from first principles: float64, pure TypeScript, ten steps back in
 * time.
 */
export function trainFromScratch(
  name: string,
  reviews: Reviews,
  options: { nCells: number; batchSize: number; learningRate: number; epochs: number; seed: number },
): Result {
  const { epochs, ...networkOptions } = options;
  const network = new RecurrentNetwork(networkOptions);
  const x = { ids: reviews.x, depth: reviews.vocabularySize };
  const xVal = { ids: reviews.xVal, depth: reviews.vocabularySize };
  const valAccuracy: number[] = [];
  const bar = process.stdout.isTTY
    ? new SingleBar({ format: '{title} {bar} {value}/{total}  ETA {eta_formatted}', barsize: 24, clearOnComplete: true })
    : null;

  let start = performance.now();
  let milliseconds = 0;
  network.fit(x, reviews.y, {
    epochs,
    xVal,
    yVal: reviews.yVal,
    onBatch: ({ epoch, batch, batches }) => {
      if (batch === 1) bar?.start(batches, 0, { title: `Epoch ${epoch}/${epochs}` });
      bar?.update(batch);
    },
    onEpoch: ({ epoch, loss, valLoss }) => {
      bar?.stop();
      const elapsed = performance.now() - start;
      milliseconds += elapsed;
      const accuracy = network.score(xVal, reviews.yVal);
      valAccuracy.push(accuracy);
      const numbers = `loss ${loss.toFixed(4)}  valLoss ${valLoss?.toFixed(4)}  valAccuracy ${accuracy.toFixed(4)}`;
      console.log(`Epoch ${epoch}/${epochs}  ${(elapsed / 1000).toFixed(1)} s  ${numbers}`);
      start = performance.now();
    },
  });
  return {
    name,
    parameters: network.countParams(),
    secondsPerEpoch: milliseconds / 1000 / epochs,
    curves: { loss: network.losses, valLoss: network.valLosses, valAccuracy },
    trainAccuracy: network.score(x, reviews.y),
    validationAccuracy: valAccuracy[valAccuracy.length - 1],
    model: null,
  };
}
