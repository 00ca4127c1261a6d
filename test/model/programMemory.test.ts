import { expect, test, vi } from 'vitest';
import type { MemoryBlock, Placement } from '../../ts/backend/backend.ts';
import { KERNEL_LAYOUTS } from '../../ts/backend/kernelLayouts.generated.ts';
import type { KernelName } from '../../ts/backend/kernels.generated.ts';
import { loadBackend } from '../../ts/backend/select.ts';
import { Dense, Embedding, GRU, type Layer, LSTM, OneHot, Sequential, SimpleRNN } from '../../ts/index.ts';

/** A call that was bound: its buffers by the names of the kernel's fields. */
interface BoundCall {
  readonly kernel: KernelName;
  readonly args: Readonly<Record<string, unknown>>;
  readonly block: MemoryBlock;
}

/** The calls of the program that trains a model on a batch `[B, ...sample]`, in order. */
async function trainingCalls(layers: Layer[], shape: number[], targetShape: number[]): Promise<BoundCall[]> {
  const backend = await loadBackend();
  const bound: BoundCall[] = [];
  const bind = vi.spyOn(backend, 'bind');
  try {
    const model = new Sequential(layers);
    model.compile({ optimizer: 'adam', loss: 'mse' });
    const zeros = (of: number[]) => ({ shape: of, data: new Float32Array(of.reduce((product, size) => product * size, 1)) });
    await model.fit(zeros(shape), zeros(targetShape), { batchSize: shape[0], epochs: 1, verbose: 0 });
    for (const [kernel, args, descriptor] of bind.mock.calls) bound.push({ kernel, args: { ...args }, block: descriptor.block });
    model.dispose();
  } finally {
    bind.mockRestore();
  }
  const { block } = bound.find(({ kernel }) => kernel === 'loss') as BoundCall;
  return bound.filter((call) => call.block === block);
}

/** The blocks of a program, from its calls: its own, and that of what lives within a step. */
function blocksOf(calls: readonly BoundCall[]): Set<MemoryBlock> {
  const loss = calls.find(({ kernel }) => kernel === 'loss') as BoundCall;
  return new Set([loss.block, ...Object.values(loss.args).flatMap((value) => (isPlacement(value) ? [value.block] : []))]);
}

const isPlacement = (value: unknown): value is Placement => typeof value === 'object' && value !== null && 'block' in value;

/**
 * Bytes of a program's blocks, beside those that its backward pass needs: what the forward pass
 * leaves to it (`saved`), and the gradients and workspace of its hungriest call (`passing`).
 */
function memoryOf(calls: readonly BoundCall[]) {
  const blocks = blocksOf(calls);
  const loss = calls.findIndex(({ kernel }) => kernel === 'loss');
  const lastWriter = new Map<string, number>();
  const saved = new Map<string, number>();
  let passing = 0;
  calls.forEach(({ kernel, args }, index) => {
    let here = 0;
    for (const [field, , access] of KERNEL_LAYOUTS[kernel].fields) {
      const buffer = args[field] as Placement | undefined | null;
      if (!isPlacement(buffer) || !blocks.has(buffer.block)) continue;
      const place = `${buffer.block === calls[0].block} ${buffer.byteOffset}+${buffer.length}`;
      const isOlder = (lastWriter.get(place) ?? -1) <= loss;
      // The backward pass of a sequence reads `saved`, and then leaves gradients there.
      const reads = access !== 'write' || field === 'saved';
      if (index > loss && reads && isOlder) saved.set(place, buffer.length * 4);
      else here += buffer.length * 4;
      if (access === 'write') lastWriter.set(place, index);
    }
    if (index > loss) passing = Math.max(passing, here);
  });
  return {
    block: [...blocks].reduce((sum, { bytes }) => sum + bytes, 0),
    saved: [...saved.values()].reduce((sum, bytes) => sum + bytes, 0),
    passing,
  };
}

/** The aim for the memory of a program, over what backward needs. */
const LIMIT = 1.3;

const stack = (count: number) => Array.from({ length: count }, () => new GRU(24, { returnSequences: true }));

test.each([
  ['SimpleRNN(32) on one-hot ids', () => [new OneHot(100), new SimpleRNN(32), new Dense(1)], [32, 100], [32, 1]],
  ['SimpleRNN(8) on an embedding', () => [new Embedding(1000, 32), new SimpleRNN(8), new Dense(1)], [32, 100], [32, 1]],
  ['LSTM(64) on an embedding', () => [new Embedding(1000, 32), new LSTM(64), new Dense(1)], [32, 100], [32, 1]],
  ['LSTM(64) on masked ids', () => [new Embedding(1000, 32, { maskZero: true }), new LSTM(64), new Dense(1)], [32, 400], [32, 1]],
  ['two LSTM(256)', () => [new LSTM(256, { returnSequences: true }), new LSTM(256), new Dense(5)], [32, 20, 64], [32, 5]],
  ['GRU(128)', () => [new GRU(128), new Dense(1)], [64, 96, 16], [64, 1]],
  ['ten GRU(24)', () => [...stack(10), new Dense(3)], [32, 50, 6], [32, 50, 3]],
] as const)('a program that trains %s takes at most 1.3 times what backward needs', async (_name, layers, shape, targetShape) => {
  const { block, saved, passing } = memoryOf(await trainingCalls(layers(), [...shape], [...targetShape]));
  expect(saved).toBeGreaterThan(0);
  expect(block / (saved + passing)).toBeLessThanOrEqual(LIMIT);
});

test.each([
  ['LSTM(64) on an embedding', () => [new Embedding(1000, 32), new LSTM(64), new Dense(1)], [32, 100], [32, 1]],
  ['GRU(128)', () => [new GRU(128), new Dense(1)], [64, 96, 16], [64, 1]],
  ['LSTM(512)', () => [new LSTM(512), new Dense(1)], [64, 64, 512], [64, 1]],
  ['ten GRU(24) of 200 steps', () => [...stack(10), new Dense(3)], [32, 200, 6], [32, 200, 3]],
] as const)('workspace and gradients are little beside what %s saves', async (_name, layers, shape, targetShape) => {
  const { block, saved } = memoryOf(await trainingCalls(layers(), [...shape], [...targetShape]));
  expect(block / saved).toBeLessThanOrEqual(LIMIT);
});
