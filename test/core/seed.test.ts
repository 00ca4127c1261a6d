import { afterAll, describe, expect, test, vi } from 'vitest';
import { drawSeed, setRandomSeed } from '../../ts/core/seed.ts';
import { Sequential } from '../../ts/index.ts';
import { Dense } from '../../ts/layers/dense.ts';

const drawn = (count: number) => Array.from({ length: count }, drawSeed);

/** The weights of a new model. */
async function startOf(): Promise<number[]> {
  const model = new Sequential([new Dense(4, { inputShape: [3] })]);
  const [kernel] = await model.getWeights();
  return [...(kernel as { data: Float32Array }).data];
}

describe('drawSeed', () => {
  afterAll(() => vi.restoreAllMocks());

  test('draws another seed each time, of two words of 32 bits each', () => {
    const seeds = drawn(1000);
    expect(new Set(seeds.map(String)).size).toBe(1000);
    for (const word of seeds.flat()) expect(word >>> 0).toBe(word);
    // Of a thousand words, every bit is set in some and clear in others.
    for (const place of [0, 1] as const) {
      const words = seeds.map((seed) => seed[place]);
      expect(words.reduce((either, word) => either | word, 0) >>> 0).toBe(0xffffffff);
      expect(words.reduce((both, word) => both & word, 0xffffffff)).toBe(0);
    }
  });

  test('models of one program begin with other weights', async () => {
    expect(await startOf()).not.toEqual(await startOf());
  });

  test('draws the same seeds after setRandomSeed, which no random number changes', async () => {
    setRandomSeed(7);
    const [seeds, weights] = [drawn(3), await startOf()];
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    setRandomSeed(7);
    expect(drawn(3)).toEqual(seeds);
    expect(await startOf()).toEqual(weights);
    setRandomSeed(8);
    expect(drawn(3)).not.toEqual(seeds);
  });
});
