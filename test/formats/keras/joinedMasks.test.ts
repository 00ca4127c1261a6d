import { afterEach, describe, expect, test } from 'vitest';
import { FormatError } from '../../../ts/core/errors.ts';
// All classes of layers.
import '../../../ts/formats/entry.ts';
import { kerasObject } from '../../../ts/formats/keras/kerasObject.ts';
import { readingOf } from '../../../ts/formats/keras/readLayer.ts';
import { readModel } from '../../../ts/formats/keras/readModel.ts';
import { setWarningHandler } from '../../../ts/index.ts';
import { caught, expectError } from '../../support/refusals.ts';

// Masks of several inputs: Keras before 3.4 joins them otherwise than Keras 3.4 and Backtime.

afterEach(() => setWarningHandler(null));

/** An output of a layer with its shape, as files of Keras 3 name it. */
const tensor = (name: string, shape: readonly (number | null)[]) => ({
  class_name: '__keras_tensor__',
  config: { shape, dtype: 'float32', keras_history: [name, 0, 0] },
});

const MASKED = { mask_zero: true };
const IDS = [null, 4];
const VALUES = [null, 4, 2];

type Layers = readonly Readonly<Record<string, unknown>>[];

const layer = (
  className: string,
  name: string,
  config: object,
  args: readonly unknown[],
  kwargs: object = {},
  module = 'keras.layers',
) => ({
  module,
  class_name: className,
  name,
  config: { name, ...config },
  inbound_nodes: args.length > 0 ? [{ args, kwargs }] : [],
});
const op = (className: string, name: string, args: readonly unknown[], config: object = {}) =>
  layer(className, name, config, args, {}, 'keras.src.ops.numpy');

const input = (name: string, dtype = 'int32') => layer('InputLayer', name, { batch_shape: IDS, dtype }, []);
const embedding = (name: string, ids: string, config: object) =>
  layer('Embedding', name, { input_dim: 5, output_dim: 2, ...config }, [tensor(ids, IDS)]);

/** Two embeddings, first and second, and whether an id of `a` and of `b` is not 0. */
const embeddings = (first: object, second: object): Layers => [
  input('a'),
  input('b'),
  embedding('first', 'a', first),
  embedding('second', 'b', second),
  op('NotEqual', 'maskA', [tensor('a', IDS), 0]),
  op('NotEqual', 'maskB', [tensor('b', IDS), 0]),
];
const merge = (className: string, name: string, config: object = {}) =>
  layer(className, name, config, [[tensor('first', VALUES), tensor('second', VALUES)]]);

const read = (layers: Layers, output: string, keras: string) => {
  const config = {
    name: 'sums',
    layers,
    input_layers: [
      ['a', 0, 0],
      ['b', 0, 0],
    ],
    output_layers: [[output, 0, 0]],
  };
  return readModel(kerasObject({ module: 'keras', class_name: 'Functional', config }, 'config.json'), readingOf(keras));
};

/** What is warned of when a merge of two embeddings is read. */
function warnings(name: string, keras: string, first: object, second: object, className = 'Add', config: object = {}): string[] {
  const found: string[] = [];
  setWarningHandler((message) => found.push(message));
  read([...embeddings(first, second), merge(className, name, config)], name, keras);
  return found;
}

test.each([
  ['two masks of Keras 2', '2.15.0', MASKED, MASKED, 'Add'],
  ['a mask and none of Keras 2', '2.15.0', MASKED, {}, 'Add'],
  ['two masks of Keras 3.3', '3.3.3', MASKED, MASKED, 'Maximum'],
  ['two masks side by side of Keras 2', '2.15.0', MASKED, MASKED, 'Concatenate'],
  ['a mask and none side by side of Keras 3.0', '3.0.5', {}, MASKED, 'Concatenate'],
])('%s are joined with a warning that names the layer', (name, keras, first, second, className) => {
  expect(warnings(name, keras, first, second, className)).toEqual([
    expect.stringMatching(new RegExp(`^layer ${name} \\(${className}\\) joins inputs of different masks`)),
  ]);
});

test.each([
  ['no masks', '2.15.0', {}, {}, 'Add', {}],
  ['sequences one after the other', '2.15.0', MASKED, MASKED, 'Concatenate', { axis: 1 }],
  ['masks of Keras 3.4', '3.4.1', MASKED, MASKED, 'Add', {}],
  ['masks of Keras 3.15', '3.15.1', MASKED, MASKED, 'Concatenate', {}],
])('%s are joined without one', (name, keras, first, second, className, config) => {
  expect(warnings(`plain ${name}`, keras, first, second, className, config)).toEqual([]);
});

test('the warning is given for each file, and once for a layer of it', () => {
  const name = 'sum of two files';
  for (let file = 0; file < 2; file++) expect(warnings(name, '2.15.0', MASKED, MASKED)).toHaveLength(1);
});

