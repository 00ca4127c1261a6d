// `backtime/training`: all that models train and run with, imported statically. Service workers need
// it, because import() is forbidden there.
import * as batchCalls from './model/batchCalls.ts';
import * as calls from './model/calls.ts';
import { CALLS } from './model/callsPart.ts';
import { BATCH_CALLS, GROUPED_CALLS, OWN_DATA } from './model/dataParts.ts';
import * as groupedCalls from './model/groupedCalls.ts';
import * as keptRun from './model/keptRun.ts';
import { KEPT_RUN } from './model/keptRunPart.ts';
import * as ownData from './model/ownData.ts';
import * as ownSteps from './model/ownSteps.ts';
import { OWN_STEPS } from './model/ownStepsPart.ts';
import { provideEngines } from './model/provideEngines.ts';
import { PACKED } from './program/packedPart.ts';
import * as packedWeights from './program/packedWeights.ts';

provideEngines();
PACKED.provide(packedWeights);
CALLS.provide(calls);
BATCH_CALLS.provide(batchCalls);
GROUPED_CALLS.provide(groupedCalls);
OWN_DATA.provide(ownData);
KEPT_RUN.provide(keptRun);
OWN_STEPS.provide(ownSteps);
