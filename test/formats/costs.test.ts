import { beforeEach, describe, expect, test, vi } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { withoutMiddle } from '../../ts/core/describe.ts';
import { warn } from '../../ts/core/warnings.ts';
import { LONGEST_HEADER } from '../../ts/formats/safetensors.ts';
import { Chain } from '../../ts/graph/chain.ts';
import { Graph } from '../../ts/graph/graph.ts';
import {
  ArgumentError,
  Dense,
  Dropout,
  FormatError,
  loadModel,
  type Model,
  modelToBytes,
  Sequential,
  SGD,
  ShapeError,
  setWarningHandler,
} from '../../ts/index.ts';
import { ModelMemory } from '../../ts/model/modelMemory.ts';
import { Session } from '../../ts/model/session.ts';
import { lookUps } from '../support/lookUps.ts';
import { startOn } from '../support/modelBackends.ts';
import { caught, expectError } from '../support/refusals.ts';

const backend = await loadBackend('reference');
beforeEach(() => startOn(backend));

/** A file of this header, as it stands, and these many bytes of data, all zero. */
function fileOf(header: unknown, dataBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

/** A model's file, with what the description of a small one is changed to. */
function modelFile(description: object, tensors: object = {}, dataBytes = 0): Uint8Array {
  const model = JSON.stringify({ name: 'm', seed: [1, 2], inputShape: [1], compile: null, ...description });
  return fileOf({ __metadata__: { format: 'backtime', version: '1', model }, ...tensors }, dataBytes);
}

const many = <T>(count: number, each: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => each(index));
const dropouts = (count: number, config: (index: number) => object = () => ({})) =>
  many(count, (index) => ({ className: 'Dropout', config: { rate: 0.1, ...config(index) } }));

const DENSE = { className: 'Dense', config: { units: 1, useBias: false } };
const denseName = (index: number) => (index === 0 ? 'dense' : `dense_${index}`);

/** A file of many layers, each with a weight of one value and a slot of the optimizer. */
function trainedFile(layers: number): Uint8Array {
  const compile = {
    loss: 'meanSquaredError',
    fromLogits: false,
    metrics: [],
    optimizer: { className: 'SGD', config: { momentum: 0.9 } },
    trainable: many(layers, denseName),
    iteration: 1,
    epochsDone: 1,
  };
  const names = [
    ...many(layers, (index) => `${denseName(index)}/kernel`),
    ...many(layers, (index) => `optimizer/${denseName(index)}/kernel/velocity`),
  ];
  const tensors = names.map((name, index) => [name, { dtype: 'F32', shape: [1, 1], data_offsets: [4 * index, 4 * index + 4] }]);
  return modelFile({ layers: many(layers, () => DENSE), compile }, Object.fromEntries(tensors), 4 * names.length);
}

/** A use of a layer in a file's graph. */
const node = (layer: number, inputs: readonly (readonly [node: number, output: number])[]) => ({
  layer,
  inputs,
  states: 0,
  mask: false,
  training: null,
});
const input = (name: string) => ({ className: 'InputLayer', config: { name, shape: [4] } });
const DROPOUT = { className: 'Dropout', config: { rate: 0.1 } };
const ADD = { className: 'Add', config: {} };

/** Graphs of many nodes. */
const GRAPHS: Record<string, (count: number) => object> = {
  'a chain': (count) => ({
    layers: [input('in'), ...many(count, () => DROPOUT)],
    graph: { nodes: [node(0, []), ...many(count, (index) => node(index + 1, [[index, 0]]))], outputs: [[count, 0]] },
  }),
  'uses of one layer': (count) => ({
    layers: [input('in'), DROPOUT],
    graph: { nodes: [node(0, []), ...many(count, (index) => node(1, [[index, 0]]))], outputs: [[count, 0]] },
  }),
  inputs: (count) => ({
    layers: [...many(count, (index) => input(`in ${index}`)), ADD],
    graph: {
      nodes: [
        ...many(count, (index) => node(index, [])),
        node(
          count,
          many(count, (index) => [index, 0] as const),
        ),
      ],
      outputs: [[count, 0]],
    },
  }),
  outputs: (count) => ({
    layers: [input('in'), ...many(count, () => DROPOUT)],
    graph: { nodes: [node(0, []), ...many(count, (index) => node(index + 1, [[0, 0]]))], outputs: many(count, (index) => [index + 1, 0]) },
  }),
  'outputs of one layer': (count) => ({
    layers: [input('in'), DROPOUT],
    graph: { nodes: [node(0, []), ...many(count, () => node(1, [[0, 0]]))], outputs: many(count, (index) => [index + 1, 0]) },
  }),
  'branches that meet': (count) => ({
    layers: [input('in'), DROPOUT, ADD],
    graph: {
      nodes: [
        node(0, []),
        ...many(count, () => node(1, [[0, 0]])),
        node(
          2,
          many(count, (index) => [index + 1, 0] as const),
        ),
      ],
      outputs: [[count + 1, 0]],
    },
  }),
};

describe('work that grows with the number of layers, not with its square', () => {
  const LAYERS = 100;
  /**
   * What twice as many layers may cost: twice, and what does not grow with them is on the safe
   * side.
   */
  const TWICE = 2.05;

  const cases: [string, (layers: number) => Promise<() => unknown> | (() => unknown)][] = [
    ['loading layers without names', (count) => () => loadModel(modelFile({ layers: dropouts(count) }))],
    [
      'loading layers with names',
      (count) => () => loadModel(modelFile({ layers: dropouts(count, (index) => ({ name: `layer ${index}` })) })),
    ],
    [
      'loading layers of which the first says what it takes',
      (count) => () => loadModel(modelFile({ layers: dropouts(count, (index) => (index === 0 ? { inputShape: [1] } : {})) })),
    ],
    ['loading weights and slots', (count) => () => loadModel(trainedFile(count))],
    [
      'reading weights and slots of a loaded model',
      async (count) => {
        const model = await loadModel(trainedFile(count));
        return () => model.getState();
      },
    ],
    [
      'opening an engine for a loaded model',
      async (count) => {
        const state = (await loadModel(trainedFile(count))).getState();
        return () => Session.restore(state, backend).dispose();
      },
    ],
    [
      'taking over what workers trained',
      async (count) => {
        const { weights, compile } = (await loadModel(trainedFile(count))).getState();
        const chain = new Chain();
        for (let layer = 0; layer < count; layer++) chain.add(new Dense(1, { useBias: false }));
        chain.build([1]);
        // The graph finds the names of its weights when it is first asked for one.
        for (const weight of chain.graph?.weights.slice(0, 1) ?? []) chain.graph?.pathOf(weight);
        return () => new ModelMemory(chain).replace(weights, compile?.slots ?? [], ['velocity']);
      },
    ],
    ...Object.entries(GRAPHS).flatMap(([name, describeGraph]): [string, (layers: number) => () => unknown][] => [
      [`loading a graph of many ${name}`, (count) => () => loadModel(modelFile(describeGraph(count)))],
      [
        `saving and loading a graph of many ${name}`,
        (count) => async () => {
          const model = await loadModel<Model>(modelFile(describeGraph(count)));
          expect(Graph.of(model.inputs, model.outputs).outputNames.length).toBe(model.outputs.length);
          await loadModel(await modelToBytes(model));
        },
      ],
    ]),
    [
      'loading layers whose names are numbered with gaps',
      (count) => () =>
        loadModel(modelFile({ layers: dropouts(2 * count, (index) => (index < count ? { name: `dropout_${2 * index}` } : {})) })),
    ],
  ];
  test.each(cases)('%s', async (_label, prepare) => {
    const [once, twice] = [await prepare(LAYERS), await prepare(2 * LAYERS)];
    await once();
    const least = await lookUps(once);
    expect(least).toBeGreaterThan(LAYERS);
    expect((await lookUps(twice)) / least).toBeLessThan(TWICE);
  });

  test('adding a layer to a compiled model takes time with its layers, not with their square', async () => {
    const adding = async (layers: number) => {
      const model = new Sequential(many(layers, () => new Dropout(0.1)));
      model.compile({ optimizer: 'sgd', loss: 'mse' });
      return lookUps(() => model.add(new Dropout(0.1)));
    };
    expect((await adding(2 * LAYERS)) / (await adding(LAYERS))).toBeLessThan(TWICE);
  });

  test('names are what they were: the lowest number that is free, of what was taken away too', () => {
    const model = new Sequential([new Dense(1), new Dense(1, { name: 'dense_2' }), new Dense(1), new Dropout(0.1), new Dense(1)]);
    const names = () => model.layers.map(({ name }) => name);
    expect(names()).toEqual(['dense', 'dense_2', 'dense_1', 'dropout', 'dense_3']);
    model.pop();
    model.pop();
    model.pop();
    for (const layer of [new Dense(1), new Dropout(0.1), new Dense(1)]) model.add(layer);
    expect(names()).toEqual(['dense', 'dense_2', 'dense_1', 'dropout', 'dense_3']);
    expect(() => model.add(new Dense(1, { name: 'dense_3' }))).toThrow(/already has a layer called 'dense_3'$/);
    expect(() => model.add(model.layers[2] as Dense)).toThrow(/layer dense_1 is already in this model$/);
  });

  test('the output shape is that of the layers there are: added, taken away, and of a model that could not be built', async () => {
    const model = new Sequential([new Dense(3, { inputShape: [2] })]);
    expect(model.outputShape).toEqual([null, 3]);
    model.add(new Dense(4));
    expect(model.outputShape).toEqual([null, 4]);
    model.add(new Dense(5));
    model.pop();
    expect(model.outputShape).toEqual([null, 4]);
    model.pop();
    model.pop();
    model.add(new Dense(6, { inputShape: [2] }));
    expect(model.outputShape).toEqual([null, 6]);
    const unbuilt = new Sequential([new Dense(1)]);
    unbuilt.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    expectError(await caught(() => unbuilt.fit([[1, 2, 3]], [[1]], { verbose: 0 })), ShapeError, /categoricalCrossentropy/);
    unbuilt.build([null, 7, 3]);
    expect(unbuilt.outputShape).toEqual([null, null, 1]);
  });
});

test('layers inside of layers are refused before they exhaust the stack', async () => {
  const nested = (depth: number) => {
    const inner = JSON.stringify({ className: 'Dense', config: { units: 1, useBias: false } });
    const layer = `${'{"className":"TimeDistributed","config":{"layer":'.repeat(depth)}${inner}${'}}'.repeat(depth)}`;
    const inputShape = JSON.stringify(many(2, () => 1));
    return fileOf({
      __metadata__: {
        format: 'backtime',
        version: '1',
        model: `{"name":"m","seed":[1,2],"inputShape":${inputShape},"compile":null,"layers":[${layer}]}`,
      },
    });
  };
  for (const depth of [65, 40_000]) {
    expectError(await caught(() => loadModel(nested(depth))), FormatError, /^the saved model has more than 64 layers inside each other$/);
  }
  // Refused for another reason: there is no weight in this file.
  expectError(await caught(() => loadModel(nested(1))), FormatError, /the saved model has no array '.*dense\/kernel'$/);
  expectError(await caught(() => loadModel(nested(64))), FormatError, /^the saved model cannot be made from its description: /);
});

test.each([
  ['slots', '"compile":{"slots":[@]}'],
  ['names of weights that are integers', '"compile":null,"quantised":[{"name":@}]'],
])('arrays inside of arrays among the %s are refused, and do not exhaust the stack', async (_, text) => {
  const fields = text.replace('@', '['.repeat(60_000) + ']'.repeat(60_000));
  const model = `{"name":"m","seed":[1,2],"inputShape":[1],"layers":[${JSON.stringify(DENSE)}],${fields}}`;
  const error = await caught(() => loadModel(fileOf({ __metadata__: { format: 'backtime', version: '1', model } })));
  expect(error).toBeInstanceOf(FormatError);
});

describe('a header that is longer than any model needs', () => {
  test('is refused with the limit before it is parsed', async () => {
    const parse = vi.spyOn(JSON, 'parse');
    const text = `{"a":${'['.repeat(LONGEST_HEADER / 2)}${']'.repeat(LONGEST_HEADER / 2)}}`;
    const error = await caught(() => loadModel(fileOf(text)));
    expectError(error, FormatError, new RegExp(`its header has ${text.length} bytes, at most ${LONGEST_HEADER} are read$`));
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  test('is read up to the limit', async () => {
    const file = modelFile({ layers: [DENSE] }, { 'dense/kernel': { dtype: 'F32', shape: [1, 1], data_offsets: [0, 4] } }, 4);
    const length = Number(new DataView(file.buffer).getBigUint64(0, true));
    const padded = (to: number) => fileOf(new TextDecoder().decode(file.subarray(8, 8 + length)).padEnd(to), 4);
    expect((await loadModel(padded(LONGEST_HEADER))).countParams()).toBe(1);
    expectError(await caught(() => loadModel(padded(LONGEST_HEADER + 1))), FormatError, /at most \d+ are read$/);
  });

  test('is not written', async () => {
    const long = (characters: number) => {
      const model = new Sequential([new Dense(1, { name: 'n'.repeat(characters), inputShape: [1] })]);
      return modelToBytes(model);
    };
    // The name stands in the description, and before the names of two weights.
    expectError(
      await caught(() => long(LONGEST_HEADER / 3)),
      ArgumentError,
      /has 4194304 bytes at most, but would have 4\d{6}: .* of 2 tensors/,
    );
    await loadModel(await long(LONGEST_HEADER / 3 - 1000));
  });
});

describe('errors do not repeat what is long', () => {
  const LONG = 'x'.repeat(1_000_000);
  /** Characters of the longest message. */
  const MOST = 2000;
  const oneLayer = (layer: object, more: object = {}) => modelFile({ layers: [layer], ...more });
  const compiled = (change: object) =>
    oneLayer(
      { className: 'Dropout', config: { rate: 0.1 } },
      {
        compile: {
          loss: 'meanSquaredError',
          fromLogits: false,
          metrics: [],
          optimizer: { className: 'SGD', config: {} },
          iteration: 0,
          epochsDone: 0,
          ...change,
        },
      },
    );
  const tensor = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
  const layerNames = many(20_000, (index) => ({ name: `layer ${index}` }));
  const named = () => new Sequential(layerNames.map(({ name }) => new Dropout(0.1, { name })));

  const cases: [string, () => unknown][] = [
    ['the name of a tensor', () => loadModel(fileOf({ [LONG]: tensor }))],
    ['the type of a tensor', () => loadModel(fileOf({ a: { ...tensor, dtype: LONG } }))],
    ['the shape of a tensor', () => loadModel(fileOf({ a: { ...tensor, shape: many(500_000, () => 1) } }, 8))],
    ['the version', () => loadModel(fileOf({ __metadata__: { format: 'backtime', version: LONG, model: '{}' } }))],
    ['the checksum', () => loadModel(fileOf({ __metadata__: { format: 'backtime', version: '1', model: '{}', checksum: LONG } }))],
    ['the class of a layer', () => loadModel(oneLayer({ className: LONG, config: {} }))],
    ['the name of a layer', () => loadModel(modelFile({ layers: dropouts(2, () => ({ name: LONG })) }))],
    ['the name of an option', () => loadModel(oneLayer({ className: 'Dropout', config: { [LONG]: 1 } }))],
    ['the value of an option', () => loadModel(oneLayer({ className: 'Dense', config: { units: 1, activation: LONG } }))],
    ['the shape of the inputs', () => loadModel(oneLayer(DENSE, { inputShape: many(500_000, () => 1) }))],
    ['the loss', () => loadModel(compiled({ loss: LONG }))],
    ['a metric', () => loadModel(compiled({ metrics: [LONG] }))],
    ['the class of the optimizer', () => loadModel(compiled({ optimizer: { className: LONG, config: {} } }))],
    ['an option of the optimizer', () => loadModel(compiled({ optimizer: { className: 'SGD', config: { [LONG]: 1 } } }))],
    ['a trained layer', () => loadModel(compiled({ trainable: [LONG] }))],
    ['the name of a weight that is missing', () => loadModel(oneLayer({ ...DENSE, config: { ...DENSE.config, name: LONG } }))],
    ['the address', () => loadModel(`data:application/octet-stream,${LONG}`)],
    ['the path', () => loadModel(`/tmp/${LONG}`)],
    ['the path to save to', () => new Sequential([new Dense(1, { inputShape: [1] })]).save(`/tmp/${LONG}.safetensors`)],
    ['the names of all layers', () => named().getLayer('none')],
  ];
  test.each(cases)('%s', async (_label, call) => {
    const error = await caught(call);
    expect(error).toBeInstanceOf(Error);
    const { message, stack } = error as Error;
    expect(message.length).toBeLessThanOrEqual(MOST);
    expect(message.length).toBeGreaterThan(40);
    expect((stack ?? '').length).toBeLessThan(MOST + 10_000);
  });

  test('but keep their beginning and their end, which says what to do', () => {
    const inner = new ArgumentError(`of ${LONG}: the remedy`);
    const { message } = new FormatError(`a file: ${inner.message}`);
    expect(message).toMatch(/^a file: of x+ … x+: the remedy$/);
    expect(message).toHaveLength(MOST);
    expect(withoutMiddle(message)).toBe(message);
    expect(withoutMiddle('y'.repeat(MOST))).toBe('y'.repeat(MOST));
    expect(withoutMiddle('y'.repeat(MOST + 1))).toHaveLength(MOST);
  });

  test('and warnings neither', () => {
    const handler = vi.fn();
    setWarningHandler(handler);
    warn('TEST', `of ${LONG}: the remedy`, {});
    setWarningHandler(null);
    expect(handler.mock.calls[0]?.[0]).toMatch(/^of x+ … x+: the remedy$/);
    expect(handler.mock.calls[0]?.[0]).toHaveLength(MOST);
  });

  test('and a name that is longer than all options is compared with none', async () => {
    const compare = vi.spyOn(Array, 'from');
    await caught(() => loadModel(oneLayer({ className: 'Dropout', config: { [LONG]: 1 } })));
    expect(compare).not.toHaveBeenCalled();
    compare.mockRestore();
  });
});

test('a model of many layers is saved and loaded', async () => {
  const model = new Sequential(many(3000, () => new Dense(1, { useBias: false })));
  model.build([null, 1]);
  model.compile({ optimizer: new SGD(), loss: 'mse' });
  const loaded = await loadModel(await modelToBytes(model));
  expect(loaded.layers.map(({ name }) => name)).toEqual(model.layers.map(({ name }) => name));
  expect(loaded.getWeights()).toEqual(model.getWeights());
});