test('layers that Keras computed in another type are warned of for each file, once', () => {
  const halves = [
    input('a'),
    input('b'),
    embedding('first', 'a', { dtype: 'mixed_float16' }),
    embedding('second', 'b', { dtype: 'float64' }),
  ];
  const found: string[] = [];
  setWarningHandler((message) => found.push(message));
  for (let file = 0; file < 2; file++) read([...halves, merge('Add', 'sum')], 'sum', '3.15.1');
  expect(found).toEqual(Array(2).fill(expect.stringMatching(/^layer first \(Embedding\) was computed in mixed_float16 in Keras/)));
});

/** A GRU over a merge, given the mask that is called `mask`. */
const masked = (className: string, masks: Layers, config: object = {}, first: object = MASKED, second: object = MASKED): Layers => [
  ...embeddings(first, second),
  merge(className, 'joined', config),
  ...masks,
  layer('GRU', 'gru', { units: 2 }, [tensor('joined', VALUES)], { mask: tensor('mask', IDS) }),
];
const both = [tensor('maskA', IDS), tensor('maskB', IDS)];
const TRUTHS = [null, 4, 1];
const side = (from: string, name: string) => [
  op('ExpandDims', `${name}One`, [tensor(from, IDS)], { axis: -1 }),
  op('ZerosLike', `${name}None`, [tensor('first', VALUES)]),
  op('LogicalOr', name, [tensor(`${name}One`, TRUTHS), tensor(`${name}None`, VALUES)]),
];
const sides = [...side('maskA', 'sideA'), ...side('maskB', 'sideB')];
const besides = [tensor('sideA', VALUES), tensor('sideB', VALUES)];
const stacked = (axis: number) => [
  op('ExpandDims', 'frontA', [tensor('maskA', IDS)], { axis }),
  op('ExpandDims', 'frontB', [tensor('maskB', IDS)], { axis }),
  op('Concatenate', 'front', [[tensor('frontA', []), tensor('frontB', [])]], { axis }),
];

const READ: readonly (readonly [string, Layers])[] = [
  ['or of two', masked('Add', [op('LogicalOr', 'mask', both)])],
  [
    'any of two side by side',
    masked('Concatenate', [
      ...sides,
      op('Concatenate', 'two', [besides], { axis: -1 }),
      op('Any', 'mask', [tensor('two', [])], { axis: -1 }),
    ]),
  ],
  ['any along the axis in front', masked('Add', [...stacked(0), op('Any', 'mask', [tensor('front', [])], { axis: [0] })])],
  [
    'steps one after the other',
    masked(
      'Concatenate',
      [...sides, op('Concatenate', 'two', [besides], { axis: 1 }), op('Any', 'mask', [tensor('two', [])], { axis: -1 })],
      { axis: 1 },
    ),
  ],
  [
    'all of one and the same',
    masked('Add', [
      op('LogicalAnd', 'one', [tensor('maskA', IDS), tensor('maskA', IDS)]),
      op('LogicalOr', 'mask', [tensor('one', IDS), tensor('maskB', IDS)]),
    ]),
  ],
  [
    'what another one makes superfluous',
    masked('Add', [
      op('LogicalAnd', 'and', both),
      op('LogicalOr', 'or', both),
      op('LogicalOr', 'mask', [tensor('and', IDS), tensor('or', IDS)]),
    ]),
  ],
  [
    'ones beside a value without a mask',
    masked(
      'Add',
      [op('OnesLike', 'ones', [tensor('b', IDS)]), op('LogicalOr', 'mask', [tensor('maskA', IDS), tensor('ones', IDS)])],
      {},
      MASKED,
      {},
    ),
  ],
];

test.each(READ)('a mask that is the %s is the layers’ own', (_, layers) => {
  const { config } = read(layers, 'gru', '3.15.1');
  const { nodes } = config.graph as unknown as { nodes: readonly { mask: boolean; inputs: readonly unknown[] }[] };
  expect(nodes.map(({ mask }) => mask)).toEqual(nodes.map(() => false));
  expect(nodes.at(-1)?.inputs).toHaveLength(1);
});

const REFUSED: readonly (readonly [string, Layers])[] = [
  ['and of two', masked('Add', [op('LogicalAnd', 'mask', both)])],
  ['all of two along the axis in front', masked('Add', [...stacked(0), op('All', 'mask', [tensor('front', [])], { axis: 0 })])],
  [
    'all of two side by side',
    masked('Concatenate', [
      ...sides,
      op('Concatenate', 'two', [besides], { axis: -1 }),
      op('All', 'mask', [tensor('two', [])], { axis: -1 }),
    ]),
  ],
  [
    'steps of two in the other order',
    masked(
      'Concatenate',
      [...sides, op('Concatenate', 'two', [[...besides].reverse()], { axis: 1 }), op('Any', 'mask', [tensor('two', [])], { axis: -1 })],
      { axis: 1 },
    ),
  ],
  ['any along the steps', masked('Add', [...stacked(0), op('Any', 'mask', [tensor('front', [])], { axis: 1 })])],
  ['first of the two', masked('Add', [op('LogicalOr', 'mask', [tensor('maskA', IDS), tensor('maskA', IDS)])])],
  ['mask of the first beside a value without one', masked('Concatenate', [op('Cast', 'mask', [tensor('maskA', IDS)])], {}, MASKED, {})],
  [
    'all features of values',
    masked('Masking', [op('NotEqual', 'other', [tensor('first', VALUES), 0]), op('All', 'mask', [tensor('other', VALUES)], { axis: -1 })]),
  ],
];

