import { CELLS } from '../kernels.generated.ts';
import type { Cell, CellGradientRow, CellRow } from './cell.ts';
import { activate, derivative } from './pointwise.ts';

/**
 * The gated recurrent unit (Cho et al. 2014), Keras' gate order z, r, candidate. With the input
 * projection `x = x·K + b` and the recurrent projection m, the gates' activation σ and the
 * activation a:
 *
 *     z = σ(x_z + m_z)   r = σ(x_r + m_r)
 *     n = a(x_n + r * m_n)              reset after the product: m = h·R + b_recurrent   (Keras' default)
 *     n = a(x_n + m_n)                  reset before it:         m_n = (r * h)·R_n
 *     h' = z * h + (1 - z) * n
 *
 * See <https://keras.io/api/layers/recurrent_layers/gru/>. Saved: z, r, n, and with reset after
 * also m_n.
 */
export const gru: Cell = {
  gates: CELLS.gru.gates,
  saved: CELLS.gru.saved,
  states: CELLS.gru.states,
  recurrentBias: true,

  forward({ units: H, activation: a, recurrentActivation: σ, input, recurrent, previousH, h, saved }: CellRow): void {
    for (let j = 0; j < H; j++) {
      const z = activate(σ, input[j] + recurrent[j]);
      const r = activate(σ, input[H + j] + recurrent[H + j]);
      const m = recurrent[2 * H + j];
      const n = activate(a, input[2 * H + j] + r * m);
      h[j] = z * previousH[j] + (1 - z) * n;
      saved[j] = z;
      saved[H + j] = r;
      saved[2 * H + j] = n;
      saved[3 * H + j] = m;
    }
  },

  backward(row: CellGradientRow): void {
    const { units: H, activation: a, recurrentActivation: σ, previousH, saved, dH, dInput, dRecurrent, dPreviousH } = row;
    for (let j = 0; j < H; j++) {
      const z = saved[j];
      const r = saved[H + j];
      const n = saved[2 * H + j];
      const m = saved[3 * H + j];
      const dN = dH[j] * (1 - z) * derivative(a, n);
      dInput[j] = dH[j] * (previousH[j] - n) * derivative(σ, z);
      dInput[H + j] = dN * m * derivative(σ, r);
      dInput[2 * H + j] = dN;
      dRecurrent[j] = dInput[j];
      dRecurrent[H + j] = dInput[H + j];
      dRecurrent[2 * H + j] = dN * r;
      dPreviousH[j] = dH[j] * z;
    }
  },
};

/** {@link gru} with the reset before the recurrent product (Keras' `reset_after=False`). */
export const gruResetBefore: Cell = {
  gates: CELLS.gruResetBefore.gates,
  saved: CELLS.gruResetBefore.saved,
  states: CELLS.gruResetBefore.states,
  recurrentBias: false,

  forward({ units: H, activation: a, recurrentActivation: σ, input, recurrent, previousH, h, saved }: CellRow): void {
    for (let j = 0; j < H; j++) {
      const z = activate(σ, input[j] + recurrent[j]);
      const n = activate(a, input[2 * H + j] + recurrent[2 * H + j]);
      h[j] = z * previousH[j] + (1 - z) * n;
      saved[j] = z;
      saved[2 * H + j] = n;
    }
  },

  backward(row: CellGradientRow): void {
    const { units: H, activation: a, recurrentActivation: σ, previousH, saved, dH, dInput, dRecurrent, dPreviousH } = row;
    for (let j = 0; j < H; j++) {
      const z = saved[j];
      const n = saved[2 * H + j];
      dInput[j] = dH[j] * (previousH[j] - n) * derivative(σ, z);
      dInput[2 * H + j] = dH[j] * (1 - z) * derivative(a, n);
      dRecurrent[j] = dInput[j];
      dRecurrent[2 * H + j] = dInput[2 * H + j];
      dPreviousH[j] = dH[j] * z;
    }
  },

  reset: {
    forward({ units: H, recurrentActivation: σ, input, recurrent, previousH, resetH, saved }: CellRow): void {
      for (let j = 0; j < H; j++) {
        const r = activate(σ, input[H + j] + recurrent[H + j]);
        resetH[j] = r * previousH[j];
        saved[H + j] = r;
      }
    },

    restore({ units: H, previousH, resetH, saved }: CellRow): void {
      for (let j = 0; j < H; j++) resetH[j] = saved[H + j] * previousH[j];
    },

    backward({ units: H, recurrentActivation: σ, previousH, saved, dResetH, dInput, dRecurrent, dPreviousH }: CellGradientRow): void {
      for (let j = 0; j < H; j++) {
        const r = saved[H + j];
        dInput[H + j] = dResetH[j] * previousH[j] * derivative(σ, r);
        dRecurrent[H + j] = dInput[H + j];
        dPreviousH[j] += dResetH[j] * r;
      }
    },
  },
};
