import { beforeEach, describe, expect, test } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import { decodeModelMessage } from '../../../ts/formats/onnx/decodeMessages.ts';
import { encodeModelMessage } from '../../../ts/formats/onnx/encodeMessages.ts';
import { type AttributeMessage, ELEMENTS, type ModelMessage, type NodeMessage } from '../../../ts/formats/onnx/messages.ts';
import {
  ArgumentError,
  AveragePooling1D,
  CRF,
  Dense,
  Embedding,
  FormatError,
  GroupNormalization,
  Input,
  type Layer,
  LSTM,
  loadModel,
  Model,
  modelToBytes,
  Normalization,
  PeepholeLSTMCell,
  Rescaling,
  RMSNormalization,
  RNN,
  Sequential,
  SimpleRNN,
  StringLookup,
  type SymbolicTensor,
  type Tensor,
  UnitNormalization,
  UpSampling2D,
} from '../../../ts/index.ts';
import { expectClose } from '../../support/differences.ts';
import { startOn } from '../../support/modelBackends.ts';
import { caught, expectError } from '../../support/refusals.ts';

const backend = await loadBackend('reference');
beforeEach(() => startOn(backend));

type Edit = (message: ModelMessage) => ModelMessage;
const IDS = { shape: [2, 4], data: Int32Array.of(0, 0, 3, 1, 2, 0, 4, 0) };

const words = () => new Sequential([new Embedding(5, 3, { inputShape: [null] }), new LSTM(2), new Dense(1)]);

async function edited(model: Model, edit: Edit): Promise<Uint8Array> {
  return encodeModelMessage(edit(decodeModelMessage(await modelToBytes(model, { format: 'onnx' }), 'm.onnx')));
}

const withNodes = (message: ModelMessage, nodes: (all: readonly NodeMessage[]) => readonly NodeMessage[]): ModelMessage => ({
  ...message,
  graph: { ...message.graph, nodes: nodes(message.graph.nodes) },
});

/** The LSTM node with another attribute. */
const withAttribute =
  (attribute: AttributeMessage): Edit =>
  (message) =>
    withNodes(message, (all) =>
      all.map((node) => (node.opType === 'LSTM' ? { ...node, attributes: [...node.attributes, attribute] } : node)),
    );

const cast = (input: string, output: string, to: number): NodeMessage => ({
  name: output,
  opType: 'Cast',
  domain: '',
  inputs: [input],
  outputs: [output],
  attributes: [{ name: 'to', int: to }],
});

