// `backtime` in Node, where what may not be awaited works from the beginning: the code that
// computes is there, so that a backend loads without waiting, and the classes that `fromState` may
// need.
import * as calls from './model/calls.ts';
import { CALLS } from './model/callsPart.ts';
import { provideAllClasses } from './model/provideAllClasses.ts';
import { provideEngines } from './model/provideEngines.ts';
import { PACKED } from './program/packedPart.ts';
import * as packedWeights from './program/packedWeights.ts';

export * from './index.ts';

provideAllClasses();
provideEngines();
CALLS.provide(calls);
PACKED.provide(packedWeights);
