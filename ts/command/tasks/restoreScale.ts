import { Dense, Model, type Normalization, type SymbolicTensor } from '../../node.ts';

/**
 * A model that answers in the units of the data, made of one that is trained on normalized targets:
 * both have the same layers and weights.
 * @param scale the normalization of the targets
 */
export function inUnitsOfData(model: Model, { mean, variance }: Normalization): Model {
  const C = mean?.length ?? 0;
  const restore = new Dense(C, { name: 'restoreScale', trainable: false });
  const pipeline = new Model({ inputs: [...model.inputs], outputs: restore.apply(model.outputs[0] as SymbolicTensor) });
  const kernel = new Float64Array(C * C);
  for (const [channel, value] of (variance ?? []).entries()) kernel[channel * C + channel] = Math.max(Math.sqrt(value), 1e-7);
  restore.setWeights([{ shape: [C, C], data: kernel }, mean as number[]]);
  return pipeline;
}
