import { booleanOption } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';

/**
 * The option `header` of readers: whether a row holds names, or how many do.
 * @throws {ArgumentError} when it is none of these
 */
export function headerOption(given: boolean | number | 'auto', owner: string): boolean | number | 'auto' {
  if (given === 'auto') return given;
  return typeof given === 'number' ? positiveInteger(given, `${owner}: header`) : booleanOption(given, true, `${owner}: header`);
}