test.each(REFUSED)('a mask that is the %s is refused', async (_, layers) => {
  expectError(await caught(() => read(layers, 'gru', '3.15.1')), FormatError, /layer gru \(GRU\) is given a mask that is computed/);
});

test('a mask of many masks is refused in bounded time', async () => {
  // Thirty conjunctions of disjunctions of two inputs each would have 2 ** 30 terms.
  const pairs = Array.from({ length: 30 }, (_, index) => [
    op('NotEqual', `x${index}`, [tensor('a', IDS), index + 1]),
    op('NotEqual', `y${index}`, [tensor('b', IDS), index + 1]),
    op('LogicalOr', `or${index}`, [tensor(`x${index}`, IDS), tensor(`y${index}`, IDS)]),
    op('LogicalAnd', `and${index}`, [tensor(index === 0 ? 'maskA' : `and${index - 1}`, IDS), tensor(`or${index}`, IDS)]),
  ]).flat();
  const layers = masked('Add', [...pairs, op('Cast', 'mask', [tensor('and29', IDS)])]);
  expectError(await caught(() => read(layers, 'gru', '3.15.1')), FormatError, /layer gru \(GRU\) is given a mask that is computed/);
});

test.each([
  ['follows a mask', MASKED, {}, '3.15.1', 1],
  ['has no mask', {}, {}, '3.15.1', 0],
  ['is given the mask', MASKED, { mask: tensor('maskA', IDS) }, '3.15.1', 0],
  ['is of Keras 2, which hands the mask on', MASKED, {}, '2.15.0', 0],
])('a layer with initial states that %s', (name, config, more, keras, count) => {
  const found: string[] = [];
  setWarningHandler((message, code) => found.push(`${code}: ${message}`));
  const states = [layer('GlobalAveragePooling1D', 'mean', {}, [tensor('second', VALUES)])];
  const kwargs = { initial_state: [tensor('mean', [null, 2])], ...more };
  const gru = layer('GRU', `gru ${name}`, { units: 2 }, [tensor('first', VALUES)], kwargs);
  read([...embeddings(config, {}), ...states, gru], `gru ${name}`, keras);
  const expected = expect.stringMatching(new RegExp(`^MASK_FOLLOWED: layer gru ${name} \\(GRU\\) takes initial states`));
  expect(found).toEqual(new Array(count).fill(expected));
});

describe('masks whose formulas would grow with each layer', () => {
  const sequence = (name: string, steps: number) => tensor(name, [null, steps, 2]);
  const lstm = (input: unknown, kwargs: object = {}) => layer('LSTM', 'lstm', { units: 2 }, [input], kwargs);

  // Each level has the mask of the level below twice.
  test('sequences one after the other, twice at each of thirty levels', () => {
    const levels = Array.from({ length: 30 }, (_, level) => {
      const below = level === 0 ? sequence('first', 4) : sequence(`level${level - 1}`, 4 * 2 ** level);
      return layer('Concatenate', `level${level}`, { axis: 1 }, [[below, below]]);
    });
    const { layers } = read([...embeddings(MASKED, MASKED), ...levels, lstm(sequence('level29', 2 ** 32))], 'lstm', '3.15.1').config;
    expect(layers).toHaveLength(34);
  });

  test('a mask joined with itself sixty times is the input that it was', () => {
    const joined = Array.from({ length: 60 }, (_, level) => {
      const below = tensor(level === 0 ? 'b' : `and${level - 1}`, IDS);
      return op('LogicalAnd', `and${level}`, [below, below]);
    });
    const all = [
      input('a'),
      input('b', 'bool'),
      embedding('first', 'a', {}),
      ...joined,
      lstm(tensor('first', VALUES), { mask: tensor('and59', IDS) }),
    ];
    const { graph } = read(all, 'lstm', '3.15.1').config;
    const { nodes } = graph as unknown as { nodes: readonly { mask: boolean; inputs: readonly (readonly [number, number])[] }[] };
    // The input b is the second node, its embedding is left out.
    expect(nodes.at(-1)).toMatchObject({ mask: true, inputs: [expect.anything(), [1, 0]] });
  });
});
