import { FormatError } from '../../core/errors.ts';
import type { LayerConfig } from '../../layers/layerConfig.ts';
import { type KerasObject, readBatchShape } from './kerasObject.ts';
import { type DescribedLayer, titleOf } from './readLayer.ts';

/** Reads an InputLayer. @throws {FormatError} for a sparse or ragged one, and without a shape */
export function readInput(object: KerasObject): DescribedLayer {
  const { config } = object;
  const title = titleOf(object);
  for (const option of ['sparse', 'ragged', 'optional'])
    if (config[option]) throw new FormatError(`${title} has ${option}: true, which Backtime does not have`);
  const { shape, batchSize } = readBatchShape(config.batch_shape ?? config.batch_input_shape, `${title}: batch_shape`);
  const type = inputType(config.dtype);
  return {
    className: 'InputLayer',
    config: { name: config.name, shape, dtype: type, batchSize } as LayerConfig,
  };
}

/**
 * The type of an input. Floats may also be ids, as Keras code often has `Input(shape=(None,))` before
 * an Embedding.
 */
function inputType(type: unknown): string | null {
  const name = String(type ?? 'float32');
  if (name === 'bool' || name === 'string') return name;
  return /^u?int/.test(name) ? 'int32' : null;
}