describe('an edited file', () => {
  test('with a mask that no recurrent node takes has layers without it', async () => {
    const model = words();
    const bytes = await edited(model, (message) => {
      const [{ name }] = message.graph.inputs;
      const more = withNodes(message, (all) => [...all, cast(name, 'counts', ELEMENTS.bool), cast('counts', 'ones', ELEMENTS.float)]);
      const outputs = [...more.graph.outputs, { name: 'ones', dataType: ELEMENTS.float, dims: null }];
      return { ...more, graph: { ...more.graph, outputs } };
    });
    const predicted = (await (await loadModel<Model>(bytes)).predict(IDS)) as Record<string, Tensor>;
    expectClose(Object.values(predicted)[0].data, (await model.predict(IDS)).data, { absolute: 1e-6 }, 'output');
    expect([...predicted.ones.data]).toEqual([...IDS.data].map((id) => (id === 0 ? 0 : 1)));
  });

  const cases: readonly [string, Edit, RegExp][] = [
    ['clip', withAttribute({ name: 'clip', float: 3 }), /\(LSTM\).*clip.*export the model without it/],
    ['input_forget', withAttribute({ name: 'input_forget', int: 1 }), /\(LSTM\).*input_forget/],
    ['a graph inside a node', withAttribute({ name: 'body', reference: { name: 'x', type: 5 } }), /\(LSTM\).*'body'/],
    [
      'an activation of its own',
      withAttribute({ name: 'activations', strings: ['Sigmoid', 'Tanh', 'Relu'] }),
      /\(LSTM\).*different activations/,
    ],
    [
      'an operator that is not read',
      (message) => withNodes(message, (all) => all.map((node) => (node.opType === 'Gemm' ? { ...node, opType: 'Loop' } : node))),
      /\(Loop\).*does not read; it reads Abs, Add/,
    ],
    ['a circle', (message) => withNodes(message, (all) => [...all].reverse()), /is made by no node before/],
    [
      'two nodes that make one value',
      (message) => withNodes(message, (all) => [...all, all[0]]),
      /two nodes of the ONNX file make the value/,
    ],
    ['old operators', (message) => ({ ...message, opsets: new Map([['', 6]]) }), /version 6 of the operators/],
    [
      'weights of other sizes',
      (message) => {
        const initializers = message.graph.initializers.map((tensor) => ({ ...tensor, dims: [2 ** 40, ...tensor.dims.slice(1)] }));
        return { ...message, graph: { ...message.graph, initializers } };
      },
      /has sizes \[1099511627776/,
    ],
  ];
  for (const [name, edit, message] of cases)
    test(`with ${name} is refused`, async () => {
      const bytes = await edited(words(), edit);
      expectError(await caught(() => loadModel(bytes)), FormatError, message);
    });

  test('with names of object properties is read', async () => {
    const bytes = await edited(words(), (message) => {
      const renamed = (name: string) => (name === message.graph.nodes[0].outputs[0] ? '__proto__' : name);
      return withNodes(message, (all) =>
        all.map((node) => ({ ...node, inputs: node.inputs.map(renamed), outputs: node.outputs.map(renamed) })),
      );
    });
    expect((await loadModel(bytes)).countParams()).toBe(words().countParams());
    expect(({} as Record<string, unknown>).kind).toBeUndefined();
  });
});

test('a summand of each group is multiplied by the factor of each channel', async () => {
  const model = new Sequential([new GroupNormalization({ groups: 2, center: false, inputShape: [4] })]);
  const gamma = [1, 2, -3, 0.5];
  model.setWeights([{ shape: [4], data: Float32Array.from(gamma) }]);
  const summands = Float32Array.of(0.5, -2);
  const bytes = await edited(model, (message) => {
    const isSummand = (name: string) =>
      message.graph.nodes.some(({ opType, inputs }) => opType === 'InstanceNormalization' && inputs[2] === name);
    const initializers = message.graph.initializers.map((tensor) =>
      isSummand(tensor.name) ? { ...tensor, rawData: new Uint8Array(summands.buffer) } : tensor,
    );
    return { ...message, graph: { ...message.graph, initializers } };
  });
  const x = [[1, 2, -1, 4]];
  const expected = Array.from(
    (await model.predict(x)).data,
    (value, channel) => value + gamma[channel] * summands[Math.floor(channel / 2)],
  );
  expectClose((await (await loadModel(bytes)).predict(x)).data, expected, { absolute: 1e-5 }, 'output');
});

test('a quotient by a norm with another least is no UnitNormalization', async () => {
  const model = new Sequential([new UnitNormalization({ inputShape: [2] })]);
  const bytes = await edited(model, (message) => {
    const [{ inputs }] = message.graph.nodes.filter(({ opType }) => opType === 'Max');
    const initializers = message.graph.initializers.map((tensor) =>
      tensor.name === inputs[1] ? { ...tensor, rawData: new Uint8Array(Float32Array.of(10).buffer) } : tensor,
    );
    return { ...message, graph: { ...message.graph, initializers } };
  });
  expectClose((await (await loadModel(bytes)).predict([[3, 4]])).data, [0.3, 0.4], { absolute: 1e-6 }, 'output');
});

test('a Resize that takes the next place is refused', async () => {
  const model = new Sequential([new UpSampling2D(2, { inputShape: [2, 2, 1] })]);
  const bytes = await edited(model, (message) =>
    withNodes(message, (all) =>
      all.map((node) => ({
        ...node,
        attributes: node.attributes.map((each) => (each.name === 'nearest_mode' ? { ...each, string: 'ceil' } : each)),
      })),
    ),
  );
  expectError(await caught(() => loadModel(bytes)), FormatError, /\(Resize\).*does more than repeat/);
});

test('data is scaled in the file', async () => {
  const scale = new Normalization({ mean: [1, 2, 3], variance: [1, 4, 9] });
  const model = new Sequential([scale, new LSTM(2, { inputShape: [null, 3] })]);
  const x = { shape: [2, 4, 3], data: Float64Array.from({ length: 24 }, (_, index) => index % 7) };
  const loaded = await loadModel(await modelToBytes(model, { format: 'onnx' }));
  expectClose((await loaded.predict(x)).data, (await model.predict(x)).data, { absolute: 1e-5 }, 'output');
});

describe('what a file cannot hold is refused', () => {
  const cases: readonly [string, () => Model, RegExp][] = [
    ['CRF', () => new Sequential([new CRF(3, { inputShape: [null, 2] })]), /layer crf \(CRF\).*no operator.*\.safetensors/],
    [
      'a stateful layer',
      () => new Sequential([Input({ shape: [null, 2], batchSize: 3 }), new LSTM(2, { stateful: true })]),
      /layer lstm \(LSTM\).*stateful.*initialState and returnState/,
    ],
    [
      'an activation',
      () => new Sequential([new SimpleRNN(2, { activation: 'softmax', inputShape: [null, 2] })]),
      /layer simple_rnn \(SimpleRNN\).*'softmax'.*Use one of tanh/,
    ],
    [
      'texts',
      () => new Sequential([new StringLookup({ vocabulary: ['a', 'b'] }), new Embedding(4, 2, { inputShape: [null] }), new LSTM(2)]),
      /\(StringLookup\).*prepares data/,
    ],
  ];
  for (const [name, make, message] of cases)
    test(name, async () => {
      const model = make();
      expectError(await caught(() => modelToBytes(model, { format: 'onnx' })), ArgumentError, message);
    });
});

test('nodes with the same kernels and other peepholes are two layers', async () => {
  const x = Input({ shape: [null, 2] });
  const layers = [1, 2].map(() => new RNN(new PeepholeLSTMCell({ units: 2 })));
  const model = new Model({ inputs: x, outputs: layers.map((layer) => layer.apply(x) as SymbolicTensor) });
  const bytes = await edited(model, (message) => {
    const [first] = message.graph.nodes.filter(({ opType }) => opType === 'LSTM') as [NodeMessage];
    return withNodes(message, (all) =>
      all.map((node) =>
        node.opType === 'LSTM'
          ? { ...node, inputs: [...node.inputs.slice(0, 1), ...first.inputs.slice(1, 4), ...node.inputs.slice(4)] }
          : node,
      ),
    );
  });
  const loaded = await loadModel<Model>(bytes);
  const recurrent = loaded.layers.filter(({ className }) => className === 'RNN');
  // The last weight is that of the forget gate's peephole; files of ONNX are in float32.
  const peepholes = (of: Layer) => Array.from((of.getWeights().at(-1) as Tensor).data as Float64Array, Math.fround);
  expect(recurrent.map(peepholes)).toEqual(layers.map(peepholes));
});

test('a number less masked values is read as it is computed, and the mask goes on', async () => {
  const make = (scale: number) =>
    new Sequential([new Embedding(5, 3, { inputShape: [null], maskZero: true }), new Rescaling(scale, 2), new LSTM(2), new Dense(1)]);
  const [sum, difference] = [make(1), make(-1)];
  difference.setWeights(sum.getWeights());
  let swapped = 0;
  const bytes = await edited(sum, (message) =>
    withNodes(message, (all) =>
      all.map((node) => {
        if (node.opType !== 'Add' || !node.name.includes('rescaling')) return node;
        swapped++;
        return { ...node, opType: 'Sub', inputs: [...node.inputs].reverse() };
      }),
    ),
  );
  expect(swapped).toBe(1);
  const read = await loadModel<Model>(bytes);
  expectClose((await read.predict(IDS)).data, ((await difference.predict(IDS)) as Tensor).data, { absolute: 1e-6 }, 'predictions');
});

test('the mean of all steps counts masked steps too, as the file computes it', async () => {
  const model = new Sequential([new Embedding(5, 3, { inputShape: [4], maskZero: true }), new LSTM(2, { returnSequences: true })]);
  const bytes = await edited(model, (message) => {
    const [{ name }] = message.graph.outputs;
    const axes = {
      name: 'axes',
      dataType: ELEMENTS.int64,
      dims: [1],
      rawData: new Uint8Array(BigInt64Array.of(1n).buffer),
      numbers: null,
      external: false,
    };
    const mean: NodeMessage = {
      name: 'mean',
      opType: 'ReduceMean',
      domain: '',
      inputs: [name, 'axes'],
      outputs: ['mean'],
      attributes: [{ name: 'keepdims', int: 0 }],
    };
    const more = withNodes(message, (all) => [...all, mean]);
    const initializers = [...more.graph.initializers, axes];
    const outputs = [{ name: 'mean', dataType: ELEMENTS.float, dims: null }];
    return { ...more, graph: { ...more.graph, initializers, outputs } };
  });
  const { data } = (await model.predict(IDS)) as Tensor;
  const expected = [0, 1].flatMap((sample) =>
    [0, 1].map((unit) => [0, 1, 2, 3].reduce((sum, step) => sum + data[(sample * 4 + step) * 2 + unit], 0) / 4),
  );
  const read = await loadModel<Model>(bytes);
  expectClose(((await read.predict(IDS)) as Tensor).data, expected, { absolute: 1e-6 }, 'means');
});

test('the scale after a norm keeps the order of axes that the file swaps', async () => {
  const model = new Sequential([new RMSNormalization({ axis: [-2, -1], inputShape: [2, 2] })]);
  const scale = [1, 2, 3, 4];
  model.setWeights([{ shape: [2, 2], data: Float32Array.from(scale) }]);
  const bytes = await edited(model, (message) => {
    const [{ name }] = message.graph.inputs;
    const swap: NodeMessage = {
      name: 'swap',
      opType: 'Transpose',
      domain: '',
      inputs: [name],
      outputs: ['swapped'],
      attributes: [{ name: 'perm', ints: [0, 2, 1] }],
    };
    return withNodes(message, (all) => [
      swap,
      ...all.map((node) => ({ ...node, inputs: node.inputs.map((input) => (input === name ? 'swapped' : input)) })),
    ]);
  });
  const [first, second, third, fourth] = [1, -2, 2, 4];
  // The square of 2.5 is the mean of the squares.
  const expected = [first, third, second, fourth].map((value, index) => (value / 2.5) * scale[index]);
  const x = [
    [
      [first, second],
      [third, fourth],
    ],
  ];
  expectClose((await (await loadModel(bytes)).predict(x)).data, expected, { absolute: 1e-4 }, 'output');
});

test.each([
  ['as many steps', 'same' as const, 1, [1, 2, 3, 7 / 3]],
  ['every second step', 'valid' as const, 2, [1, 3]],
])('an average that counts the zeros at the ends: %s', async (_name, padding, strides, expected) => {
  const model = new Sequential([new AveragePooling1D(3, { padding, strides, inputShape: [4, 1] })]);
  const bytes = await edited(model, (message) =>
    withNodes(message, (all) =>
      all.map((node) =>
        node.opType === 'AveragePool'
          ? {
              ...node,
              attributes: [
                ...node.attributes.filter(({ name }) => name !== 'pads' && name !== 'auto_pad'),
                { name: 'pads', ints: [1, 1] },
                { name: 'count_include_pad', int: 1 },
              ],
            }
          : node,
      ),
    ),
  );
  // Zeros around 1, 2, 3, 4.
  const { data } = (await (await loadModel(bytes)).predict([[[1], [2], [3], [4]]])) as Tensor;
  expectClose(data, expected, { absolute: 1e-6 }, 'output');
});
