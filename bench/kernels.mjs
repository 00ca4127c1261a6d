// Kernels by themselves, bound once as programs bind them. Letters as in crate/src/descriptors.rs.
import { ACTIVATIONS, CELLS } from '../ts/backend/kernels.generated.ts';

/** @typedef {import('../ts/backend/wasm/wasmBackend.ts').WasmBackend} WasmBackend */
/**
 * @typedef {{ run: () => void, operations: number, free: () => void }} Kernel `run` does so many
 *   floating-point operations.
 */
/**
 * @typedef {{ cell: 'simpleRnn' | 'lstm' | 'gru', steps: number, batch: number, features: number, units: number }}
 *   SequenceSizes
 */

/** Buffers of a backend that are given back together. @param {WasmBackend} backend */
function makeBuffers(backend) {
  const blocks = [];
  const allocate = (length) => {
    const block = backend.allocate(length * 4, 'the benchmark');
    blocks.push(block);
    return { block, byteOffset: 0, length };
  };
  /** Filled with small numbers. */
  const floats = (length) => {
    const buffer = allocate(length);
    backend.floats(buffer).set(Float32Array.from({ length }, (_, index) => ((index * 7) % 11) / 11 - 0.5));
    return buffer;
  };
  const bind = (kernel, args) => {
    const any = args.kernel;
    const length = backend.workspaceLength(kernel, { ...args, workspace: any });
    return backend.bind(kernel, { ...args, workspace: allocate(Math.max(length, 1)) }, allocate(backend.descriptorBytes(kernel) / 4));
  };
  const free = () => {
    for (const block of blocks) backend.free(block);
  };
  return { allocate, floats, bind, free };
}

/**
 * `[rows, depth] · [depth, columns]`: a dense layer's forward pass without a bias.
 *
 * @param {WasmBackend} backend
 * @param {{ rows: number, depth: number, columns: number }} sizes
 * @returns {Kernel}
 */
export function packedProduct(backend, { rows, depth, columns }) {
  const { floats, bind, free } = makeBuffers(backend);
  const call = bind('denseForward', {
    ...{ rows, features: depth, units: columns, activation: ACTIVATIONS.linear },
    ...{ x: floats(rows * depth), kernel: floats(depth * columns), y: floats(rows * columns) },
  });
  const calls = [call];
  return { run: () => backend.run(calls), operations: 2 * rows * depth * columns, free };
}

/**
 * A recurrent layer on floats, forward and back through time from the gradient of its last state,
 * without that of its input.
 *
 * @param {WasmBackend} backend
 * @param {SequenceSizes} sizes
 * @returns {Kernel}
 */
export function sequence(backend, { cell, steps, batch, features, units }) {
  const { floats, bind, free } = makeBuffers(backend);
  const { code, gates, saved, states } = CELLS[cell];
  const rows = steps * batch;
  const width = gates * units;
  const sizes = { cell: code, activation: ACTIVATIONS.tanh, recurrentActivation: ACTIVATIONS.sigmoid, steps, batch, features, units };
  const biasLength = cell === 'gru' ? 2 * width : width;
  const weights = { kernel: floats(features * width), recurrentKernel: floats(units * width), bias: floats(biasLength) };
  const outputs = { saved: floats(rows * saved * units), h: floats(rows * units), c: states === 2 ? floats(rows * units) : null };
  const shared = { ...sizes, vocabulary: 0, reverse: 0, x: floats(rows * features), ...weights, ...outputs };
  const gradients = { dKernel: floats(features * width), dRecurrentKernel: floats(units * width), dBias: floats(biasLength) };
  const calls = [
    bind('sequenceForward', { ...shared, packedLength: 0, packed: null, hSteps: steps, cSteps: steps }),
    bind('sequenceBackward', { ...shared, truncate: 0, zeroOutput: 0, dFinalH: floats(batch * units), ...gradients }),
  ];
  const projection = 2 * rows * features * width;
  const recurrent = 2 * rows * units * width;
  return { run: () => backend.run(calls), operations: 2 * projection + 3 * recurrent, free };
}

/**
 * The same product as a user would write it down: three loops in JavaScript.
 *
 * @param {{ rows: number, depth: number, columns: number }} sizes
 * @returns {Kernel}
 */
export function naiveProduct({ rows, depth, columns }) {
  const left = new Float32Array(rows * depth).fill(0.5);
  const right = new Float32Array(depth * columns).fill(0.25);
  const out = new Float32Array(rows * columns);
  const run = () => {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let k = 0; k < depth; k++) sum += left[row * depth + k] * right[k * columns + column];
        out[row * columns + column] = sum;
      }
    }
  };
  return { run, operations: 2 * rows * depth * columns, free: () => {} };
}
