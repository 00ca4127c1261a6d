import { ArgumentError } from '../../core/errors.ts';
import { warn } from '../../core/warnings.ts';
import { snakeCase } from '../../layers/layer.ts';
import type { LayerConfig, LayerConfigValue } from '../../layers/layerConfig.ts';
import type { Plain } from './kerasObject.ts';
import { NAMED_VALUES, NOT_OF_KERAS, OPTIONS_NOT_OF_KERAS } from './layerOptions.ts';
import { snakeOption } from './names.ts';
import type { DescribedLayer } from './readLayer.ts';
import { writeActivation, writeInitializer, writeRule } from './ruleValues.ts';

/** Writes a layer that may be a model. */
export type WriteLayer = (layer: DescribedLayer) => Plain;

/** Options of Backtime's layers that are arguments of the call in Keras. */
export const CALL_OPTIONS: readonly string[] = ['useCausalMask', 'returnAttentionScores'];

/**
 * Writes a layer, with the options that differ from Keras's defaults and those that do not.
 * @param inside writes the layers inside
 * @throws {ArgumentError} for a layer or an option that Keras does not have
 */
export function writeLayer({ className, config }: DescribedLayer, inside: WriteLayer): Plain {
  const title = `layer ${String(config.name)} (${className})`;
  if (NOT_OF_KERAS.includes(className)) throw new ArgumentError(`save: ${title} is not a layer of Keras: save the model as .safetensors`);
  const isOwn = className.includes('>');
  return {
    module: isOwn ? null : 'keras.layers',
    class_name: isOwn ? className.split('>')[1] : className,
    config: { ...optionsOf(className, config, title), ...insideOf(className, config, inside) },
    registered_name: isOwn ? className : null,
  };
}

function optionsOf(className: string, config: LayerConfig, title: string): Plain {
  const written: Record<string, unknown> = {};
  for (const [option, value] of Object.entries(config)) {
    if (INSIDE.includes(option) || CALL_OPTIONS.includes(option)) continue;
    // Keras's SpatialDropout1D does not take it.
    if (option === 'trainable' && (value === true || className === 'SpatialDropout1D')) continue;
    if (Object.hasOwn(OPTIONS_NOT_OF_KERAS, option)) {
      if (value !== OPTIONS_NOT_OF_KERAS[option])
        warn(
          'NOT_SAVED',
          `save: a .keras file does not hold ${option}: ${String(value)} of ${title}; it counts for training only.`,
          undefined,
          `${title} ${option}`,
        );
      continue;
    }
    written[snakeOption(option)] = writeOption(className, option, value, `save: ${title}: ${option}`);
  }
  return written;
}

/** Options that hold layers. */
const INSIDE: readonly string[] = ['layer', 'backwardLayer', 'cells'];

function writeOption(className: string, option: string, value: LayerConfigValue, where: string): unknown {
  if (option === 'activation' || option.endsWith('Activation')) return writeActivation(value, where);
  if (option.endsWith('Initializer')) return writeInitializer(value);
  if (option.endsWith('Regularizer')) return writeRule(value, 'keras.regularizers');
  if (option.endsWith('Constraint')) return writeRule(value, 'keras.constraints');
  if (NAMED_VALUES.includes(snakeOption(option)) && typeof value === 'string' && !value.includes('>')) return snakeOption(value);
  // No axes: Keras's form of it is null.
  return className === 'PReLU' && option === 'sharedAxes' && Array.isArray(value) && value.length === 0 ? null : value;
}

function insideOf(className: string, config: LayerConfig, inside: WriteLayer): Plain {
  const write = (value: LayerConfigValue | undefined) => inside(value as unknown as DescribedLayer);
  if (className === 'Bidirectional') return { layer: write(config.layer), backward_layer: write(config.backwardLayer) };
  if (className === 'TimeDistributed') return { layer: write(config.layer) };
  if (className !== 'RNN') return {};
  const cells = (config.cells as unknown as readonly DescribedLayer[]).map((cell) => inside(named(cell)));
  if (cells.length === 1) return { cell: cells[0] };
  const stacked = { module: 'keras.layers', class_name: 'StackedRNNCells', config: { cells }, registered_name: null };
  return { cell: stacked };
}

/** A cell with a name: Keras's cells have one. */
function named({ className, config }: DescribedLayer): DescribedLayer {
  return { className, config: { name: snakeCase(className.split('>').at(-1) as string), ...config } };
}
