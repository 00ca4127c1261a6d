import { provideClasses } from '../core/registerClass.ts';
import * as moreLayers from '../layers/moreLayers.ts';
import { MORE_LAYERS } from '../layers/registry.ts';
import { MORE_CLASSES } from './allClasses.ts';
import * as moreClasses from './moreClasses.ts';

/** Gives models all classes, so that `fromState` need not wait for them. */
export function provideAllClasses(): void {
  MORE_LAYERS.provide(moreLayers);
  MORE_CLASSES.provide(moreClasses);
  provideClasses(moreClasses.MORE_CLASSES);
}
