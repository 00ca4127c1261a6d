import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import type { WasmBackend } from '../../ts/backend/wasm/wasmBackend.ts';
import { Dense, Embedding, generate, LSTM, type ModelStream } from '../../ts/index.ts';
import { wasmBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { collectGarbage, expectSteadyHeap } from '../support/steadyHeap.ts';

describe.each(await wasmBackends())('memory of streams on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  const { memory } = backend as WasmBackend;
  /** Each of its streams takes some 100 KB. */
  const reader = () => builtModel([new Embedding(50, 8), new LSTM(64), new Dense(50)], [1], new RandomArrays(1));
  const BATCH = 64;
  const ids = new Int32Array(BATCH).fill(3);

  test('10,000 steps: the same memory, the same heap', async () => {
    const stream = reader().stream();
    const out = new Float32Array(50);
    const run = (steps: number) => {
      for (let step = 0; step < steps; step++) stream.step(step % 50, out);
    };
    run(1000);
    const { buffer } = memory;
    await expectSteadyHeap(run, 10_000);
    expect(memory.buffer).toBe(buffer);
    stream.dispose();
  });

  test('what streams took is given back: by dispose, by the model, when nobody holds them, when the model is compiled anew', async () => {
    const held: ModelStream[] = [];
    const cycle = async () => {
      const model = reader();
      for (let count = 0; count < 5; count++) {
        const stream = model.stream({ batchSize: BATCH });
        stream.step(ids);
        model.compile({ loss: 'mse' });
        stream.step(ids);
        stream.dispose();
      }
      for (let count = 0; count < 5; count++) model.stream({ batchSize: BATCH }).step(ids);
      // A new WeakRef holds its target until the turn ends.
      await turn();
      collectGarbage();
      await turn();
      await turn();
      for (let count = 0; count < 5; count++) held.push(model.stream({ batchSize: BATCH }));
      model.dispose();
    };
    for (let count = 0; count < 3; count++) await cycle();
    const { byteLength } = memory.buffer;
    for (let count = 0; count < 10; count++) await cycle();
    expect(memory.buffer.byteLength).toBe(byteLength);
  });

  test('generating gives its memory back, also when it is left early', () => {
    const model = reader();
    const write = () => {
      for (const _id of generate(model, [1], { length: 5 }));
      for (const _id of generate(model, [1], { length: 5 })) break;
    };
    write();
    const { byteLength } = memory.buffer;
    for (let count = 0; count < 200; count++) write();
    expect(memory.buffer.byteLength).toBe(byteLength);
    model.dispose();
  });

  test('refused streams leave nothing behind', () => {
    const model = builtModel([new LSTM(64, { returnSequences: true }), new LSTM(64, { goBackwards: true })], [1, 8], new RandomArrays(1));
    const refuse = () => expect(() => model.stream({ batchSize: 256 })).toThrow('goBackwards');
    refuse();
    const { byteLength } = memory.buffer;
    for (let count = 0; count < 50; count++) refuse();
    expect(memory.buffer.byteLength).toBe(byteLength);
    model.dispose();
  });
});
