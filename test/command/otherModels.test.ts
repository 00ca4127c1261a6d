import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeZip } from '../../ts/data/writeZip.ts';
import {
  Add,
  Dense,
  Embedding,
  Input,
  LSTM,
  loadModel,
  Model,
  modelToBytes,
  Sequential,
  setRandomSeed,
  TextVectorization,
  toCategorical,
} from '../../ts/index.ts';
import { backtime, folderWith, linesOf, reviews } from './support.ts';

const models: Record<string, Uint8Array> = {};

beforeAll(async () => {
  setRandomSeed(4);
  const flat = new Sequential([Input({ shape: [2] }), new Dense(1)]);
  flat.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['meanAbsoluteError'] });
  const series = new Sequential([Input({ shape: [null, 1] }), new LSTM(3), new Dense(2, { activation: 'softmax' })]);
  const [a, b] = [Input({ shape: [1] }), Input({ shape: [1] })];
  const two = new Model({ inputs: [a, b], outputs: new Add().apply([a, b]) });
  models['flat.keras'] = await modelToBytes(flat, { format: 'keras' });
  models['series.safetensors'] = await modelToBytes(series, { metadata: { labels: ['down', 'up'] } });
  models['two.safetensors'] = await modelToBytes(two);
  const words = new TextVectorization({ vocabulary: ['a', 'fine', 'film', 'dull', 'and', 'long'], outputSequenceLength: 6 });
  const texts = new Sequential([
    Input({ shape: [], dtype: 'string' }),
    words,
    new Embedding(8, 3),
    new LSTM(3),
    new Dense(2, { activation: 'softmax' }),
  ]);
  texts.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  models['texts.keras'] = await modelToBytes(texts, { format: 'keras' });
});

const TABLES = {
  'new.csv': 'a,b\n1,2\n-4,5\n',
  'known.csv': 'a,b,target\n1,2,3\n-4,5,6\n',
  'three.csv': 'a,b,c\n1,2,3\n4,5,6\n',
  'years.csv': 'rooms,year,price\n3,1990,100.5\n4,2001,140.25\n2,1975,80\n',
};
const OTHERS = {
  'some.jsonl': '{"text":"a fine film"}\n{"text":"dull"}\n',
  'broken.jsonl': '{"text":"a fine film"}\n{"text":\n',
  'number.json': '5',
  'pytorch.pt': new Uint8Array(Buffer.concat(writeZip([['model/data.pkl', new Uint8Array(2)]], ''))),
};

