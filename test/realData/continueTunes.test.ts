import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { Adam, Dense, LSTM, Sequential, type Tensor } from '../../ts/index.ts';
import { expectMedianOfSeeds } from './medians.ts';
import { describeWithData } from './sharedData.ts';

/** K: keys; L: steps of a tune that are read. */
const [K, L] = [88, 60];

/** Keys that are held at each step, and at the next one; steps after the end weigh 0. */
function samplesOf(tunes: readonly (readonly (readonly number[])[])[]): { x: Tensor; y: Tensor; weights: Tensor } {
  const N = tunes.length;
  const [x, y, weights] = [new Float32Array(N * L * K), new Float32Array(N * L * K), new Float32Array(N * L)];
  for (const [n, tune] of tunes.entries())
    for (let step = 0; step < Math.min(L, tune.length - 1); step++) {
      for (const key of tune[step] ?? []) x[(n * L + step) * K + key] = 1;
      for (const key of tune[step + 1] ?? []) y[(n * L + step) * K + key] = 1;
      weights[n * L + step] = 1;
    }
  return { x: { shape: [N, L, K], data: x }, y: { shape: [N, L, K], data: y }, weights: { shape: [N, L], data: weights } };
}

/** The negative logarithm of the probability of the keys of a step, on average. */
function negativeLogLikelihood({ y, weights }: ReturnType<typeof samplesOf>, probability: (place: number) => number): number {
  let [sum, steps] = [0, 0];
  for (let row = 0; row < weights.data.length; row++) {
    if (weights.data[row] === 0) continue;
    steps++;
    for (let key = 0; key < K; key++) {
      const p = Math.min(Math.max(probability(row * K + key), 1e-6), 1 - 1e-6);
      sum -= Math.log(y.data[row * K + key] === 1 ? p : 1 - p);
    }
  }
  return sum / steps;
}

describeWithData('tunes of Nottingham', 'music/nottingham.json.gz', (file) => {
  test('the next keys are foreseen better than by how often they are held', async () => {
    const tunes = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Record<'train' | 'test', number[][][]>;
    const [train, test] = [samplesOf(tunes.train), samplesOf(tunes.test)];
    const counts = new Float64Array(K);
    for (const [place, value] of Array.from(train.y.data).entries()) counts[place % K] = (counts[place % K] as number) + value;
    const steps = Array.from(train.weights.data).reduce((sum, weight) => sum + weight, 0);
    const unigram = negativeLogLikelihood(test, (place) => (counts[place % K] as number) / steps);
    expect(unigram).toBeGreaterThan(9);
    await expectMedianOfSeeds(
      async () => {
        const model = new Sequential([new LSTM(48, { returnSequences: true }), new Dense(K, { activation: 'sigmoid' })]);
        model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'binaryCrossentropy' });
        await model.fit(train.x, train.y, { epochs: 5, sampleWeight: train.weights, verbose: 0 });
        const { data } = await model.predict(test.x);
        return negativeLogLikelihood(test, (place) => data[place] as number);
      },
      { below: 0.8 * unigram },
    );
  });
});
