import { Embedding, type Model } from 'backtime';

/**
 * Multiply-adds that a page does not notice: about ten milliseconds' worth, while a worker takes
 * longer than that to start.
 */
const UNNOTICED = 1e7;

/**
 * The `workers` for a question to a model: none where it is answered at once; else a page's
 * default, so that it stays free.
 */
export function answerWorkers(model: Model, samples: number, steps: number): { readonly workers?: 0 } {
  // Every weight meets every step; an embedding is only looked up.
  const weights = model.layers
    .filter((layer) => !(layer instanceof Embedding))
    .flatMap((layer) => layer.weights)
    .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  return samples * steps * weights <= UNNOTICED ? { workers: 0 } : {};
}