describe('models of other programs', () => {
  test('numbers: a row a sample, also beside its right answer', async () => {
    const folder = folderWith({ ...models, ...TABLES });
    const { data } = await (await loadModel(models['flat.keras'] as Uint8Array)).predict([
      [1, 2],
      [-4, 5],
    ]);
    for (const file of ['new.csv', 'known.csv']) {
      const rows = linesOf(await backtime(folder, ['predict', file, '--model', 'flat.keras', '--json']));
      expect(rows.map(({ row }) => (row as { predicted: number }).predicted)).toEqual(
        Array.from(data, (value) => Number(value.toPrecision(7))),
      );
    }
    const [scores] = linesOf(await backtime(folder, ['evaluate', 'known.csv', '--model', 'flat.keras', '--json']));
    const errors = [3, 6].map((target, row) => Math.abs(target - (data[row] as number)));
    expect(scores?.meanAbsoluteError).toBeCloseTo(((errors[0] as number) + (errors[1] as number)) / 2, 4);
  });

  test('texts of JSON and of a column alone, whose commas are part of the texts', async () => {
    const texts = ['a fine, long film', 'dull', 'a "fine" film'];
    const rows = texts.map((text) => ({ text }));
    const files = {
      'records.json': JSON.stringify(rows),
      'columns.json': JSON.stringify({ text: texts }),
      'pandas.json': JSON.stringify({ text: { 0: texts[0], 1: texts[1], 2: texts[2] } }),
      'texts.json': JSON.stringify(texts),
      'lines.jsonl': rows.map((row) => `${JSON.stringify(row)}\n\n`).join(''),
      'texts.ndjson': texts.map((text) => JSON.stringify(text)).join('\r\n'),
      'column.csv': `text\n${texts.join('\n')}\n`,
      'quoted.csv': 'text\n"a fine, long film"\ndull\n"a ""fine"" film"\n',
    };
    const folder = folderWith({ ...models, ...files });
    const answersOf = async (file: string) => {
      const { stdout, stderr } = await backtime(folder, ['predict', file, '--model', 'texts.keras', '--json']);
      expect(stderr).toBe('');
      return stdout;
    };
    const expected = await answersOf('records.json');
    expect(expected).toContain('a fine, long film');
    expect(expected.trim().split('\n')).toHaveLength(3);
    for (const file of Object.keys(files)) expect(await answersOf(file)).toBe(expected);
  });

  test('numbers of JSON', async () => {
    const folder = folderWith({
      ...models,
      ...TABLES,
      'rows.json': '[[1, 2], [-4, 5]]',
      'lines.jsonl': '{"a": 1, "b": 2}\n{"a": -4, "b": 5}\n',
    });
    const answersOf = async (file: string) =>
      linesOf(await backtime(folder, ['predict', file, '--model', 'flat.keras', '--json'])).map(
        ({ row }) => (row as { predicted: number }).predicted,
      );
    const expected = await answersOf('new.csv');
    expect(expected).toHaveLength(2);
    for (const file of ['rows.json', 'lines.jsonl']) expect(await answersOf(file)).toEqual(expected);
  });

  test('series of a number a step, with the classes of the metadata', async () => {
    const folder = folderWith({ ...models, ...TABLES });
    const { data } = await (await loadModel(models['series.safetensors'] as Uint8Array)).predict([[[1], [2]]]);
    const [first] = linesOf(await backtime(folder, ['predict', 'new.csv', '--model', 'series.safetensors', '--json']));
    expect(first?.row).toMatchObject({ a: '1', predicted: (data[0] as number) > (data[1] as number) ? 'down' : 'up' });
  });

  test('a text: a line a sample, with its commas and quotes, of a table only with a known column', async () => {
    const lines = ['a fine film', 'dull, and long', '"fine", a film', 'long'];
    const known = `# rated\n\nnumber\ttext\n${lines.map((line, row) => `${row}\t${line.replaceAll('"', '')}\n`).join('')}`;
    const folder = folderWith({ ...models, 'lines.txt': `${lines.join('\r\n')}\r\n\r\n`, 'known.txt': known });
    const { data } = await (await loadModel(models['texts.keras'] as Uint8Array)).predict(lines);
    const first = lines.map((_, row) => Number((data[row * 2] as number).toPrecision(7)));
    const predict = async (...args: string[]) =>
      linesOf(await backtime(folder, ['predict', ...args, '--model', 'texts.keras', '--json'])).map(
        ({ row }) => row as Record<string, unknown>,
      );
    const rows = await predict('lines.txt');
    expect(rows.map(({ text }) => text)).toEqual(lines);
    expect(rows.map((row) => row['predicted 0'])).toEqual(first);
    for (const flags of [[], ['--separator', 'tab'], ['--text', 'text']]) {
      const table = await predict('known.txt', ...flags);
      expect(table.map(({ number }) => number)).toEqual(['0', '1', '2', '3']);
      expect(table.map((row) => row['predicted 0'])).toEqual(first);
    }
  });

  test('a line without text is an error, or is left out with a warning', async () => {
    const folder = folderWith({ ...models, 'gap.txt': 'a fine film\n\nlong\n' });
    const predict = ['predict', 'gap.txt', '--model', 'texts.keras'];
    expect(await backtime(folder, predict)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('line 2 of gap.txt has no text: --bad-rows skip'),
    });
    const { stdout, stderr } = await backtime(folder, [...predict, '--bad-rows', 'skip']);
    expect(stderr).toContain('1 line of gap.txt left out, the first is line 2');
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(',')[0]),
    ).toEqual(['text', 'a fine film', 'long']);
  });

  test('--text and --target name the columns, --labels of export the classes', async () => {
    const folder = folderWith({ ...models, 'two.csv': 'first,second,good\na fine film,dull,yes\ndull and long,fine,no\nfine,long,yes\n' });
    const [model, columns] = [
      ['--model', 'texts.keras'],
      ['two.csv', '--text', 'second'],
    ] as const;
    const { data } = await (await loadModel(models['texts.keras'] as Uint8Array)).predict(['dull', 'fine', 'long']);
    const rows = linesOf(await backtime(folder, ['predict', ...columns, ...model, '--json']));
    expect(rows.map(({ row }) => (row as Record<string, unknown>)['predicted 1'])).toEqual(
      [1, 3, 5].map((place) => Number((data[place] as number).toPrecision(7))),
    );
    const unclear = await backtime(folder, ['predict', 'two.csv', ...model]);
    expect(unclear.stderr).toMatch(/first, second could be it: give --text COLUMN/);
    expect((await backtime(folder, ['evaluate', ...columns, ...model])).stderr).toMatch(/give --target COLUMN/);
    const evaluate = ['evaluate', ...columns, '--target', 'good'];
    expect((await backtime(folder, [...evaluate, ...model])).stderr).toMatch(
      /no labels that say .*: "backtime export texts\.keras --labels bad,good .*model\.save\('labelled\.keras', \{ metadata: \{ labels/,
    );
    for (const out of ['labelled.keras', 'page.html'])
      expect(await backtime(folder, ['export', 'texts.keras', '--labels', 'no, yes', '--out', out])).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(join(folder, 'page.html'), 'utf8')).toContain('{"classNames":["no","yes"]');
    const [scores] = linesOf(await backtime(folder, [...evaluate, '--model', 'labelled.keras', '--json']));
    // A number alone is the probability of the second class.
    writeFileSync(join(folder, 'named.csv'), 'a,b,target\n1,2,yes\n-4,5,no\n');
    await backtime(folder, ['export', 'flat.keras', '--labels', 'no,yes', '--out', 'flat.safetensors']);
    const [alone] = linesOf(await backtime(folder, ['evaluate', 'named.csv', '--model', 'flat.safetensors', '--json']));
    const numbers = await (await loadModel(models['flat.keras'] as Uint8Array)).predict([
      [1, 2],
      [-4, 5],
    ]);
    expect(alone?.meanAbsoluteError).toBeCloseTo((Math.abs((numbers.data[0] as number) - 1) + Math.abs(numbers.data[1] as number)) / 2, 4);
    const right = [1, 0, 1].filter((label, row) => (data[row * 2 + label] as number) > 0.5);
    expect(scores?.accuracy).toBeCloseTo(right.length / 3, 5);
  });

  test('--columns names the columns of the model; export writes their names into it', async () => {
    const folder = folderWith({
      ...models,
      'other.csv': 'id,year,rooms,price\n1,1990,3,"1,5"\n2,2001,4,2\n',
      'fr.csv': 'year;rooms\n1990;3,5\n',
    });
    const answersOf = async (...args: string[]) =>
      linesOf(await backtime(folder, ['predict', ...args, '--json'])).map(
        (line) => line.message ?? (line.row as { predicted: number }).predicted,
      );
    const model = await loadModel(models['flat.keras'] as Uint8Array);
    const expected = async (...x: number[][]) =>
      Array.from((await model.predict(x)).data, (value) => Number((value as number).toPrecision(7)));
    const inOrder = await expected([3, 1990], [4, 2001]);
    expect(await answersOf('other.csv', '--model', 'flat.keras', '--columns', 'rooms,year')).toEqual(inOrder);
    expect(await answersOf('other.csv', '--model', 'flat.keras', '--columns', 'price, id')).toEqual(await expected([1.5, 1], [2, 2]));
    await backtime(folder, ['export', 'flat.keras', '--columns', 'rooms,year', '--out', 'named.keras']);
    expect(await answersOf('other.csv', '--model', 'named.keras')).toEqual([
      'other.csv has 2 columns that the model does not read: id, price',
      ...inOrder,
    ]);
    expect(await answersOf('fr.csv', '--model', 'named.keras')).toEqual(await expected([3.5, 1990]));
    expect(await backtime(folder, ['predict', 'new.csv', '--model', 'named.keras'])).toMatchObject({ code: 1 });
    writeFileSync(join(folder, 'lacking.csv'), 'rooms,age\n3,30\n');
    expect((await backtime(folder, ['predict', 'lacking.csv', '--model', 'named.keras'])).stderr).toBe(
      "error: lacking.csv has no column 'year', which the model was trained on; it has rooms, age: if one of them has these values, give --columns with names in the order of the model: rooms, year\n",
    );
    // Years that are written with a decimal comma may be numbers, too.
    writeFileSync(join(folder, 'commas.csv'), 'rooms;year;price\n3;1990;1,5\n2;1991;2,5\n4;1992;3,5\n');
    expect((await backtime(folder, ['predict', 'commas.csv', '--model', 'flat.keras'])).stderr).toMatch(
      /3 columns of numbers: rooms, price, year/,
    );
  });

  test('targets of a loss of probabilities are made of the classes', async () => {
    const model = new Sequential([Input({ shape: [2] }), new Dense(3, { activation: 'softmax' })]);
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    const file = await modelToBytes(model, { format: 'keras', metadata: { labels: ['a', 'b', 'c'] } });
    const folder = folderWith({ 'three.keras': file, 'named.csv': 'a,b,class\n1,2,a\n-4,5,c\n3,1,b\n' });
    const [scores] = linesOf(await backtime(folder, ['evaluate', 'named.csv', '--model', 'three.keras', '--json']));
    const x = [
      [1, 2],
      [-4, 5],
      [3, 1],
    ];
    const expected = (await (await loadModel<Model>(file)).evaluate(x, toCategorical([0, 2, 1], 3))) as Record<string, number>;
    expect(scores?.loss).toBeCloseTo(expected.loss as number, 5);
  });

  test.each([
    [
      ['predict', 'some.jsonl', '--model', 'texts.keras', '--separator', ';'],
      /--separator ; is not for JSON, which some\.jsonl is: leave it out/,
    ],
    [['predict', 'broken.jsonl', '--model', 'texts.keras'], /line 2 of broken\.jsonl is not JSON/],
    [['predict', 'number.json', '--model', 'texts.keras'], /number\.json is JSON, but no table: it must be an array of records/],
    [['predict', 'new.csv', '--model', 'flat.keras', '--text', 'a'], /--text is for models that take texts, .*: give --columns NAMES/],
    [['export', 'texts.keras', '--out', 'm.html', '--labels', 'a,b,c'], /--labels must be 2 names with commas between.* got 'a,b,c'/],
    [['export', 'flat.keras', '--out', 'm.html', '--labels', 'a'], /--labels must be 2 names/],
    [['inspect', 'pytorch.pt'], /no config\.json\. It has weights of PyTorch: .*model\.loadWeights\(file, \{ format: 'pytorch' \}\)/],
    [
      ['predict', 'years.csv', '--model', 'flat.keras'],
      /has no names of its columns, and the table has 3 columns of numbers: rooms, price, year \(year may be dates\): name those of the model by --columns/,
    ],
    [
      ['predict', 'three.csv', '--model', 'flat.keras'],
      /3 columns of numbers for each sample \(a, b, c\), but the model takes samples of shape \[2\]/,
    ],
    [['predict', 'new.csv', '--model', 'flat.keras', '--columns', 'a,c'], /--columns: new\.csv has no column 'c'.*; it has a, b/],
    [['predict', 'three.csv', '--model', 'flat.keras', '--columns', 'a,b,c'], /--columns names 3 columns of numbers for each sample/],
    [['predict', 'some.jsonl', '--model', 'texts.keras', '--columns', 'a'], /this model takes texts: give --text COLUMN/],
    [['export', 'flat.keras', '--columns', 'a', '--out', 'm.keras'], /--columns must be a name for each number .* shape \[2\], got 'a'/],
    [['export', 'flat.keras', '--columns', 'a,b', '--out', 'm.html'], /--columns is for --out that ends in \.safetensors or \.keras/],
    [['predict', 'new.csv', '--model', 'two.safetensors'], /has several inputs or outputs/],
    [['forecast', 'new.csv', '--model', 'flat.keras'], /flat\.keras was trained by another program, not to forecast/],
    [['evaluate', 'known.csv', '--model', 'series.safetensors'], /is not compiled/],
    [['export', 'flat.keras', '--out', 'm.txt'], /must end in \.html, \.keras, \.onnx or \.safetensors/],
    [['export', 'flat.keras', '--out', 'm.onnx', '--title', 'x'], /--title is the heading of a page/],
  ])('%j is refused in words', async (args, message) => {
    const { code, stderr } = await backtime(folderWith({ ...models, ...TABLES, ...OTHERS }), args);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });
});

