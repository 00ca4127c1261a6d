import { describe, expect, test } from 'vitest';
import { expectClose } from '../../support/differences.ts';
import { callReference, unwritten } from '../../support/kernelRuns.ts';
import { RandomArrays } from '../../support/randomArrays.ts';
import { sequenceCase, withoutBackward } from '../../support/sequenceCases.ts';

const CELLS = ['simpleRnn', 'lstm', 'gru', 'gruResetBefore'] as const;
const SHAPE = { steps: 4, batch: 3, features: 5, units: 2 };
const ROUNDING = { relative: 1e-15 };

const σ = (x: number) => 1 / (1 + Math.exp(-x));

/**
 * One step of one unit with one feature, as Keras' documentation writes it: x, h, c to the new h
 * and c.
 */
const EQUATIONS = {
  simpleRnn: (x: number, h: number, _c: number, [k]: number[], [r]: number[], [b]: number[]) => [Math.tanh(x * k + h * r + b)],
  lstm: (x: number, h: number, c: number, k: number[], r: number[], b: number[]) => {
    const [zi, zf, zc, zo] = k.map((_, gate) => x * k[gate] + h * r[gate] + b[gate]);
    const newC = σ(zf) * c + σ(zi) * Math.tanh(zc);
    return [σ(zo) * Math.tanh(newC), newC];
  },
  gru: (x: number, h: number, _c: number, k: number[], r: number[], b: number[]) => {
    const z = σ(x * k[0] + b[0] + h * r[0] + b[3]);
    const reset = σ(x * k[1] + b[1] + h * r[1] + b[4]);
    const candidate = Math.tanh(x * k[2] + b[2] + reset * (h * r[2] + b[5]));
    return [z * h + (1 - z) * candidate];
  },
  gruResetBefore: (x: number, h: number, _c: number, k: number[], r: number[], b: number[]) => {
    const z = σ(x * k[0] + b[0] + h * r[0]);
    const reset = σ(x * k[1] + b[1] + h * r[1]);
    const candidate = Math.tanh(x * k[2] + b[2] + reset * h * r[2]);
    return [z * h + (1 - z) * candidate];
  },
};

describe.each(CELLS)('the sequence driver with %s', (cell) => {
  test('computes the cell equations step by step', () => {
    const setting = { cell, steps: 3, batch: 1, features: 1, units: 1, initialState: true } as const;
    const { forward } = sequenceCase(setting, new RandomArrays(1));
    callReference('sequenceForward', forward);
    let [h, c] = [forward.initialH?.[0] ?? 0, forward.initialC?.[0] ?? 0];
    for (let s = 0; s < 3; s++) {
      const x = forward.x?.[s] ?? Number.NaN;
      [h, c] = EQUATIONS[cell](x, h, c, [...forward.kernel], [...forward.recurrentKernel], [...(forward.bias ?? [])]);
      expectClose([forward.h[s]], [h], ROUNDING, 'h');
      if (forward.c) expectClose([forward.c[s]], [c], ROUNDING, 'c');
    }
  });

  test('carries the state over masked steps, and writes zeros there to y', () => {
    const { forward } = sequenceCase({ ...SHAPE, cell, mask: 'holes', zeroOutput: true, initialState: true }, new RandomArrays(2));
    callReference('sequenceForward', forward);
    const { steps: T, batch: B, units: H, h, initialH } = forward;
    let masked = 0;
    for (let n = 0; n < T * B; n++) {
      const present = [...h.subarray(n * H, (n + 1) * H)];
      const output = [...(forward.y?.subarray(n * H, (n + 1) * H) ?? [])];
      if (forward.mask?.[n]) {
        expect(output).toEqual(present);
        continue;
      }
      masked++;
      const previous = n < B ? initialH?.subarray(n * H, (n + 1) * H) : h.subarray((n - B) * H, (n - B + 1) * H);
      expect(present).toEqual([...(previous ?? [])]);
      expect(output).toEqual(new Array(H).fill(0));
    }
    expect(masked).toBeGreaterThan(0);
    expect(masked).toBeLessThan(T * B);
  });

  test('reversed, gives what the reversed input gives', () => {
    const { forward } = sequenceCase({ ...SHAPE, cell, mask: 'left' }, new RandomArrays(3));
    const { steps: T, batch: B, features: D } = forward;
    const x = new Float64Array(T * B * D);
    const mask = new Int32Array(T * B);
    for (let t = 0; t < T; t++) {
      x.set(forward.x?.subarray(t * B * D, (t + 1) * B * D) ?? [], (T - 1 - t) * B * D);
      mask.set(forward.mask?.subarray(t * B, (t + 1) * B) ?? [], (T - 1 - t) * B);
    }
    const reversed = { ...forward, x, mask, reverse: 1, h: unwritten(forward.h.length) };
    callReference('sequenceForward', forward);
    callReference('sequenceForward', reversed);
    expect(reversed.h).toEqual(forward.h);
  });

  test('reads ids as one-hot rows, and ids into a table as its rows', () => {
    for (const input of ['ids', 'table'] as const) {
      const { forward } = sequenceCase({ ...SHAPE, cell, input }, new RandomArrays(4));
      const { steps: T, batch: B, features: D, table } = forward;
      const x = new Float64Array(T * B * D);
      forward.ids?.forEach((id, n) => {
        if (table) x.set(table.subarray(id * D, (id + 1) * D), n * D);
        else x[n * D + id] = 1;
      });
      const dense = { ...forward, x, ids: null, table: null, h: unwritten(forward.h.length) };
      callReference('sequenceForward', forward);
      callReference('sequenceForward', dense);
      expectClose(forward.h, dense.h, ROUNDING, `h from ${input}`);
    }
  });

  test('continues from the last state as if the sequence had not been cut', () => {
    const { forward } = sequenceCase({ ...SHAPE, cell }, new RandomArrays(5));
    callReference('sequenceForward', forward);
    const { batch: B, features: D, units: H } = forward;
    const second = {
      ...forward,
      ...{ steps: 2, hSteps: 2, cSteps: 2 },
      x: forward.x?.subarray(2 * B * D),
      initialH: forward.h.slice(B * H, 2 * B * H),
      initialC: forward.c?.slice(B * H, 2 * B * H),
      saved: unwritten(forward.saved.length / 2),
      h: unwritten(2 * B * H),
      c: forward.c && unwritten(2 * B * H),
    };
    callReference('sequenceForward', second);
    expect(second.h).toEqual(forward.h.slice(2 * B * H));
  });

  test('without a backward pass gives the same outputs and last states, whatever of them it keeps', () => {
    const setting = { ...SHAPE, cell, mask: 'holes', zeroOutput: true, initialState: true } as const;
    const { forward } = sequenceCase(setting, new RandomArrays(6));
    callReference('sequenceForward', forward);
    const last = (forward.steps - 1) * forward.batch * forward.units;
    for (const keep of ['all', 'last'] as const) {
      const alone = withoutBackward(forward, keep);
      callReference('sequenceForward', alone);
      expect(alone.y).toEqual(forward.y);
      expect(alone.h).toEqual(keep === 'all' ? forward.h : forward.h.slice(last));
      expect(alone.c).toEqual(forward.c?.slice(last) ?? null);
    }
  });
});
