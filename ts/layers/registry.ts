import { FormatError } from '../core/errors.ts';
import { Dense } from './dense.ts';
import { Dropout } from './dropout.ts';
import { Embedding } from './embedding.ts';
import { GRU } from './gru.ts';
import type { Layer, LayerConfig } from './layer.ts';
import { LSTM } from './lstm.ts';
import { OneHot } from './oneHot.ts';
import { SimpleRNN } from './simpleRNN.ts';

/** Every layer class by name: a new layer adds its line here. */
const LAYERS: Record<string, { fromConfig(config: LayerConfig): Layer }> = {
  Dense,
  Dropout,
  Embedding,
  GRU,
  LSTM,
  OneHot,
  SimpleRNN,
};

/**
 * Makes a layer from its class name and configuration, as saved models hold them.
 * @throws {FormatError} when no layer has that name
 */
export function layerFromConfig(className: string, config: LayerConfig): Layer {
  const layerClass = Object.hasOwn(LAYERS, className) ? LAYERS[className] : undefined;
  if (!layerClass) throw new FormatError(`no layer class is called '${className}'; known are ${Object.keys(LAYERS).join(', ')}`);
  return layerClass.fromConfig(config);
}
