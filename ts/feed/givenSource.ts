import { ArgumentError } from '../core/errors.ts';
import { type Source, sourceOf, type TensorLike } from '../core/tensor.ts';

/**
 * The shape and the values of data, as `sourceOf`, with the remedy for what is often given in
 * place of numbers.
 * @param isTarget whether it holds targets, so that texts are classes
 * @throws the errors of `sourceOf`
 */
export function givenSource(value: TensorLike, argument: string, isTarget = false): Source {
  try {
    return sourceOf(value, argument);
  } catch (error) {
    // Only arrays whose end was found: others may contain themselves.
    const remedy = error instanceof ArgumentError ? remedyFor(value, isTarget) : '';
    throw remedy === '' ? error : new ArgumentError(`${(error as ArgumentError).message}: ${remedy}`, { cause: error });
  }
}

function remedyFor(value: unknown, isTarget: boolean): string {
  let first = value;
  while (Array.isArray(first)) first = first[0];
  if (typeof first === 'string')
    return isTarget
      ? "make numbers of the classes: a table's classes(name).labels, or new StringLookup({ numOovIndices: 0 }); toCategorical makes one-hot rows of them"
      : 'begin the model with TextVectorization or StringLookup, or give the numbers of the texts';
  // A tensor that is wrong has an error of its own.
  if (typeof first !== 'object' || first === null || ArrayBuffer.isView(first) || 'data' in first) return '';
  if ('matrix' in first) return 'a table gives numbers by matrix(names), numbers(name) and classes(name)';
  const keys = Object.keys(first).slice(0, 3);
  const isName = keys.length > 0 && keys.every((key) => /^[A-Za-z_$][\w$]{0,30}$/.test(key));
  return isName ? `make an array of each record, rows.map(({ ${keys.join(', ')} }) => [${keys.join(', ')}])` : '';
}
