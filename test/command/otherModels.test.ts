import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Add, Dense, Input, LSTM, loadModel, Model, modelToBytes, Sequential, setRandomSeed } from '../../ts/index.ts';
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
});

const TABLES = { 'new.csv': 'a,b\n1,2\n-4,5\n', 'known.csv': 'a,b,target\n1,2,3\n-4,5,6\n', 'three.csv': 'a,b,c\n1,2,3\n4,5,6\n' };

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

  test('series of a number a step, with the classes of the metadata', async () => {
    const folder = folderWith({ ...models, ...TABLES });
    const { data } = await (await loadModel(models['series.safetensors'] as Uint8Array)).predict([[[1], [2]]]);
    const [first] = linesOf(await backtime(folder, ['predict', 'new.csv', '--model', 'series.safetensors', '--json']));
    expect(first?.row).toMatchObject({ a: '1', predicted: (data[0] as number) > (data[1] as number) ? 'down' : 'up' });
  });

  test.each([
    [
      ['predict', 'three.csv', '--model', 'flat.keras'],
      /3 columns of numbers for each sample \(a, b, c\), but the model takes samples of shape \[2\]/,
    ],
    [['predict', 'new.csv', '--model', 'two.safetensors'], /has several inputs or outputs/],
    [['forecast', 'new.csv', '--model', 'flat.keras'], /flat\.keras was trained by another program, not to forecast/],
    [['evaluate', 'known.csv', '--model', 'series.safetensors'], /is not compiled/],
    [['export', 'flat.keras', '--out', 'm.txt'], /must end in \.html, \.keras, \.onnx or \.safetensors/],
    [['export', 'flat.keras', '--out', 'm.onnx', '--title', 'x'], /--title is the heading of a page/],
  ])('%j is refused in words', async (args, message) => {
    const { code, stderr } = await backtime(folderWith({ ...models, ...TABLES }), args);
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
  expect((await backtime(folder, ['predict', 'reviews.csv', '--model', 'm.safetensors'])).stdout).toBe(answers.stdout);
  expect((await backtime(folder, ['export', 'm.keras', '--out', 'm.html', '--title', 'Good?'])).stdout).toMatch(/^m\.html runs the model/);
  const page = readFileSync(join(folder, 'm.html'), 'utf8');
  expect(page).toContain('>Good?</h1>');
  expect(page).toContain('{"classNames":["bad","good"]}');
});
