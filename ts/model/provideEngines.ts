import * as wasm from '../backend/wasm/load.ts';
import { WIDE } from '../backend/wasm/widePart.ts';
import * as wideVectors from '../backend/wasm/wideVectors.ts';
import { WASM } from '../backend/wasmPart.ts';
import * as emission from '../layers/emission.ts';
import { EMISSION, MORE_EMISSION } from '../layers/emissionPart.ts';
import * as moreEmission from '../layers/moreEmission.ts';
import * as lossEmission from '../objective/emission.ts';
import { LOSS_EMISSION } from '../objective/emissionPart.ts';
import * as rowLosses from '../objective/rowLossCalls.ts';
import { ROW_LOSSES } from '../objective/rowLossesPart.ts';
import * as engines from './engines.ts';
import { ENGINES } from './enginesPart.ts';
import * as generation from './generation.ts';
import { GENERATION } from './generationPart.ts';

/** Gives models the code that computes, so that in Node they need not wait for it. */
export function provideEngines(): void {
  WASM.provide(wasm);
  WIDE.provide(wideVectors);
  EMISSION.provide(emission);
  MORE_EMISSION.provide(moreEmission);
  LOSS_EMISSION.provide(lossEmission);
  ROW_LOSSES.provide(rowLosses);
  ENGINES.provide(engines);
  GENERATION.provide(generation);
}
