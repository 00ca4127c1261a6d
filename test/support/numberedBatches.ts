import type { Tensor } from '../../ts/core/tensor.ts';
import type { BatchSource } from '../../ts/feed/batches.ts';
import { DataReader } from '../../ts/feed/dataReader.ts';
import { BatchReader } from '../../ts/run/batchReader.ts';
import { inOrder } from '../../ts/run/writeBatch.ts';
import { GatheredBatches } from '../../ts/worker/gatheredBatches.ts';

// Sources of batches that can be told apart.

export const ROWS = 6;
export const FEATURES = 5000;
export const BATCHES = 12;

/** All numbers of batch 3 are 3. */
const batchOf = (number: number): Tensor => ({ shape: [ROWS, FEATURES], data: new Float32Array(ROWS * FEATURES).fill(number) });

/**
 * The batches of an iterable that uses one array again and again.
 * @param rowsOf the rows of each batch, at most {@link ROWS}
 */
export function fromIterable(rowsOf: (number: number) => number = () => ROWS): BatchSource {
  const array = new Float32Array(ROWS * FEATURES);
  const batches = function* () {
    for (let number = 0; number < BATCHES; number++) {
      array.fill(number);
      const rows = rowsOf(number);
      yield [{ shape: [rows, FEATURES], data: array.subarray(0, rows * FEATURES) }] as const;
    }
  };
  const options = {
    argument: 'x',
    steps: null,
    stepsOption: 'stepsPerEpoch',
    shuffleBuffer: 1,
    anew: true,
    seed: 1,
    epoch: 0,
    signal: null,
  } as const;
  return new BatchReader(batches, options, async (item, _number, memory) => {
    const reader = new DataReader(memory ? 2 : 1, memory);
    const [source] = item as [Tensor];
    const column = { source, argument: 'x', check: () => {}, steps: 1, features: FEATURES, order: null, repeat: 1 };
    const count = source.shape[0] as number;
    const dataset = { count, sampleShapes: [[FEATURES]], x: [await reader.read(column)], y: [], weight: [] };
    return { dataset, order: inOrder(count), start: 0, rows: count, memory };
  });
}

/** The batches of an array that is too large to be copied whole. */
export function fromArray(): BatchSource {
  const data = new Float32Array(BATCHES * ROWS * FEATURES);
  for (let number = 0; number < BATCHES; number++) data.set(batchOf(number).data as Float32Array, number * ROWS * FEATURES);
  const x = [{ data, steps: 1, features: FEATURES, order: null, isInPlace: true }];
  return new GatheredBatches({ count: BATCHES * ROWS, sampleShapes: [[FEATURES]], x, y: [], weight: [] }, ROWS);
}

/** The same, of which a batch cannot be read. It counts how often it was asked for one. */
export function failingAt(number: number, error: Error): BatchSource & { readonly asked: number } {
  const source = fromArray();
  let asked = 0;
  return {
    begin: (epoch) => source.begin(epoch),
    async next() {
      if (asked++ === number) throw error;
      return source.next();
    },
    get asked() {
      return asked;
    },
  };
}
