import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Backend, MemoryBlock } from '../../ts/backend/backend.ts';
import type { WasmBackend } from '../../ts/backend/wasm/wasmBackend.ts';
import { Chain } from '../../ts/graph/chain.ts';
import type { Graph } from '../../ts/graph/graph.ts';
import { Adam, Dense, Dropout, Embedding, GRU, type Layer, LSTM, OneHot, OutOfMemoryError, Sequential, SimpleRNN } from '../../ts/index.ts';
import { resolveLoss } from '../../ts/objective/lossRegistry.ts';
import { resolveMetrics } from '../../ts/objective/metrics.ts';
import { StepMemory } from '../../ts/program/stepMemory.ts';
import { type BatchProgram, Engine } from '../../ts/run/engine.ts';
import { freshBackend } from '../backend/wasm/freshBackend.ts';
import { availableBackends, wasmBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { samples } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { collectGarbage, expectSteadyHeap } from '../support/steadyHeap.ts';

const VOCABULARY = 50;
const reader = () => [new Embedding(VOCABULARY, 8, { maskZero: true }), new LSTM(16), new Dense(1, { activation: 'sigmoid' })];

/** A training program for batches `[B, T]` of ids. */
function trainingProgram(
  backend: Backend,
  layers: readonly Layer[],
  batch: number,
  steps: number,
): { engine: Engine; compiled: BatchProgram } {
  const chain = new Chain();
  for (const layer of layers) chain.add(layer);
  chain.build([steps]);
  const graph = chain.graph as Graph;
  const engine = new Engine(backend, graph, [1, 2], new Set(layers));
  const loss = resolveLoss('binaryCrossentropy');
  const metrics = resolveMetrics({ metrics: ['accuracy'], weightedMetrics: [] }, loss, 1);
  const compilation = { outputs: [{ loss, lossWeight: 1, metrics }], metrics, optimizer: new Adam() };
  return { engine, compiled: engine.program('train', batch, [[steps]], [false], compilation) };
}

describe.each(await availableBackends())('a program on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test('calls about two kernels a layer and two more: never one a time step', () => {
    const { engine, compiled } = trainingProgram(backend, reader(), 4, 30);
    expect(compiled.program.kernels).toEqual([
      'maskFromIds',
      'sequenceForward',
      'denseForward',
      'loss',
      'accuracy',
      'denseBackward',
      'sequenceBackward',
      'adam',
    ]);
    engine.memory.dispose();
    const deep = [
      new Embedding(VOCABULARY, 8),
      new GRU(8, { returnSequences: true }),
      new Dropout(0.2),
      new SimpleRNN(8),
      new Dense(4),
      new Dense(1),
    ];
    for (const steps of [1, 100]) {
      const other = trainingProgram(backend, deep, 4, steps);
      expect(other.compiled.program.kernels.length).toBeLessThanOrEqual(2 * deep.length + 2);
      other.engine.memory.dispose();
    }
  });

  test.each([
    ['embedding', reader],
    ['one-hot', () => [new OneHot(VOCABULARY), new LSTM(16), new Dense(1, { activation: 'sigmoid' })]],
    [
      'stacked',
      () => [new Embedding(VOCABULARY, 32), new LSTM(32, { returnSequences: true }), new LSTM(32), new Dense(1, { activation: 'sigmoid' })],
    ],
  ])('takes at most 1.3 times the memory of what backward needs: %s', (_label, layers) => {
    const [batch, steps] = [32, 100];
    const made: Layer[] = layers();
    const { engine, compiled } = trainingProgram(backend, made, batch, steps);
    // Of each step: gates, state and cell of an LSTM; its mask and its id, which are integers.
    const units = made.filter((layer): layer is LSTM => layer instanceof LSTM).reduce((sum, layer) => sum + layer.units, 0);
    const masked = made.some((layer) => layer instanceof Embedding && layer.maskZero);
    const needed = batch * steps * (6 * units * backend.floatBytes + (masked ? 8 : 4));
    const ratio = compiled.program.bytes / needed;
    expect(ratio).toBeGreaterThan(1);
    expect(ratio).toBeLessThan(1.3);
    engine.memory.dispose();
  });

  test('an engine says how many bytes it has beside the weights: for training, and of all programs', () => {
    const allocate = vi.spyOn(backend, 'allocate');
    const { engine } = trainingProgram(backend, reader(), 32, 100);
    engine.program('predict', 32, [[100]], [false], null);
    const bytes = allocate.mock.results.map(({ value }) => (value as MemoryBlock).bytes);
    allocate.mockRestore();
    const [weights, _drawing, ...others] = bytes;
    // For training; what the steps of both share; and what each program has for itself.
    expect(others).toHaveLength(4);
    expect(engine.memory.bytes).toBe(others.reduce((sum, own) => sum + own, 0));
    expect(weights).toBe((VOCABULARY * 8 + 64 * (8 + 16 + 1) + 17) * backend.floatBytes);
    engine.memory.dispose();
    expect(engine.memory.bytes).toBe(0);
  });

  test('a predicting program takes less than a training one', () => {
    const { engine, compiled } = trainingProgram(backend, reader(), 32, 100);
    const predicting = engine.program('predict', 32, [[100]], [], null);
    expect(predicting.program.bytes).toBeLessThan(compiled.program.bytes / 2);
    expect(predicting.program.kernels).toEqual(['maskFromIds', 'sequenceForward', 'denseForward']);
    engine.memory.dispose();
  });

  test.each([
    ['embedding', reader],
    ['one-hot', () => [new OneHot(VOCABULARY), new GRU(16), new Dense(1, { activation: 'sigmoid' })]],
    ['more words than are projected', () => [new Embedding(100_000, 8), new LSTM(16), new Dense(1, { activation: 'sigmoid' })]],
    ['SimpleRNN', () => [new Embedding(VOCABULARY, 8, { maskZero: true }), new SimpleRNN(16), new Dense(1)]],
  ])('a predicting program holds no step of a layer that gives its last output: %s', (_label, layers) => {
    const batch = 32;
    const bytes = [2000, 4000].map((steps) => {
      const { engine } = trainingProgram(backend, layers(), batch, steps);
      const { program } = engine.program('predict', batch, [[steps]], [], null);
      engine.memory.dispose();
      return program.bytes;
    });
    // Of each step of a sequence its id, its mask, and a few numbers that say where it belongs:
    // fewer than one state has units.
    const eachStep = ((bytes[1] as number) - (bytes[0] as number)) / 2000 / batch;
    expect(eachStep).toBeLessThanOrEqual(7 * 4);
    expect(eachStep).toBeGreaterThanOrEqual(4);
  });
});

