import { provideClasses } from '../core/registerClass.ts';
import * as moreLayers from '../layers/moreLayers.ts';
import { MORE_LAYERS } from '../layers/registry.ts';
import { MORE_CLASSES } from '../model/allClasses.ts';
import * as moreClasses from '../model/moreClasses.ts';
import { SAVED_FILES } from '../model/savedFilesPart.ts';
import * as callbackFiles from './callbacks/callbackFiles.ts';
import { CALLBACK_FILES } from './callbacks/callbackFilesPart.ts';
import * as savedModel from './savedModel.ts';

/** Gives models the code of saved files and all classes, so that they need not wait for it. */
export function provideFormats(): void {
  MORE_LAYERS.provide(moreLayers);
  MORE_CLASSES.provide(moreClasses);
  provideClasses(moreClasses.MORE_CLASSES);
  SAVED_FILES.provide(savedModel);
  CALLBACK_FILES.provide(callbackFiles);
}
