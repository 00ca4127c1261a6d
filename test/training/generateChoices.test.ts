import { beforeEach, describe, expect, test } from 'vitest';
import {
  Concatenate,
  Dense,
  Embedding,
  GRU,
  generate,
  generateBatch,
  Input,
  type Layer,
  LSTM,
  Model,
  OneHot,
  type Sequential,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';

const V = 4;
const make = (layers: Layer[], seed = 3, scale = 2) => builtModel(layers, [1], new RandomArrays(seed), scale);
/** What it writes depends on all that it has read. */
const writer = (seed = 14, scale = 2) => make([new Embedding(V, 4), new LSTM(5, { returnSequences: true }), new Dense(V)], seed, scale);

/** A model that predicts the same probabilities whatever it has read. */
function fixed(probabilities: readonly number[], activation: 'softmax' | 'linear' = 'softmax'): Sequential {
  const model = make([new OneHot(probabilities.length), new Dense(probabilities.length, { activation })]);
  model.setWeights([probabilities.map(() => probabilities.map(() => 0)), probabilities.map(Math.log)]);
  return model;
}

/** How often each id comes, of many. */
function shares(model: Sequential, options: object): number[] {
  const draws = 4000;
  const counts = model.layers[1] && new Array<number>((model.layers[1] as Dense).units).fill(0);
  for (const id of generate(model, [0], { length: draws, seed: 3, ...options }))
    (counts as number[])[id] = ((counts as number[])[id] as number) + 1;
  return (counts as number[]).map((count) => count / draws);
}

const P = [0.1, 0.4, 0.05, 0.25, 0.2];

describe.each(await availableBackends())('generate on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test.each<[string, object, readonly number[]]>([
    ['topK 2', { topK: 2 }, [1, 3]],
    ['topK 1', { topK: 1 }, [1]],
    ['topK of all', { topK: 9 }, [0, 1, 2, 3, 4]],
    ['topP at a border', { topP: 0.64 }, [1, 3]],
    ['topP beyond it', { topP: 0.66 }, [1, 3, 4]],
    ['a small topP', { topP: 1e-9 }, [1]],
    ['topP 1', { topP: 1 }, [0, 1, 2, 3, 4]],
    // Of 0.4, 0.25 and 0.2 the first two are 0.76.
    ['topP among topK', { topK: 3, topP: 0.75 }, [1, 3]],
    ['both at a temperature, which the probabilities are of', { topP: 0.5, temperature: 0.5 }, [1]],
  ])('%s draws from the ids it leaves, in proportion', (_, options, kept) => {
    for (const activation of ['softmax', 'linear'] as const) {
      const drawn = shares(fixed(P, activation), options);
      const power = 'temperature' in options ? 2 : 1;
      const total = kept.reduce((sum, id) => sum + (P[id] as number) ** power, 0);
      for (const [id, share] of drawn.entries()) {
        const expected = kept.includes(id) ? (P[id] as number) ** power / total : 0;
        expect(Math.abs(share - expected), `${drawn}`).toBeLessThanOrEqual(4 * Math.sqrt((expected * (1 - expected)) / 4000));
      }
    }
  });

  test('of equally likely ids topK keeps the first', () => {
    expect(shares(fixed([0.25, 0.25, 0.25, 0.25]), { topK: 2 }).map((share) => share > 0)).toEqual([true, true, false, false]);
  });

  test('stops before an id, but not before minLength', () => {
    const model = writer();
    const free = [...generate(model, [1], { length: 30, seed: 6 })];
    for (const stop of [0, 1, 2, 3]) {
      const expected = free.includes(stop) ? free.slice(0, free.indexOf(stop)) : free;
      expect([...generate(model, [1], { length: 30, seed: 6, stopIds: stop })]).toEqual(expected);
    }
    const [first, second] = [0, 1, 2, 3].sort((a, b) => free.indexOf(a) - free.indexOf(b)) as [number, number];
    expect([...generate(model, [1], { length: 30, seed: 6, stopIds: [second, first] })]).toEqual([]);
    for (let seed = 0; seed < 20; seed++) {
      const ids = [...generate(model, [1], { length: 9, minLength: 4, stopIds: [0, 2], seed })];
      expect(ids.length).toBeGreaterThanOrEqual(4);
      expect(ids.every((id) => id === 1 || id === 3)).toBe(true);
    }
    expect([...generate(model, [1], { length: 4, minLength: 4, stopIds: [0, 1, 2], temperature: 0 })]).toEqual([3, 3, 3, 3]);
  });

  /** The best of all sequences, by the probabilities of `predict`. */
  async function bestOf(model: Sequential, length: number, minLength: number, stop: number | null, lengthPenalty: number) {
    const isSoftmax = (model.layers.at(-1) as Dense).activation === 'softmax';
    let best = { ids: [] as readonly number[], score: Number.NEGATIVE_INFINITY };
    const extend = async (ids: readonly number[], sum: number): Promise<void> => {
      if (ids.length === length) {
        const score = sum / ids.length ** lengthPenalty;
        if (score > best.score) best = { ids, score };
        return;
      }
      const { data } = await model.predict([[2, 0, ...ids]]);
      const last = Array.from(data.slice(-V));
      const allowed = last.map((value, id) => (id === stop && ids.length < minLength ? (isSoftmax ? 0 : Number.NEGATIVE_INFINITY) : value));
      // A softmax is over all ids.
      const total = allowed.reduce((all, value) => all + Math.exp(value), 0);
      const logarithms = allowed.map((value) => (isSoftmax ? Math.log(value) : value - Math.log(total)));
      for (const [id, logarithm] of logarithms.entries()) {
        if (id !== stop) await extend([...ids, id], sum + logarithm);
        else if (logarithm !== Number.NEGATIVE_INFINITY) {
          const score = (sum + logarithm) / (ids.length + 1) ** lengthPenalty;
          if (score > best.score) best = { ids, score };
        }
      }
    };
    await extend([], 0);
    return best.ids;
  }

  const lengthsFound = new Set<number>();
  test.each([
    [null, 0, 1],
    [3, 0, 0],
    [3, 0, 1],
    [1, 0, 2],
    [1, 2, 0.5],
    [0, 3, 0],
  ])(
    'a beam search of full width finds the best of all sequences: stop at %s, minLength %s, lengthPenalty %s',
    async (stop, minLength, penalty) => {
      for (const seed of [3, 4, 5, 6]) {
        for (const activation of ['linear', 'softmax'] as const) {
          const model = make([new Embedding(V, 4), new LSTM(5, { returnSequences: true }), new Dense(V, { activation })], seed, 1);
          const expected = await bestOf(model, 3, minLength, stop, penalty);
          const options = { length: 3, minLength, lengthPenalty: penalty, numBeams: 64, ...(stop === null ? {} : { stopIds: stop }) };
          expect([...generate(model, [2, 0], options)]).toEqual(expected);
          lengthsFound.add(expected.length);
        }
      }
    },
  );

  test('… which are of several lengths', () => expect([...lengthsFound].sort()).toEqual([0, 2, 3]));

  test.each([2, 3])('a beam search with %s beams is that of the definition', async (numBeams) => {
    const [length, stop] = [6, 1];
    for (let seed = 1; seed <= 24; seed++) {
      const model = writer(seed);
      let beams = [{ ids: [] as readonly number[], sum: 0 }];
      let best = { ids: [] as readonly number[], score: Number.NEGATIVE_INFINITY };
      for (let count = 1; count <= length; count++) {
        const candidates: { ids: readonly number[]; id: number; sum: number }[] = [];
        for (const { ids, sum } of beams) {
          const scores = Array.from((await model.predict([[2, 0, ...ids]])).data.slice(-V));
          const total = scores.reduce((all, value) => all + Math.exp(value), 0);
          candidates.push(...scores.map((score, id) => ({ ids, id, sum: sum + score - Math.log(total) })));
        }
        candidates.sort((a, b) => b.sum - a.sum);
        for (const [rank, { ids, id, sum }] of candidates.entries())
          if (id === stop && rank < numBeams && sum / count > best.score) best = { ids, score: sum / count };
        const goOn = candidates.filter(({ id }) => id !== stop).slice(0, numBeams);
        beams = goOn.map(({ ids, id, sum }) => ({ ids: [...ids, id], sum }));
      }
      for (const { ids, sum } of beams) if (sum / length > best.score) best = { ids, score: sum / length };
      expect([...generate(model, [2, 0], { length, stopIds: stop, numBeams })], `seed ${seed}`).toEqual(best.ids);
    }
  });

  test('a narrow beam keeps what one id at a time loses', async () => {
    // From 0 the likeliest next id, 1, goes on by chance; 2 leads to 3 surely.
    const model = make([new OneHot(V), new Dense(V, { activation: 'softmax' })]);
    const rows = [
      [0.01, 0.5, 0.48, 0.01],
      [0.25, 0.25, 0.25, 0.25],
      [0.01, 0.01, 0.01, 0.97],
      [0.25, 0.25, 0.25, 0.25],
    ];
    model.setWeights([rows.map((row) => row.map(Math.log)), [0, 0, 0, 0]]);
    expect([...generate(model, [0], { length: 2, temperature: 0 })]).toEqual([1, 0]);
    expect([...generate(model, [0], { length: 2, numBeams: 2 })]).toEqual([2, 3]);
    const turns: number[] = [];
    for await (const id of generate(model, [0], { length: 2, numBeams: 2 })) turns.push(id);
    expect(turns).toEqual([2, 3]);
    expect(await generateBatch(model, [[0], [3, 0], [2]], { length: 2, numBeams: 2 })).toEqual([
      [2, 3],
      [2, 3],
      [3, 0],
    ]);
  });

  test('prompts of several lengths at once: each as by itself', async () => {
    const model = writer();
    const prompts = [[2], [0, 1, 3, 3, 2], [1, 2], Int32Array.of(3, 3, 3)];
    const greedy = await generateBatch(model, prompts, { length: 6, temperature: 0 });
    expect(greedy).toEqual(prompts.map((prompt) => [...generate(model, prompt, { length: 6, temperature: 0 })]));
    const stopped = await generateBatch(model, prompts, { length: 9, temperature: 0, stopIds: [1, 3], minLength: 2 });
    expect(stopped).toEqual(
      prompts.map((prompt) => [...generate(model, prompt, { length: 9, temperature: 0, stopIds: [1, 3], minLength: 2 })]),
    );
    const given: [number, number][] = [];
    const drawn = await generateBatch(model, prompts, { length: 20, seed: 4, topK: 3, onToken: (id, prompt) => given.push([id, prompt]) });
    expect(drawn[0]).toEqual([...generate(model, [2], { length: 20, seed: 4, topK: 3 })]);
    expect(await generateBatch(model, prompts, { length: 20, seed: 4, topK: 3 })).toEqual(drawn);
    expect((await generateBatch(model, [[2], [2]], { length: 20, seed: 4, topK: 3 }))[1]).not.toEqual(drawn[0]);
    for (const index of prompts.keys()) expect(given.filter(([, prompt]) => prompt === index).map(([id]) => id)).toEqual(drawn[index]);
    expect(given.slice(0, 1)).toEqual([[drawn[0]?.[0], 0]]);
  });

  test('goes on from states, as an encoder leaves them, and with inputs of each prompt', async () => {
    const model = writer();
    const stream = model.stream();
    for (const id of [1, 3, 0]) stream.step(id);
    const { state } = stream;
    const whole = [...generate(model, [1, 3, 0, 2], { length: 6, temperature: 0 })];
    expect([...generate(model, [2], { length: 6, temperature: 0, state })]).toEqual(whole);
    const best = [...generate(model, [1, 3, 0, 2], { length: 4, numBeams: 3 })];
    expect([...generate(model, [2], { length: 4, numBeams: 3, state })]).toEqual(best);
    const [h, c] = [state.lstm?.h, state.lstm?.c].map((each) => Array.from(each?.data ?? [])) as [number[], number[]];
    const zeros = new Array<number>(5).fill(0);
    const batch = { lstm: { h: [zeros, h], c: [zeros, c] } };
    const plain = [...generate(model, [2], { length: 6, temperature: 0 })];
    expect(plain).not.toEqual(whole);
    expect(await generateBatch(model, [[2], [2]], { length: 6, temperature: 0, state: batch })).toEqual([plain, whole]);
    const beams = await generateBatch(model, [[2], [2]], { length: 4, numBeams: 3, state: batch });
    const plainBest = [...generate(model, [2], { length: 4, numBeams: 3 })];
    expect(plainBest).not.toEqual(best);
    expect(beams).toEqual([plainBest, best]);

    const [ids, context] = [Input({ shape: [null], name: 'ids' }), Input({ shape: [3], name: 'context' })];
    const read = new GRU(5).apply(new Embedding(V, 4).apply(ids));
    const graph = new Model({ inputs: [ids, context], outputs: new Dense(V).apply(new Concatenate().apply([read, context])) });
    const contexts = tensor([2, 3], new RandomArrays(8), -5, 5);
    const rows = [0, 1].map((row) => Array.from(contexts.data.subarray(row * 3, row * 3 + 3)));
    for (const options of [
      { length: 8, temperature: 0 },
      { length: 3, numBeams: 4 },
    ]) {
      const alone = rows.map((row) => [...generate(graph, [1], { ...options, inputs: { context: [row] } })]);
      expect(await generateBatch(graph, [[1], [1]], { ...options, inputs: { context: contexts } })).toEqual(alone);
      expect(rows.map((row) => [...generate(graph, [1], { ...options, inputs: { context: row } })])).toEqual(alone);
    }
    await expect(generateBatch(graph, [[1], [1]], { length: 2, numBeams: 2, inputs: { context: rows.slice(1) } })).rejects.toThrow(
      'generateBatch: inputs.context has shape [1, 3], expected a sample for each of 2 prompts',
    );
  });

  test('an encoder and a decoder: of several sources at once, and by beam search', async () => {
    const [source, target] = [Input({ shape: [null], name: 'source' }), Input({ shape: [null], name: 'target' })];
    const [, state] = new GRU(5, { returnState: true }).apply(new Embedding(V, 4).apply(source));
    const states = new GRU(5, { returnSequences: true }).apply(new Embedding(V, 4).apply(target), { initialState: state });
    const model = new Model({ inputs: [source, target], outputs: new Dense(V).apply(states) });
    const random = new RandomArrays(6);
    model.setWeights(model.weights.map(({ shape }) => tensor(shape, random, -3, 3)));
    const sources = [
      [1, 2, 3],
      [3, 0, 1],
      [2, 2, 2],
    ];
    const prompts = sources.map(() => [0]);
    const greedy = await generateBatch(model, prompts, { length: 6, temperature: 0, inputs: { source: sources } });
    for (const [row, ids] of greedy.entries()) {
      const written = [0];
      for (const id of ids) {
        const last = Array.from((await model.predict([[sources[row] as number[]], [written]])).data.slice(-V));
        expect(id).toBe(last.indexOf(Math.max(...last)));
        written.push(id);
      }
    }
    const beams = await generateBatch(model, prompts, { length: 6, numBeams: 3, inputs: { source: sources } });
    const alone = sources.map((each) => [...generate(model, [0], { length: 6, numBeams: 3, inputs: { source: [each] } })]);
    expect(beams).toEqual(alone);
    expect(new Set(greedy.map(String)).size).toBeGreaterThan(1);
    expect(new Set(beams.map(String)).size).toBeGreaterThan(1);
  });

  test.each([
    [[], { length: 1 }, 'ARGUMENT', /prompts must be an array of at least one prompt/],
    [[[1], []], { length: 1 }, 'DATA', /prompts\[1\] is empty/],
    [[[1], [V]], { length: 1 }, 'DATA', /prompts\[1\]\[0\] is 4/],
    [[[1], [[1]]], { length: 1 }, 'SHAPE', /prompts\[1\] must have one axis/],
    [[[1]], { length: Number.POSITIVE_INFINITY }, 'ARGUMENT', /length must be/],
    [[[1]], { length: 1, onToken: 3 }, 'ARGUMENT', /onToken must be a function, got 3/],
    [[[1]], { length: 1, stop: 3 }, 'ARGUMENT', /generateBatch: unknown option 'stop'/],
  ])('generateBatch refuses %o with %o', async (prompts, options, code, message) => {
    await expect(generateBatch(writer(), prompts as never, options as never)).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  test('an error of onToken ends it', async () => {
    const onToken = () => {
      throw new RangeError('enough');
    };
    await expect(generateBatch(writer(), [[1]], { length: 5, onToken })).rejects.toThrow(new RangeError('enough'));
  });
});
