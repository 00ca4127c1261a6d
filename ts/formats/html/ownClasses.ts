import { isRegisteredName } from '../../core/registerClass.ts';

/** Fields of configurations that can name a custom function. */
const NAMING = /^className$|(?:activation|initializer|regularizer|constraint|standardize|split)$/i;

/**
 * The first registered name of a class or a custom function in the configuration of layers;
 * null for none.
 */
export function ownClassIn(config: unknown): string | null {
  if (typeof config !== 'object' || config === null || ArrayBuffer.isView(config)) return null;
  for (const [field, value] of Object.entries(config)) {
    const found = NAMING.test(field) && isRegisteredName(value) ? value : ownClassIn(value);
    if (found !== null) return found;
  }
  return null;
}
