import { describe, expect, test } from 'vitest';
import { ACTIVATIONS, CELLS, PACKINGS } from '../../../ts/backend/kernels.generated.ts';
import { callReference, unwritten } from '../../support/kernelRuns.ts';
import { RandomArrays } from '../../support/randomArrays.ts';

const LEVELS = { int16: 1023, int8: 63 } as const;
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** `x · matrix` by the definition: integers of a row times integers, in float64. */
function product(x: readonly number[], integers: Int32Array, scales: Float64Array, levels: number): number[] {
  const most = Math.max(...x.map(Math.abs));
  const rounded = x.map((value) => {
    const scaled = most === 0 ? 0 : (value * levels) / most;
    const [below, rest] = [Math.floor(scaled), scaled - Math.floor(scaled)];
    return rest === 0.5 ? below + (below % 2 === 0 ? 0 : 1) : Math.round(scaled);
  });
  const columns = scales.length;
  return Array.from(scales, (scale, column) => {
    const sum = rounded.reduce((total, integer, k) => total + integer * (integers[k * columns + column] as number), 0);
    return (sum * most * scale) / levels;
  });
}

describe.each(['int16', 'int8'] as const)('the reference of %s', (type) => {
  const most = type === 'int16' ? 2047 : 127;
  const levels = LEVELS[type];
  const matrix = (depth: number, columns: number, random: RandomArrays) => ({
    integers: random.integers(depth * columns, most + 1, -most),
    scales: random.float32s(columns, 0.2 / most, 1 / most),
  });

  test('multiplies rows by the definition', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = new RandomArrays(seed);
      const [rows, features, units] = [random.integer(5, 1), random.integer(40, 1), random.integer(12, 1)];
      const { integers, scales } = matrix(features, units, random);
      const [x, bias, y] = [random.float32s(rows * features, -3, 3), random.float32s(units), unwritten(rows * units)];
      callReference('quantisedDenseForward', {
        ...{ rows, features, units, activation: ACTIVATIONS.tanh, packing: PACKINGS[type], kernelWords: integers.length },
        ...{ x, ids: null, kernel: integers, kernelScales: scales, bias, y },
      });
      for (let row = 0; row < rows; row++)
        for (const [unit, value] of product(
          Array.from(x.subarray(row * features, (row + 1) * features)),
          integers,
          scales,
          levels,
        ).entries())
          expect(y[row * units + unit]).toBeCloseTo(Math.tanh(value + (bias[unit] as number)), 5);
    }
  });

  test('runs an LSTM and a GRU by their equations', () => {
    const random = new RandomArrays(7);
    const [T, D, H] = [4, 6, 5];
    for (const cell of ['lstm', 'gru'] as const) {
      const { code, gates: G } = CELLS[cell];
      const [input, recurrent] = [matrix(D, G * H, random), matrix(H, G * H, random)];
      const [x, bias] = [random.float32s(T * D), random.float32s(G * H * CELLS[cell].biasRows)];
      const [h, c] = [unwritten(T * H), cell === 'lstm' ? unwritten(T * H) : null];
      callReference('quantisedSequenceForward', {
        ...{ cell: code, activation: ACTIVATIONS.tanh, recurrentActivation: ACTIVATIONS.sigmoid, packing: PACKINGS[type] },
        ...{ steps: T, batch: 1, features: D, units: H, vocabulary: 0, reverse: 0, hSteps: T, cSteps: T },
        ...{ x, ids: null, table: null, mask: null, bias, initialH: null, initialC: null, h, c, y: null },
        ...{ kernelWords: D * G * H, kernel: input.integers, kernelScales: input.scales },
        ...{ recurrentWords: H * G * H, recurrentKernel: recurrent.integers, recurrentScales: recurrent.scales },
      });
      let [state, memory] = [new Array<number>(H).fill(0), new Array<number>(H).fill(0)];
      for (let step = 0; step < T; step++) {
        const a = product(Array.from(x.subarray(step * D, (step + 1) * D)), input.integers, input.scales, levels);
        const b = product(state, recurrent.integers, recurrent.scales, levels);
        const at = (gate: number, unit: number) => gate * H + unit;
        const sum = (place: number) => (a[place] as number) + (b[place] as number) + (bias[place] as number);
        const after = state.map((before, unit) => {
          if (cell === 'lstm') {
            memory[unit] = sigmoid(sum(at(1, unit))) * (memory[unit] as number) + sigmoid(sum(at(0, unit))) * Math.tanh(sum(at(2, unit)));
            return sigmoid(sum(at(3, unit))) * Math.tanh(memory[unit] as number);
          }
          const [z, r] = [0, 1].map((gate) => sigmoid(sum(at(gate, unit)) + (bias[G * H + at(gate, unit)] as number))) as [number, number];
          const place = at(2, unit);
          const m = (b[place] as number) + (bias[G * H + place] as number);
          return z * before + (1 - z) * Math.tanh((a[place] as number) + (bias[place] as number) + r * m);
        });
        for (const [unit, value] of after.entries()) expect(h[step * H + unit], `${cell}, step ${step}`).toBeCloseTo(value, 5);
        [state, memory] = [after, [...memory]];
      }
    }
  });
});
