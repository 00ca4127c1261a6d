import { describe } from '../core/describe.ts';
import { FormatError } from '../core/errors.ts';
import { fromJSON, type JsonTensor, withJSON } from '../core/jsonTensor.ts';
import type { FloatArray, NumericArray } from '../core/numericArray.ts';
import { isFloatArray } from '../core/numericArray.ts';
import { type Shape, sameShape, sizeOf } from '../core/shape.ts';
import { typedArrayName } from '../core/tags.ts';
import type { QuantisedType } from '../layers/weight.ts';
import {
  checkGraph,
  expectField,
  isCount,
  isObject,
  type ModelState,
  type ModelStateLike,
  type NamedArray,
  type OutputState,
  type QuantisedArray,
  type QuantisedArrayLike,
} from './modelState.ts';

/**
 * Checks the fields of a state, and makes typed arrays of those that come from JSON. Layers are
 * checked when they are used.
 * @throws {FormatError} naming the field, the expected and the actual value
 * @throws {ArgumentError} naming an element of an array from JSON that is not a number
 */
export function readModelState(given: ModelStateLike): ModelState {
  const state = given as ModelState;
  if (!isObject(state)) throw new FormatError(`the saved model should be an object, but is ${describe(state)}`);
  const { name, seed, layers, batchSize, compile, metadata, trainedSteps = 1 } = state;
  expectField('name', typeof name === 'string' && name !== '', 'a string', name);
  expectField(
    'seed',
    Array.isArray(seed) && seed.length === 2 && seed.every((word) => isCount(word) && word < 2 ** 32),
    'two 32-bit words',
    seed,
  );
  expectField('layers', Array.isArray(layers), 'an array', layers);
  for (const [index, layer] of layers.entries()) {
    expectField(`layers[${index}].className`, typeof layer?.className === 'string', 'a string', layer?.className);
    expectField(`layers[${index}].config`, isObject(layer.config), 'an object', layer.config);
  }
  checkGraph(state.graph);
  const weights = readArrays('weights', state.weights);
  const quantised = given.quantised === undefined ? {} : { quantised: readQuantised(given.quantised) };
  expectField('compile', compile === null || isObject(compile), 'an object or null', compile);
  expectField('batchSize', batchSize === undefined || (isCount(batchSize) && batchSize > 0), 'an integer of at least 1', batchSize);
  expectField('trainedSteps', isCount(trainedSteps) && trainedSteps > 0, 'an integer of at least 1', trainedSteps);
  expectField('metadata', metadata === undefined || isObject(metadata), 'an object', metadata);
  if (!compile) return { ...state, weights, ...quantised };
  expectField('quantised', given.quantised === undefined, 'left out of a model that is compiled', given.quantised);
  checkOutput('compile', compile);
  const { moreOutputs = [] } = compile;
  expectField('compile.moreOutputs', Array.isArray(moreOutputs), 'an array', moreOutputs);
  for (const [index, output] of moreOutputs.entries()) {
    expectField(`compile.moreOutputs[${index}]`, isObject(output), 'an object', output);
    checkOutput(`compile.moreOutputs[${index}]`, output);
  }
  expectField('compile.optimizer', isObject(compile.optimizer), 'an object', compile.optimizer);
  expectField('compile.optimizer.className', typeof compile.optimizer.className === 'string', 'a string', compile.optimizer.className);
  expectField('compile.optimizer.config', isObject(compile.optimizer.config), 'an object', compile.optimizer.config);
  const { trainable } = compile;
  const areNames = Array.isArray(trainable) && trainable.every((layer) => typeof layer === 'string');
  expectField('compile.trainable', trainable === undefined || areNames, 'an array of names of layers', trainable);
  expectField('compile.iteration', isCount(compile.iteration), 'an integer', compile.iteration);
  expectField('compile.epochsDone', isCount(compile.epochsDone), 'an integer', compile.epochsDone);
  return { ...state, weights, compile: { ...compile, slots: readArrays('compile.slots', compile.slots) } };
}

