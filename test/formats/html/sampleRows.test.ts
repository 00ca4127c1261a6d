import { describe, expect, test } from 'vitest';
import { answerTable } from '../../../ts/formats/html/answerTable.ts';
import { ownClassIn } from '../../../ts/formats/html/ownClasses.ts';
import { sampleHint } from '../../../ts/formats/html/sampleHint.ts';
import { samplesOf, textsOf } from '../../../ts/formats/html/sampleRows.ts';
import {
  CategoryEncoding,
  Dense,
  Discretization,
  Embedding,
  Input,
  IntegerLookup,
  type Layer,
  Model,
  modelToBytes,
  Sequential,
} from '../../../ts/index.ts';
import { type InferenceInput, type InputsLike, loadModel, type Tensor } from '../../../ts/inference.ts';

const input = (shape: readonly (number | null)[], isIds = false) => ({ name: 'x', isText: false, isIds, shape });

test.each([
  ['a number', input([1]), 'One sample a line: 1 number. A name may stand before the number.'],
  ['numbers', input([3]), 'One sample a line: 3 numbers, with spaces or commas between them. A name may stand before the numbers.'],
  ['an id', input([1], true), 'One sample a line: 1 whole number. A name may stand before the number.'],
  ['any number', input([null], true), /^One sample a line: whole numbers, with spaces or commas between them\. /],
  ['steps', input([4, 2]), 'One step a line, with its 2 numbers side by side; 4 steps. Leave a line empty before the next sample.'],
  ['a step', input([1, 3]), /^One sample a line: 3 numbers, /],
])('the page says how to write %s', (_what, given, said) => {
  if (typeof said === 'string') expect(sampleHint(given)).toBe(said);
  else expect(sampleHint(given)).toMatch(said);
});

describe('what is typed becomes samples', () => {
  test('texts, one a line', () => {
    expect(textsOf('a b\r\n\n c')).toEqual({ head: 'text', names: ['a b', 'c'], values: ['a b', ' c'] });
    expect(() => textsOf(' \n')).toThrow('The field is empty');
  });

  test.each([
    [
      'rows of numbers',
      input([3]),
      '1, 2;3\n-4 5e-1\t.5\n',
      [
        [1, 2, 3],
        [-4, 0.5, 0.5],
      ],
    ],
    ['a number', input([]), '1\n2', [1, 2]],
    ['ids of any length', input([null], true), '1 2 3\n4', [[1, 2, 3], [4]]],
    ['sequences of one number a step: a line each', input([null, 1]), '1 2\n3', [[[1], [2]], [[3]]]],
    [
      'sequences of several: a line a step, an empty line between samples',
      input([null, 2]),
      '1 2\n3 4\n\n\n5 6',
      [
        [
          [1, 2],
          [3, 4],
        ],
        [[5, 6]],
      ],
    ],
    [
      'with a fixed number of steps, samples without an empty line',
      input([2, 2]),
      '1 2\n3 4\n5 6\n7 8',
      [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ],
    ],
    [
      'so many steps of one number: a column',
      input([2, 1]),
      '1\n2\n\n3\n4',
      [
        [[1], [2]],
        [[3], [4]],
      ],
    ],
    [
      'so many steps of one number: a line',
      input([2, 1]),
      '1 2\n3 4',
      [
        [[1], [2]],
        [[3], [4]],
      ],
    ],
    ['a step of several numbers: a sample a line', input([1, 3]), '1 2 3\n4, 5, 6', [[[1, 2, 3]], [[4, 5, 6]]]],
    ['higher shapes: a sample a line', input([2, 1, 2]), '1 2 3 4', [[[[1, 2]], [[3, 4]]]]],
  ])('%s', (_, of, field, expected) => {
    expect(samplesOf(field, of).values).toEqual(expected);
  });

  test.each([
    ['their lines, as an editor counts', input([2]), '\n1 2\n\n3 4', 'line', [2, 4]],
    ['the words before their numbers', input([2]), 'Oslo 1 2\nNew York; 3; 4\n5 6', 'name', ['Oslo', 'New York', 3]],
    ['below the names of columns', input([2]), 'city, low, high\nOslo, 1, 2\nParis, 3, 4', 'name', ['Oslo', 'Paris']],
    ['the first lines of sequences', input([null, 2]), '1 2\n3 4\n\nB 5 6\n7 8', 'name', [1, 'B']],
    ['sequences of a fixed length', input([2, 2]), '1 2\n3 4\n5 6\n7 8', 'line', [1, 3]],
  ])('samples are called by %s', (_, of, field, head, names) => {
    expect(samplesOf(field, of)).toMatchObject({ head, names });
  });

  test.each([
    ['', input([2]), 'The field is empty'],
    ['x y', input([2]), 'Line 1 has “x”, which is no number'],
    ['1 2\nB 3 4', input([2, 2]), 'Line 2 has “B”, which is no number'],
    ['1 2\n3 x', input([2]), 'Line 2 has “x”, which is no number'],
    ['1 2\n3', input([2]), 'Line 2 has 1 number, but a sample of shape [2] takes 2.'],
    ['1 2 3', input([null, 2, 1]), 'takes a multiple of 2'],
    ['1 2\n3 4 5', input([null, 2]), 'Line 2 has 3 numbers, but a step of the model takes 2.'],
    ['1 2\n3 4\n\n5 6', input([2, 2]), 'The sample that begins in line 4 has 1 line, but the model takes 2 steps'],
    ['1 2.5', input([null], true), 'Line 1 has 2.5, but the model takes whole numbers from 0.'],
    ['1 -1', input([null], true), 'Line 1 has -1'],
  ])('“%s” is refused in words', (field, of, message) => {
    expect(() => samplesOf(field, of)).toThrow(message);
  });
});

