import { LazyPart } from '../core/lazyPart.ts';

/** The code of saved files. It loads with the first file. */
export const SAVED_FILES = /* @__PURE__ */ new LazyPart(
  'saved models',
  'backtime/formats',
  // biome-ignore lint/style/noRestrictedImports: formats load when they are used, so the default import stays small
  () => import('../formats/savedModel.ts'),
);
