import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { argmax } from '../../examples/argmax.js';
import { Adam, Dense, Embedding, LSTM, type Model, Sequential, setRandomSeed, type Tensor } from '../../ts/index.ts';
import { describeWithData } from './sharedData.ts';

/** The part of the decisions of a model that its quantised models must take as it does. */
const SAME = { int16: 0.995, int8: 0.98 } as const;

async function expectSameDecisions(model: Model, decide: (model: Model) => Promise<readonly number[]>): Promise<void> {
  const expected = await decide(model);
  for (const type of ['int16', 'int8'] as const) {
    const quantised = await model.quantize(type);
    const found = await decide(quantised);
    const same = found.filter((decision, index) => decision === expected[index]).length;
    expect(same / expected.length, type).toBeGreaterThanOrEqual(SAME[type]);
    quantised.dispose();
  }
  model.dispose();
}

test('the most probable next characters of a text are those of the model of floats', async () => {
  const snippets = new URL('../../examples/data/movie-snippets/movie-snippets.tsv', import.meta.url);
  const rows = readFileSync(snippets, 'utf8').trimEnd().split('\n').slice(1);
  const text = rows
    .map((row) => row.slice(row.lastIndexOf('\t') + 1))
    .join('\n')
    .slice(0, 40_000);
  const characters = [...new Set(text)];
  const ids = Array.from(text, (character) => characters.indexOf(character));
  const L = 40;
  const samples = Array.from({ length: Math.floor(ids.length / L) - 1 }, (_, n) => ids.slice(n * L, n * L + L + 1));
  const [train, held] = [samples.filter((_, n) => n % 8 > 0), samples.filter((_, n) => n % 8 === 0)];
  const inputs = (some: number[][]) => some.map((sample) => sample.slice(0, L));

  setRandomSeed(1);
  const model = new Sequential([
    new Embedding(characters.length, 16),
    new LSTM(64, { returnSequences: true }),
    new Dense(characters.length, { activation: 'softmax' }),
  ]);
  model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy' });
  const { history } = await model.fit(
    inputs(train),
    train.map((sample) => sample.slice(1)),
    { epochs: 4, batchSize: 16, verbose: 0 },
  );
  // It has learned more than how often each character stands in the text.
  const shares = characters.map((_, id) => ids.filter((each) => each === id).length / ids.length);
  const entropy = shares.reduce((sum, share) => sum - share * Math.log(share), 0);
  expect(history.loss?.at(-1)).toBeLessThan(0.9 * entropy);
  await expectSameDecisions(model, async (each) => argmax(await each.predict(inputs(held))));
});

describeWithData('reviews of films', 'imdb/val5000.tsv.gz', (file) => {
  test('are good and bad to quantised models as to the model of floats', async () => {
    const rows = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n');
    const reviews = rows.slice(0, 2500).map((row) => {
      const [label, text] = [row.slice(0, row.indexOf('\t')), row.slice(row.lastIndexOf('\t') + 1)];
      const ids = text.split(' ').map(Number);
      return { label: Number(label), ids: ids.map((id) => (id < 2000 ? id : 2)).slice(-80) };
    });
    const L = 80;
    const x: Tensor = { shape: [reviews.length, L], data: new Int32Array(reviews.length * L) };
    for (const [row, { ids }] of reviews.entries()) for (const [step, id] of ids.entries()) x.data[row * L + L - ids.length + step] = id;
    const part = (first: number, end: number) => ({ shape: [end - first, L], data: (x.data as Int32Array).slice(first * L, end * L) });

    setRandomSeed(1);
    const model = new Sequential([new Embedding(2000, 16, { maskZero: true }), new LSTM(24), new Dense(1, { activation: 'sigmoid' })]);
    model.compile({ optimizer: new Adam({ learningRate: 0.005 }), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    const labels = reviews.map(({ label }) => label);
    const { history } = await model.fit(part(0, 1500), labels.slice(0, 1500), { epochs: 4, verbose: 0 });
    expect(history.accuracy?.at(-1)).toBeGreaterThan(0.75);
    await expectSameDecisions(model, async (each) => Array.from((await each.predict(part(1500, 2500))).data, Math.round));
  });
});