describe('numbers that layers prepare are typed as they are before', () => {
  const rows = () => new Dense(4, { kernelInitializer: 'identity', useBias: false });
  const ids = () => new Embedding(3, 3, { embeddingsInitializer: 'identity' });

  test.each<[what: string, shape: readonly number[], prepares: () => Layer, computes: () => Layer, field: string, expected: number[]]>([
    ['multiHot takes ids', [2], () => new CategoryEncoding(4), rows, '1 3', [0, 1, 0, 1]],
    ['oneHot takes one id', [1], () => new CategoryEncoding(4, { outputMode: 'oneHot' }), rows, '2', [0, 0, 1, 0]],
    ['bins take fractions', [2], () => new Discretization({ binBoundaries: [0, 1] }), ids, '0.5 -2', [0, 1, 0, 1, 0, 0]],
    ['lookups take numbers below 0', [2], () => new IntegerLookup({ vocabulary: [-3, 7] }), ids, '7 -3', [0, 0, 1, 0, 1, 0]],
  ])('%s', async (_, shape, prepares, computes, field, expected) => {
    const input = Input({ shape });
    const output = computes().apply(prepares().apply(input));
    for (const model of [new Model({ inputs: input, outputs: output }), new Sequential([Input({ shape }), prepares(), computes()])]) {
      const alone = await loadModel(await modelToBytes(model));
      const samples = samplesOf(field, alone.inputs[0] as InferenceInput).values;
      expect([...((await alone.predict(samples as InputsLike)) as Tensor).data]).toEqual(expected);
    }
  });

  test('ids alone are refused when they are no whole numbers from 0, whatever is made of them', async () => {
    const inputOf = async (layers: Layer[]) => (await loadModel(await modelToBytes(new Sequential(layers)))).inputs[0] as InferenceInput;
    const encoded = await inputOf([Input({ shape: [2] }) as never, new CategoryEncoding(4), rows()]);
    expect(encoded).toEqual({ name: encoded.name, isText: false, isIds: true, shape: [null] });
    // Of any number: a row of the layer is not what is typed.
    expect(samplesOf('1\n0 3 3', encoded).values).toEqual([[1], [0, 3, 3]]);
    expect(() => samplesOf('0.5', encoded)).toThrow('the model takes whole numbers from 0');
    const binned = await inputOf([Input({ shape: [2] }) as never, new Discretization({ binBoundaries: [0, 1] }), ids()]);
    expect(binned).toMatchObject({ isText: false, isIds: false, shape: [2] });
  });
});

describe('outputs become tables', () => {
  const LINES = { head: 'line', names: [1, 2, 3, 4] };
  const data = Float32Array.from([0.25, 0.75, 0.5, 0.125]);

  test('with names of classes', () => {
    expect(answerTable([2], data, { head: 'name', names: ['Oslo', 4] }, ['no', 'yes'])).toEqual({
      head: ['name', 'class', 'no', 'yes'],
      rows: [
        ['Oslo', 'yes', 0.25, 0.75],
        [4, 'no', 0.5, 0.125],
      ],
    });
    expect(answerTable([1], data.slice(0, 2), LINES, ['no', 'yes'])).toEqual({
      head: ['line', 'class', 'value'],
      rows: [
        [1, 'no', 0.25],
        [2, 'yes', 0.75],
      ],
    });
  });

  test('without names, or with names of another output', () => {
    expect(answerTable([2], data, LINES, null).head).toEqual(['line', 'value 0', 'value 1']);
    expect(answerTable([2], data, LINES, ['a', 'b', 'c']).rows[1]).toEqual([2, 0.5, 0.125]);
    expect(answerTable([], data, LINES, null)).toEqual({
      head: ['line', 'value'],
      rows: [
        [1, 0.25],
        [2, 0.75],
        [3, 0.5],
        [4, 0.125],
      ],
    });
  });

  test('sequences: a row a step', () => {
    const named = { head: 'text', names: ['the cook'], stepNames: ['the', 'cook'] };
    expect(answerTable([2, 1], data.slice(0, 2), named, null)).toMatchObject({
      head: ['text', 'word', 'value'],
      rows: [
        ['the cook', 'the', 0.25],
        ['the cook', 'cook', 0.75],
      ],
    });
    // Other steps than words: a model may split a text otherwise.
    expect(answerTable([4, 1], data, named, null)).toMatchObject({ head: ['text', 'step', 'value'], rows: { 3: ['the cook', 4, 0.125] } });
    expect(answerTable([2, 1], data, LINES, null).rows).toEqual([
      [1, 1, 0.25],
      [1, 2, 0.75],
      [2, 1, 0.5],
      [2, 2, 0.125],
    ]);
  });

  test('many classes: the likeliest', () => {
    const many = Float64Array.from({ length: 20 }, (_, index) => index / 190);
    expect(answerTable([20], many, LINES, null).rows).toEqual([[1, '19: 0.1, 18: 0.0947368, 17: 0.0894737, 16: 0.0842105, 15: 0.0789474']]);
  });
});

test('names of code of one’s own are found wherever layers keep them', () => {
  expect(ownClassIn([{ className: 'Dense', config: { activation: 'tanh' } }])).toBeNull();
  expect(ownClassIn([{ className: 'Custom>Mine', config: {} }])).toBe('Custom>Mine');
  expect(ownClassIn([{ className: 'RNN', config: { cell: { className: 'x>C' } } }])).toBe('x>C');
  expect(ownClassIn([{ className: 'Dense', config: { activation: 'Custom>swish' } }])).toBe('Custom>swish');
  expect(ownClassIn([{ className: 'StringLookup', config: { vocabulary: ['a>b'] } }])).toBeNull();
});
