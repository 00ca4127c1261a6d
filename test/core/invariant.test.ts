import { expect, test } from 'vitest';
import { invariant } from '../../ts/core/invariant.ts';
import { InternalError } from '../../ts/index.ts';

test('what does not hold is an InternalError with its code', () => {
  invariant(1, 'holds');
  expect(() => invariant(null, 'a chain has one input')).toThrow(InternalError);
  expect(() => invariant(0, 'text')).toThrow(expect.objectContaining({ code: 'INTERNAL', message: 'text' }));
});
