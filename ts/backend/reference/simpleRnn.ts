import { CELLS } from '../kernels.generated.ts';
import type { Cell, CellGradientRow, CellRow } from './cell.ts';
import { activate, derivative } from './pointwise.ts';

/** `h' = a(x·K + h·R + b)`. See <https://keras.io/api/layers/recurrent_layers/simple_rnn/>. */
export const simpleRnn: Cell = {
  gates: CELLS.simpleRnn.gates,
  saved: CELLS.simpleRnn.saved,
  states: CELLS.simpleRnn.states,
  recurrentBias: false,

  forward({ units: H, activation, input, recurrent, h, saved }: CellRow): void {
    for (let j = 0; j < H; j++) {
      h[j] = activate(activation, input[j] + recurrent[j]);
      saved[j] = h[j];
    }
  },

  backward({ units: H, activation, saved, dH, dInput, dRecurrent, dPreviousH }: CellGradientRow): void {
    for (let j = 0; j < H; j++) {
      dInput[j] = dH[j] * derivative(activation, saved[j]);
      dPreviousH[j] = 0;
    }
    dRecurrent.set(dInput);
  },
};
