import { describe } from '../core/describe.ts';
import { ArgumentError, DataError, StateError } from '../core/errors.ts';
import { withJSON } from '../core/jsonTensor.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { oneOf } from '../core/options.ts';
import { warn } from '../core/warnings.ts';
import type { Layer } from '../layers/layer.ts';
import type { QuantisedType, QuantisedValues, Weight } from '../layers/weight.ts';
import { loadAllClasses } from '../model/allClasses.ts';
import { Model } from '../model/model.ts';
import type { ModelState, QuantisedArray } from '../model/modelState.ts';
import { loadForIntegers } from '../model/quantisedWeights.ts';
import { Sequential } from '../model/sequential.ts';

/** The largest integer: with those of the other side, sums of 1024 products fit in 32 bits. */
const MOST: Readonly<Record<QuantisedType, number>> = { int16: 2047, int8: 127 };

/** Activations that the kernels of recurrent layers have. */
const FUSED: readonly unknown[] = ['linear', 'tanh', 'sigmoid', 'relu', undefined];

const RECURRENT = ['SimpleRNN', 'LSTM', 'GRU'];

/** Which axis of a layer's own weights has scales, by their names. */
const AXES: Readonly<Record<string, Readonly<Record<string, 0 | 1>>>> = {
  Dense: { kernel: 1 },
  // Rows are used one by one, and rare words have small ones.
  Embedding: { embeddings: 0 },
  ...Object.fromEntries(RECURRENT.map((name) => [name, { kernel: 1, recurrentKernel: 1 }])),
};

/**
 * Makes a model whose weights are integers, of the state of another one.
 * @param given the state at the time of the call; null for the present one
 * @throws the errors of `quantize` of a model
 */
export async function quantizeModel(model: Model, type: QuantisedType, given: ModelState | null): Promise<Model> {
  if (!(model instanceof Model)) throw new ArgumentError(`quantize is a method of models, got ${describe(model)}`);
  oneOf(type, Object.keys(MOST) as QuantisedType[], 'quantize: type');
  if (model.quantised)
    throw new StateError(`quantize: model ${model.name} is already ${model.quantised}: quantize the model that it was made of`);
  const state = given ?? model.getState(false);
  const axes = axesOf(model);
  const quantised: QuantisedArray[] = [];
  const weights = state.weights.filter(({ name, data }, index) => {
    const weight = model.weights[index] as Weight;
    const axis = axes.get(weight);
    if (axis === undefined) return true;
    quantised.push({ name, ...quantise(type, axis, weight, data) });
    return false;
  });
  if (quantised.length === 0)
    throw new ArgumentError(`quantize: model ${model.name} has no Dense, Embedding or recurrent layer, whose weights can be integers`);
  await Promise.all([loadAllClasses(), loadForIntegers()]);
  const made = { ...state, weights, quantised, compile: null };
  return state.graph === undefined ? Sequential.fromState(made) : Model.fromState(made);
}

/** The weights that become integers. */
function axesOf(model: Model): ReadonlyMap<Weight, 0 | 1> {
  const axes = new Map<Weight, 0 | 1>();
  const visit = (layer: Layer): void => {
    const { activation, recurrentActivation } = layer.getConfig();
    if (RECURRENT.includes(layer.className) && ![activation, recurrentActivation].every((name) => FUSED.includes(name)))
      warn('QUANTIZE', `quantize: ${layer.title} keeps its floats: its activations are not all tanh, sigmoid, relu or linear`, layer);
    else if (layer.sublayers.length === 0)
      for (const weight of layer.weights) {
        const axis = AXES[layer.className]?.[weight.name];
        if (axis !== undefined) axes.set(weight, axis);
      }
    layer.sublayers.forEach(visit);
  };
  model.layers.forEach(visit);
  return axes;
}

/** @throws {DataError} for a value that is not finite */
function quantise(type: QuantisedType, axis: 0 | 1, { path, shape }: Weight, data: FloatArray): QuantisedValues {
  const most = MOST[type];
  const columns = shape[1] as number;
  const scaleOf = (index: number) => (axis === 1 ? index % columns : Math.floor(index / columns));
  const scales = new Float32Array(shape[axis] as number);
  for (let index = 0; index < data.length; index++) {
    const magnitude = Math.abs(data[index] as number);
    if (!Number.isFinite(magnitude)) throw new DataError(`quantize: weight ${path} has the value ${data[index]} at place ${index}`);
    scales[scaleOf(index)] = Math.max(scales[scaleOf(index)] as number, magnitude);
  }
  for (let place = 0; place < scales.length; place++) scales[place] = (scales[place] as number) / most;
  const integers = new (type === 'int16' ? Int16Array : Int8Array)(data.length);
  for (let index = 0; index < data.length; index++) {
    const scale = scales[scaleOf(index)] as number;
    if (scale > 0) integers[index] = Math.max(-most, Math.min(most, Math.round((data[index] as number) / scale)));
  }
  return { type, axis, integers: withJSON({ shape, data: integers }), scales: withJSON({ shape: [scales.length], data: scales }) };
}
