import { describe } from '../core/describe.ts';
import { FormatError } from '../core/errors.ts';
import { Activation } from './activation.ts';
import { Bidirectional } from './bidirectional.ts';
import { Concatenate } from './concatenate.ts';
import { Dense } from './dense.ts';
import { Dropout } from './dropout.ts';
import { Embedding } from './embedding.ts';
import { GRU } from './gru.ts';
import { InputLayer } from './input.ts';
import type { Layer, LayerConfig } from './layer.ts';
import { LSTM } from './lstm.ts';
import { Add, Average, Maximum, Minimum, Multiply, Subtract } from './merge.ts';
import { OneHot } from './oneHot.ts';
import { RepeatVector } from './repeatVector.ts';
import { Flatten, Permute, Reshape } from './reshaping.ts';
import { SimpleRNN } from './simpleRNN.ts';
import { TimeDistributed } from './timeDistributed.ts';
import type { MakeLayer } from './wrapper.ts';

/** The layer classes by name. A new layer adds its line here. */
const LAYERS: Record<string, { fromConfig(config: LayerConfig, make: MakeLayer): Layer }> = {
  Activation,
  Add,
  Average,
  Bidirectional,
  Concatenate,
  Dense,
  Dropout,
  Embedding,
  Flatten,
  GRU,
  InputLayer,
  LSTM,
  Maximum,
  Minimum,
  Multiply,
  OneHot,
  Permute,
  RepeatVector,
  Reshape,
  SimpleRNN,
  Subtract,
  TimeDistributed,
};

/**
 * Makes a layer from its class name and its configuration, as a saved model stores them.
 * @throws {FormatError} when no layer has that name
 */
export function layerFromConfig(className: string, config: LayerConfig): Layer {
  const layerClass = Object.hasOwn(LAYERS, className) ? LAYERS[className] : undefined;
  if (!layerClass) throw new FormatError(`there is no layer class '${className}'; the classes are ${Object.keys(LAYERS).join(', ')}`);
  return layerClass.fromConfig(config, described);
}

/** The layer that a configuration holds. @throws {FormatError} when it holds none */
const described: MakeLayer = (value) => {
  const { className, config } = (typeof value === 'object' && value !== null ? value : {}) as { className?: unknown; config?: unknown };
  if (typeof className !== 'string' || typeof config !== 'object' || config === null)
    throw new FormatError(`a layer in a configuration must be { className, config }, got ${describe(value)}`);
  return layerFromConfig(className, config as LayerConfig);
};
