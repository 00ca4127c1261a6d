import { describe } from '../core/describe.ts';
import { FormatError } from '../core/errors.ts';
import { fromJSON, type JsonTensor } from '../core/jsonTensor.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { isFloatArray } from '../core/numericArray.ts';
import { type Shape, sizeOf } from '../core/shape.ts';
import {
  checkGraph,
  expectField,
  isCount,
  isObject,
  type ModelState,
  type ModelStateLike,
  type NamedArray,
  type OutputState,
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
  expectField('compile', compile === null || isObject(compile), 'an object or null', compile);
  expectField('batchSize', batchSize === undefined || (isCount(batchSize) && batchSize > 0), 'a whole number of at least 1', batchSize);
  expectField('trainedSteps', isCount(trainedSteps) && trainedSteps > 0, 'a whole number of at least 1', trainedSteps);
  expectField('metadata', metadata === undefined || isObject(metadata), 'an object', metadata);
  if (!compile) return { ...state, weights };
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
  expectField('compile.iteration', isCount(compile.iteration), 'a whole number', compile.iteration);
  expectField('compile.epochsDone', isCount(compile.epochsDone), 'a whole number', compile.epochsDone);
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
