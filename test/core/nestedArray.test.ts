import { expect, test } from 'vitest';
import { fillNested, type NestedArray, nestedShape } from '../../ts/core/nestedArray.ts';

test.each<[string, NestedArray, RegExp]>([
  ['ids', [[1, 2, 3], [1]], /^x\[1\] has 1 elements where x\[0\] has 3: x is ragged\. padSequences pads sequences of ids to one length$/],
  [
    'series',
    [[[1], [2]], [[1]]],
    /^x\[1\] has 1 elements where x\[0\] has 2: x is ragged\. padSequences with dtype 'float32' pads series /,
  ],
  [
    'features',
    [
      [[1], [2]],
      [[1], [2, 3]],
    ],
    /^x\[1\]\[1\] has 2 elements where x\[0\]\[0\] has 1: x is ragged/,
  ],
])('%s of different lengths: says which, and what to do', (_, x, message) => {
  const shape = nestedShape(x, 'x');
  const size = shape.reduce((product, length) => product * length, 1);
  expect(() => fillNested(x, shape, new Float64Array(size), 0, size, 'x')).toThrow(message);
});
