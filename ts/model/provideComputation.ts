import * as wasm from '../backend/wasm/load.ts';
import { WASM } from '../backend/wasmPart.ts';
import * as emitRecurrent from '../layers/emitRecurrent.ts';
import { RECURRENT_EMISSION } from '../layers/recurrentEmission.ts';
import * as computation from './computation.ts';
import { COMPUTATION } from './computationPart.ts';

/** Gives models the code that computes, so that in Node they need not wait for it. */
export function provideComputation(): void {
  WASM.provide(wasm);
  RECURRENT_EMISSION.provide(emitRecurrent);
  COMPUTATION.provide(computation);
}
