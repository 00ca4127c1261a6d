import { Dense } from '../../ts/layers/dense.ts';
import { Embedding } from '../../ts/layers/embedding.ts';
import { GRU } from '../../ts/layers/gru.ts';
import type { Layer } from '../../ts/layers/layer.ts';
import { LSTM } from '../../ts/layers/lstm.ts';
import { Masking } from '../../ts/layers/masking.ts';
import { OneHot } from '../../ts/layers/oneHot.ts';
import { SimpleRNN } from '../../ts/layers/simpleRNN.ts';
import { Sequential } from '../../ts/model/sequential.ts';
import { floatsOf, type GoldenLayer, type GoldenTensor, type NamedTensors } from './goldenFiles.ts';

type LayerConstructor = new (...args: never[]) => Layer;

const LAYERS: Record<GoldenLayer['type'], LayerConstructor> = { OneHot, Embedding, SimpleRNN, LSTM, GRU, Dense, Masking };

/** An array as the model API takes it. */
export function tensorOf(tensor: GoldenTensor) {
  return { shape: tensor.shape, data: floatsOf(tensor) };
}

/** A model of the golden layers with their weights, built for the shape of `x`. */
export function goldenModel(layers: readonly GoldenLayer[], x: GoldenTensor): Sequential {
  const model = new Sequential();
  for (const { type, arguments: positional, config } of layers) model.add(new LAYERS[type](...([...positional, config] as never[])));
  model.build([null, ...x.shape.slice(1)]);
  model.setWeights(layers.flatMap(({ weights }) => Object.values(weights).map(tensorOf)));
  return model;
}

/** The values of every weight by its place and name, in Keras' order. */
export function namedValues(layers: readonly NamedTensors[]): [name: string, values: readonly number[]][] {
  return layers.flatMap((weights, index) =>
    Object.entries(weights).map(([name, { data }]): [string, readonly number[]] => [`${name} of layer ${index}`, data]),
  );
}