function checkOutput(field: string, { loss, lossConfig, fromLogits, lossWeight, metrics, weightedMetrics }: OutputState): void {
  expectField(`${field}.loss`, typeof loss === 'string', 'a string', loss);
  expectField(`${field}.lossConfig`, lossConfig === undefined || isObject(lossConfig), 'an object', lossConfig);
  expectField(`${field}.fromLogits`, typeof fromLogits === 'boolean', 'true or false', fromLogits);
  const isWeight = lossWeight === undefined || (typeof lossWeight === 'number' && lossWeight >= 0);
  expectField(`${field}.lossWeight`, isWeight, 'a number of at least 0', lossWeight);
  expectField(`${field}.metrics`, Array.isArray(metrics), 'an array', metrics);
  expectField(`${field}.weightedMetrics`, weightedMetrics === undefined || Array.isArray(weightedMetrics), 'an array', weightedMetrics);
}

function readQuantised(arrays: unknown): QuantisedArray[] {
  expectField('quantised', Array.isArray(arrays) && arrays.length > 0, 'an array', arrays);
  return (arrays as (QuantisedArrayLike | undefined)[]).map((array, index) => {
    const where = `quantised[${index}]`;
    const { name, type, axis, integers, scales } = array ?? {};
    expectField(`${where}.name`, typeof name === 'string', 'a string', name);
    expectField(`${where}.type`, type === 'int16' || type === 'int8', 'int16 or int8', type);
    expectField(`${where}.axis`, axis === 0 || axis === 1, '0 or 1', axis);
    const read = <A extends NumericArray>(part: string, given: unknown, typed: string): { shape: Shape; data: A } => {
      const { shape, dtype, data } = (given ?? {}) as { shape?: Shape; dtype?: string; data?: NumericArray | unknown[] };
      const at = `${where}.${part}`;
      expectField(`${at}.shape`, Array.isArray(shape) && shape.every(isCount), 'an array of sizes', shape);
      const values = Array.isArray(data) ? fromJSON(data, dtype, at) : data;
      expectField(`${at}.data`, typedArrayName(values) === typed, `of type ${typed}`, values);
      const [size, length] = [sizeOf(shape as Shape), (values as NumericArray).length];
      expectField(`${at}.data`, length === size, `an array of ${size}`, `an array of ${length}`);
      return withJSON({ shape: shape as Shape, data: values as A });
    };
    const values = read<Int16Array | Int8Array>('integers', integers, type === 'int16' ? 'Int16Array' : 'Int8Array');
    const { shape } = values;
    expectField(`${where}.integers.shape`, shape.length === 2, 'two sizes', shape);
    // The sums of products have room for no more, and a product must not depend on the instruction.
    const most = type === 'int16' ? 2047 : 127;
    const beyond = values.data.find((integer) => Math.abs(integer) > most);
    expectField(`${where}.integers.data`, beyond === undefined, `from -${most} to ${most}`, beyond);
    const ofAxis = read<Float32Array>('scales', scales, 'Float32Array');
    expectField(
      `${where}.scales.shape`,
      sameShape(ofAxis.shape, [shape[axis as 0 | 1] as number]),
      `[${shape[axis as 0 | 1]}]`,
      ofAxis.shape,
    );
    return { name: name as string, type: type as QuantisedType, axis: axis as 0 | 1, integers: values, scales: ofAxis };
  });
}

function readArrays(field: string, arrays: unknown): NamedArray[] {
  expectField(field, Array.isArray(arrays), 'an array', arrays);
  return [...(arrays as ((NamedArray & JsonTensor) | undefined)[])].map((array, index) => {
    const { name, shape, dtype, data: given } = array ?? {};
    const where = `${field}[${index}]`;
    expectField(`${where}.name`, typeof name === 'string', 'a string', name);
    expectField(`${where}.shape`, Array.isArray(shape) && shape.every(isCount), 'an array of sizes', shape);
    const data = Array.isArray(given) ? fromJSON(given, dtype, where) : given;
    expectField(`${where}.data`, isFloatArray(data), 'a Float32Array or a Float64Array', data);
    const [size, { length }] = [sizeOf(shape as Shape), data as FloatArray];
    expectField(`${where}.data`, length === size, `an array of ${size}`, `an array of ${length}`);
    return { name, shape, data } as NamedArray;
  });
}
