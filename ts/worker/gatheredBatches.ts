import { allocateIn, type TypedArrayClass } from '../core/allocate.ts';
import type { NumericArray } from '../core/numericArray.ts';
import type { SharedAllocation } from '../core/sharedMemory.ts';
import { type Batch, type BatchSource, DatasetBatches } from '../feed/batches.ts';
import type { Column, Dataset } from '../feed/dataset.ts';
import { inOrder } from '../run/writeBatch.ts';

/**
 * The batches of a data set that is too large to be copied: each is a copy of its rows, made when
 * the batch is read.
 */
export class GatheredBatches implements BatchSource {
  readonly #dataset: Dataset;
  readonly #batchSize: number;
  readonly #orderOf: (epoch: number) => Int32Array;
  #batches: DatasetBatches | null = null;
  #takeMemory: (() => SharedAllocation) | null = null;

  /** @param orderOf the order of the samples in an epoch. Default: as they are */
  constructor(dataset: Dataset, batchSize: number, orderOf = (_epoch: number) => inOrder(dataset.count)) {
    this.#dataset = dataset;
    this.#batchSize = batchSize;
    this.#orderOf = orderOf;
  }

  begin(epoch: number): void {
    this.#batches = new DatasetBatches(this.#dataset, this.#orderOf(epoch), this.#batchSize);
  }

  shareMemory(take: () => SharedAllocation): void {
    this.#takeMemory = take;
  }

  async next(): Promise<Batch | null> {
    if (!this.#batches) this.begin(0);
    const batch = (this.#batches as DatasetBatches).next();
    if (batch === null) return null;
    const { dataset, order, start, rows } = batch;
    const firstBatch = (dataset.firstBatch ?? 0) + start / this.#batchSize;
    const memory = this.#takeMemory?.() ?? null;
    const gathered = { ...gather(dataset, order.subarray(start, start + rows), memory), firstBatch };
    return { dataset: gathered, order: inOrder(rows), start: 0, rows, memory };
  }
}

/** Copies samples into consecutive rows. */
function gather(dataset: Dataset, samples: Int32Array, memory: SharedAllocation | null): Dataset {
  const { x, y, weight } = dataset;
  const copy = (column: Column) => gatherColumn(column, samples, memory);
  return { ...dataset, count: samples.length, x: x.map(copy), y: y.map(copy), weight: weight.map((column) => column && copy(column)) };
}

function gatherColumn(column: Column, samples: Int32Array, memory: SharedAllocation | null): Column {
  const { data, steps, features, order, sampleStride = steps, stepStride = 1 } = column;
  const size = steps * features;
  const copy = allocateIn(
    memory,
    data.constructor as TypedArrayClass<NumericArray>,
    samples.length * size,
    'the rows of a batch for workers',
  );
  for (const [row, sample] of samples.entries()) {
    const from = sample * sampleStride * features;
    if (stepStride === 1) {
      copy.set(data.subarray(from, from + size), row * size);
      continue;
    }
    for (let step = 0; step < steps; step++) {
      const place = from + step * stepStride * features;
      copy.set(data.subarray(place, place + features), row * size + step * features);
    }
  }
  return { data: copy, steps, features, order };
}
