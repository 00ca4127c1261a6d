import { FormatError } from '../core/errors.ts';
import { Dense } from './dense.ts';
import { Dropout } from './dropout.ts';
import { Embedding } from './embedding.ts';
import { GRU } from './gru.ts';
import { InputLayer } from './input.ts';
import type { Layer, LayerConfig } from './layer.ts';
import { LSTM } from './lstm.ts';
import { OneHot } from './oneHot.ts';
import { SimpleRNN } from './simpleRNN.ts';

/** The layer classes by name. A new layer adds its line here. */
const LAYERS: Record<string, { fromConfig(config: LayerConfig): Layer }> = {
  Dense,
  Dropout,
  Embedding,
  GRU,
  InputLayer,
  LSTM,
  OneHot,
  SimpleRNN,
};

/**
 * Makes a layer from its class name and its configuration, as a saved model stores them.
 * @throws {FormatError} when no layer has that name
 */
export function layerFromConfig(className: string, config: LayerConfig): Layer {
  const layerClass = Object.hasOwn(LAYERS, className) ? LAYERS[className] : undefined;
  if (!layerClass) throw new FormatError(`there is no layer class '${className}'; the classes are ${Object.keys(LAYERS).join(', ')}`);
  return layerClass.fromConfig(config);
}