test('train writes .keras, the other commands read it, and export makes pages and other formats', async () => {
  const folder = folderWith({ 'reviews.csv': reviews(40) });
  const model = ['--model', 'm.keras'];
  const flags = ['--task', 'classify-text', '--epochs', '3', '--units', '4', '--seed', '2', '--json'];
  const [result] = linesOf(await backtime(folder, ['train', 'reviews.csv', ...flags, ...model])).slice(-1);
  expect(result).toMatchObject({ event: 'result', model: 'm.keras' });
  const answers = await backtime(folder, ['predict', 'reviews.csv', ...model]);
  expect(answers).toMatchObject({ code: 0, stderr: '' });
  expect(linesOf(await backtime(folder, ['evaluate', 'reviews.csv', '--json', ...model]))[0]).toHaveProperty('accuracy');
  expect(linesOf(await backtime(folder, ['inspect', 'm.keras', '--json']))[0]).toMatchObject({ metadata: { labels: ['bad', 'good'] } });
  expect(await backtime(folder, ['export', 'm.keras', '--out', 'm.safetensors'])).toMatchObject({
    code: 0,
    stdout: 'written to m.safetensors\n',
  });
  writeFileSync(join(folder, 'new.txt'), 'a fine film, of the year\na dull film\n');
  expect(linesOf(await backtime(folder, ['predict', 'new.txt', '--json', ...model])).map(({ row }) => row)).toMatchObject([
    { review: 'a fine film, of the year', predicted: 'good' },
    { review: 'a dull film', predicted: 'bad' },
  ]);
  expect((await backtime(folder, ['predict', 'reviews.csv', '--model', 'm.safetensors'])).stdout).toBe(answers.stdout);
  expect((await backtime(folder, ['export', 'm.keras', '--out', 'm.html', '--title', 'Good?'])).stdout).toMatch(/^m\.html runs the model/);
  const page = readFileSync(join(folder, 'm.html'), 'utf8');
  expect(page).toContain('>Good?</h1>');
  expect(page).toContain('{"classNames":["bad","good"]');
});
