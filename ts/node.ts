// `backtime` in Node, where what may not be awaited works from the beginning: the code that
// computes is there, so that a backend loads without waiting, and the classes that `fromState` may
// need.
import { provideFormats } from './formats/provideFormats.ts';
import { provideEngines } from './model/provideEngines.ts';
import { PACKED } from './program/packedPart.ts';
import * as packedWeights from './program/packedWeights.ts';

export * from './index.ts';

provideFormats();
provideEngines();
PACKED.provide(packedWeights);
