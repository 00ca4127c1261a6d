import { afterEach, expect, test } from 'vitest';
// All classes of layers.
import '../../../ts/formats/entry.ts';
import { kerasObject } from '../../../ts/formats/keras/kerasObject.ts';
import { readModel } from '../../../ts/formats/keras/readModel.ts';
import { setWarningHandler } from '../../../ts/index.ts';

// Keras 2 joins the masks of the inputs of Add otherwise than Keras 3 and Backtime.

afterEach(() => setWarningHandler(null));

const layer = (className: string, name: string, config: object, inbound: readonly string[]) => ({
  class_name: className,
  name,
  config: { name, ...config },
  inbound_nodes: inbound.length > 0 ? [inbound.map((input) => [input, 0, 0, {}])] : [],
});

/** What is warned of when a sum of two embeddings is read. */
function warnings(sum: string, version: 2 | 3, first: object, second: object): string[] {
  const input = { batch_input_shape: [null, 4], dtype: 'int32' };
  const config = {
    name: 'sums',
    layers: [
      layer('InputLayer', 'a', input, []),
      layer('InputLayer', 'b', input, []),
      layer('Embedding', 'first', { input_dim: 5, output_dim: 2, ...first }, ['a']),
      layer('Embedding', 'second', { input_dim: 5, output_dim: 2, ...second }, ['b']),
      layer('Add', sum, {}, ['first', 'second']),
    ],
    input_layers: [
      ['a', 0, 0],
      ['b', 0, 0],
    ],
    output_layers: [[sum, 0, 0]],
  };
  const found: string[] = [];
  setWarningHandler((message) => found.push(message));
  readModel(kerasObject({ class_name: 'Functional', config }, 'model_config'), { version });
  return found;
}

const MASKED = { mask_zero: true };

test.each([
  ['two masks', MASKED, MASKED],
  ['a mask and none', MASKED, {}],
])('a sum of %s of Keras 2 is read with a warning that names the layer', (name, first, second) => {
  const sum = `sum of ${name}`;
  expect(warnings(sum, 2, first, second)).toEqual([
    expect.stringMatching(new RegExp(`^layer ${sum} \\(Add\\) joins inputs of different masks`)),
  ]);
});

test('a sum without masks is not', () => {
  expect(warnings('plain', 2, {}, {})).toEqual([]);
});