describe.each(await wasmBackends())('memory on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  afterEach(() => vi.restoreAllMocks());
  const { memory } = backend as WasmBackend;
  const STEPS = 10_000;

  test('10,000 steps of a program: the same memory, the same heap', async () => {
    const { engine, compiled } = trainingProgram(backend, [...reader().slice(0, 2), new Dropout(0.5), new Dense(1)], 3, 6);
    const { program, settings } = compiled;
    const run = (steps: number) => {
      for (let step = 0; step < steps; step++) {
        program.setCounter(step, 0, 3);
        program.floats(settings as NonNullable<typeof settings>)[0] = 1e-4;
        program.step();
      }
    };
    run(1000);
    const { buffer } = memory;
    await expectSteadyHeap(run, STEPS);
    expect(memory.buffer).toBe(buffer);
    engine.memory.dispose();
  });

  test('10,000 steps of fit with validation: the same memory, the same heap', async () => {
    const x = samples({ steps: 6, ids: VOCABULARY }, 10, new RandomArrays(1));
    const y = { shape: [10, 1], data: Float32Array.from({ length: 10 }, (_, index) => index % 2) };
    const model = new Sequential(reader());
    model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    // Ten samples in batches of four: three steps an epoch, the last one smaller.
    const train = async (steps: number) => {
      for (let done = 0; done < steps; done += 300) {
        await model.fit(x, y, { epochs: 100, batchSize: 4, validationData: [x, y], validationFreq: 10, verbose: 0 });
      }
    };
    await train(1000);
    const { buffer } = memory;
    await expectSteadyHeap(train, STEPS);
    expect(memory.buffer).toBe(buffer);
    expect(model.iterations).toBeGreaterThanOrEqual(STEPS);
    model.dispose();
  });

  /** Trains and predicts with a new model that takes some megabytes. */
  const use = async (): Promise<Sequential> => {
    const model = new Sequential([new Dense(512), new Dense(1)]);
    model.compile({ optimizer: 'adam', loss: 'mse' });
    const x = { shape: [4, 512], data: new Float32Array(4 * 512).fill(0.1) };
    await model.fit(x, [1, 2, 3, 4], { verbose: 0 });
    await model.predict(x);
    return model;
  };

  test('models that were disposed leave their memory to the next', async () => {
    (await use()).dispose();
    const { byteLength } = memory.buffer;
    for (let count = 0; count < 20; count++) (await use()).dispose();
    expect(memory.buffer.byteLength).toBe(byteLength);
  });

  test('compiling again and again, with other losses and sizes, does not add up', async () => {
    const model = await use();
    const x = { shape: [4, 512], data: new Float32Array(4 * 512).fill(0.1) };
    const cycle = async () => {
      for (const loss of ['mse', 'mae'] as const) {
        model.compile({ optimizer: 'adam', loss });
        for (const batchSize of [1, 2, 3, 4]) await model.fit(x, [1, 2, 3, 4], { batchSize, verbose: 0 });
      }
    };
    await cycle();
    const { byteLength } = memory.buffer;
    for (let count = 0; count < 5; count++) await cycle();
    expect(memory.buffer.byteLength).toBe(byteLength);
    model.dispose();
  });

  test('programs of earlier runs are given up when memory is short, those of the present run never', () => {
    const limited = freshBackend((backend as WasmBackend).build, 36 * 2 ** 20);
    const chain = new Chain();
    chain.add(new LSTM(16));
    chain.build([null, 8]);
    const graph = chain.graph as Graph;
    const engine = new Engine(limited, graph, [1, 2], new Set(graph.allLayers));
    const outputs = [{ loss: resolveLoss('mse'), lossWeight: 1, metrics: [] }];
    const compilation = { outputs, metrics: [], optimizer: new Adam() };
    const compile = (steps: number) => engine.program('train', 32, [[steps, 8]], [false], compilation);
    // The first run needs some 14 MB, and each after it a tenth more: two of them fit.
    for (let run = 0; run < 4; run++) {
      engine.startRun();
      const steps = 1000 + 100 * run;
      const [long, short] = [compile(steps), compile(steps - 50)];
      expect(compile(steps)).toBe(long);
      expect(compile(steps - 50)).toBe(short);
    }
    const [long, short] = [compile(1300), compile(1250)];
    expect(() => compile(2000)).toThrow(OutOfMemoryError);
    expect([compile(1300), compile(1250)]).toEqual([long, short]);
    engine.startRun();
    compile(1800);
    expect(compile(1300)).not.toBe(long);
  });

  test('batches of many lengths need room for one of them, not for all that were met', async () => {
    const { take } = StepMemory.prototype;
    vi.spyOn(StepMemory.prototype, 'take').mockImplementation(function (this: StepMemory, bytes, purpose) {
      const before = this.bytes;
      const block = take.call(this, bytes, purpose);
      if (before === 0 || this.bytes === before) return block;
      this.release(block);
      throw new OutOfMemoryError('there is room for the steps of one program');
    });
    const model = new Sequential([new LSTM(8), new Dense(1)]);
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const data = (steps: number) => [samples({ shape: [steps, 4] }, 2, new RandomArrays(steps)), [0, 1]] as const;
    for (let steps = 1; steps <= 4; steps++) await model.trainOnBatch(...data(steps));
    for (let steps = 1; steps <= 4; steps++) await model.predict(data(steps)[0]);
    // All programs of a run are there before its first step.
    const weights = model.getWeights();
    const options = { batchSize: 1, validationData: data(40), verbose: 0 } as const;
    await expect(model.fit(...data(1), options)).rejects.toThrow('room for the steps of one program');
    expect(model.getWeights()).toEqual(weights);
    model.dispose();
  });

  test('models that nobody holds any more give their memory back', async () => {
    const cycle = async () => {
      for (let count = 0; count < 4; count++) await use();
      collectGarbage();
      await turn();
      await turn();
    };
    await cycle();
    await cycle();
    const { byteLength } = memory.buffer;
    for (let count = 0; count < 6; count++) await cycle();
    // Each cycle leaves models of 16 MB in all.
    expect(memory.buffer.byteLength - byteLength).toBeLessThan(32 * 2 ** 20);
  });

  test('more shapes of batches than programs are kept do not add up', async () => {
    const model = new Sequential([new LSTM(8), new Dense(1)]);
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const cycle = async () => {
      for (let steps = 1; steps <= 24; steps++) {
        await model.trainOnBatch(samples({ shape: [steps, 4] }, 2, new RandomArrays(steps)), [0, 1]);
      }
    };
    await cycle();
    const { byteLength } = memory.buffer;
    for (let count = 0; count < 5; count++) await cycle();
    expect(memory.buffer.byteLength).toBe(byteLength);
    model.dispose();
  });
});
