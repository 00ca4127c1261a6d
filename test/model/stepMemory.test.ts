import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  BatchNormalization,
  Bidirectional,
  Conv1D,
  Dense,
  Dropout,
  Embedding,
  GRU,
  Input,
  LSTM,
  Model,
  MultiHeadAttention,
  Sequential,
  type SymbolicTensor,
  setRandomSeed,
} from '../../ts/index.ts';
import { Program } from '../../ts/program/program.ts';
import { StepMemory } from '../../ts/program/stepMemory.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';

const STEPS = 12;
const x = Array.from({ length: 70 }, (_, row) =>
  Array.from({ length: STEPS }, (_, step) => (step < 3 + (row % 9) ? 1 + ((row * step) % 19) : 0)),
);
const y = x.map((ids) => [Math.sin(ids[1] as number), Math.cos(ids[2] as number)]);

const chain = () =>
  new Sequential([
    new Embedding(20, 6, { maskZero: true }),
    new Bidirectional(new LSTM(7, { returnSequences: true, dropout: 0.1 })),
    new BatchNormalization(),
    new Dropout(0.2),
    new GRU(5, { recurrentDropout: 0.1 }),
    new Dense(2),
  ]);

function graph(): Model {
  const ids = Input({ shape: [STEPS], dtype: 'int32' });
  const vectors = new Embedding(20, 8).apply(ids);
  const windows = new Conv1D(8, 3, { padding: 'causal', activation: 'relu' }).apply(vectors);
  const attended = new MultiHeadAttention({ numHeads: 2, keyDim: 4 }).apply([windows, vectors]) as SymbolicTensor;
  return new Model({ inputs: ids, outputs: new Dense(2).apply(new LSTM(6).apply(attended)) });
}

/** Batches of 32, 32 and 6 in training, of 16 and 4 in validation, and of 5 afterwards. */
async function run(make: () => Model): Promise<number[]> {
  setRandomSeed(3);
  const model = make();
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  const { history } = await model.fit(x, y, {
    epochs: 2,
    batchSize: 32,
    validationData: [x.slice(0, 20), y.slice(0, 20)],
    validationBatchSize: 16,
    verbose: 0,
    workers: 0,
  });
  const { data } = await model.predict(x.slice(0, 5), { workers: 0 });
  const numbers = [...flatWeights(model), ...history.loss, ...history.valLoss, ...data];
  model.dispose();
  return numbers;
}

describe.each(await availableBackends())('memory of steps on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  afterEach(() => vi.restoreAllMocks());

  test.each([
    ['a chain', chain],
    ['a graph', graph],
  ])('a step needs nothing that another step has left: %s', async (_label, make) => {
    const expected = await run(make);
    let poisoned = 0;
    const { step } = Program.prototype;
    vi.spyOn(Program.prototype, 'step').mockImplementation(function (this: Program, updates) {
      const { stepBlock } = this.memory;
      if (stepBlock) {
        backend.floats({ block: stepBlock, byteOffset: 0, length: stepBlock.bytes / backend.floatBytes }).fill(Number.NaN);
        poisoned++;
      }
      return step.call(this, updates);
    });
    expect(await run(make)).toEqual(expected);
    // Three batches of training and two of validation in each of two epochs, and one at the end.
    expect(poisoned).toBe(11);
  });

  test('smaller batches take no memory for their steps beside that of the largest', async () => {
    const taken: { bytes: number; isNew: boolean }[] = [];
    const { take } = StepMemory.prototype;
    vi.spyOn(StepMemory.prototype, 'take').mockImplementation(function (this: StepMemory, bytes, purpose) {
      const before = this.bytes;
      const block = take.call(this, bytes, purpose);
      taken.push({ bytes, isNew: this.bytes > before });
      return block;
    });
    await run(chain);
    expect(taken.map(({ isNew }) => isNew)).toEqual([true, ...new Array(taken.length - 1).fill(false)]);
    expect(taken.length).toBe(5);
    expect(Math.max(...taken.slice(1).map(({ bytes }) => bytes))).toBeLessThan((taken[0] as { bytes: number }).bytes);
  });
});

test('a block lives as long as its programs, and a larger one serves those that come', () => {
  const freed: object[] = [];
  const backend = {
    allocate: (bytes: number) => ({ bytes }),
    free: (block: object) => freed.push(block),
  };
  const memory = new StepMemory(backend as never);
  const small = memory.take(100, 'small');
  expect(memory.take(80, 'smaller')).toBe(small);
  // One that is larger than those before gets some room.
  const large = memory.take(512, 'large');
  expect(large.bytes).toBe(576);
  expect(large).not.toBe(small);
  expect(memory.take(570, 'little larger')).toBe(large);
  expect(memory.bytes).toBe(676);
  memory.release(small);
  expect(freed).toEqual([]);
  memory.release(small);
  expect(freed).toEqual([small]);
  memory.release(large);
  memory.release(large);
  expect(freed).toEqual([small, large]);
  expect(memory.bytes).toBe(0);
  expect(memory.take(10, 'new')).not.toBe(large);
});
