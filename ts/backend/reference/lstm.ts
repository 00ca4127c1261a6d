import { CELLS } from '../kernels.generated.ts';
import type { Cell, CellGradientRow, CellRow } from './cell.ts';
import { activate, derivative } from './pointwise.ts';

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al.
 * 2000), Keras' gate order i, f, g, o (Keras calls g "c"). With `z = x·K + h·R + b`, the gates'
 * activation σ and the activation a:
 *
 *     i = σ(z_i)   f = σ(z_f)   g = a(z_g)   o = σ(z_o)
 *     c' = f * c + i * g
 *     h' = o * a(c')
 *
 * See <https://keras.io/api/layers/recurrent_layers/lstm/>. Saved: i, f, g, o.
 */
export const lstm: Cell = {
  gates: CELLS.lstm.gates,
  saved: CELLS.lstm.saved,
  states: CELLS.lstm.states,
  recurrentBias: false,

  forward({ units: H, activation: a, recurrentActivation: σ, input, recurrent, previousC, h, c, saved }: CellRow): void {
    for (let j = 0; j < H; j++) {
      const i = activate(σ, input[j] + recurrent[j]);
      const f = activate(σ, input[H + j] + recurrent[H + j]);
      const g = activate(a, input[2 * H + j] + recurrent[2 * H + j]);
      const o = activate(σ, input[3 * H + j] + recurrent[3 * H + j]);
      c[j] = f * previousC[j] + i * g;
      h[j] = o * activate(a, c[j]);
      saved[j] = i;
      saved[H + j] = f;
      saved[2 * H + j] = g;
      saved[3 * H + j] = o;
    }
  },

  backward(row: CellGradientRow): void {
    const {
      units: H,
      activation: a,
      recurrentActivation: σ,
      previousC,
      c,
      saved,
      dH,
      dC,
      dInput,
      dRecurrent,
      dPreviousH,
      dPreviousC,
    } = row;
    for (let j = 0; j < H; j++) {
      const i = saved[j];
      const f = saved[H + j];
      const g = saved[2 * H + j];
      const o = saved[3 * H + j];
      const activatedC = activate(a, c[j]);
      const dCell = dC[j] + dH[j] * o * derivative(a, activatedC);
      dInput[j] = dCell * g * derivative(σ, i);
      dInput[H + j] = dCell * previousC[j] * derivative(σ, f);
      dInput[2 * H + j] = dCell * i * derivative(a, g);
      dInput[3 * H + j] = dH[j] * activatedC * derivative(σ, o);
      dPreviousC[j] = dCell * f;
      dPreviousH[j] = 0;
    }
    dRecurrent.set(dInput);
  },
};
