import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MORE_LAYERS } from '../../ts/layers/moreLayers.ts';

// What the tables of FEATURES.md call "yes" was compared with Keras, and every layer passes the
// harness.

const texts = (folder: URL, ending: RegExp): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name) && !name.endsWith('kerasNames.json'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n');

test.each(['activations', 'layers', 'losses', 'metrics', 'optimizers', 'schedules', 'initializers', 'regularizers', 'constraints'])(
  'every name of %s that Backtime has is in golden values of Keras',
  (table) => {
    const features = readFileSync(new URL('../../FEATURES.md', import.meta.url), 'utf8');
    const row = new RegExp(`^\\| ${table} \\| yes \\| (.*) \\|$`, 'm').exec(features)?.[1] ?? '';
    const names = [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name as string);
    expect(names.length).toBeGreaterThan(2);
    const golden = `${texts(new URL('./', import.meta.url), /\.json$/)}${texts(new URL('../../scripts/golden/', import.meta.url), /\.py$/)}`;
    const words = new Set(
      golden
        .replaceAll('_', '')
        .toLowerCase()
        .split(/[^a-z0-9]+/),
    );
    // An Input computes nothing; stacked cells are given as lists; the metric is the loss LogCosh.
    const others = ['InputLayer', 'StackedRNNCells', 'LogCoshError'];
    expect(names.filter((name) => !words.has(name.toLowerCase()) && !others.includes(name))).toEqual([]);
  },
);

// Those of `ops` are tested with their operations (test/model/ops.test.ts,
// test/golden/ops.test.ts, test/formats/keras/operations.test.ts), a CRF by its own loss
// (test/layers/crf.test.ts), and layers of texts and unscaled numbers by what they make of them
// (test/golden/preprocessing.test.ts).
const ELSEWHERE = [
  ...['Elementwise', 'ExpandDims', 'GetItem', 'MatMul', 'Reduce', 'Slice', 'Squeeze', 'Stack', 'Take', 'Unmasked'],
  ...[
    'CRF',
    'StringLookup',
    'TextVectorization',
    'Normalization',
    'IntegerLookup',
    'Hashing',
    'CategoryEncoding',
    'Discretization',
    'Flip',
  ],
];

test('every layer passes the conformance harness', () => {
  const folder = new URL('../layers/', import.meta.url);
  const tests = readdirSync(folder)
    .map((name) => readFileSync(new URL(name, folder), 'utf8').replaceAll(/^import [^;]*;/gm, ''))
    .filter((text) => text.includes('describeLayer('));
  // By its name, or in a table of layers that a loop gives to the harness.
  const isTested = (name: string) => tests.some((text) => new RegExp(`'${name}'|\\b${name}[,:(]| ${name} \\}`).test(text));
  const names = ['Dense', 'Embedding', 'LSTM', ...Object.keys(MORE_LAYERS)];
  expect(names.filter((name) => !isTested(name) && !ELSEWHERE.includes(name))).toEqual([]);
});
