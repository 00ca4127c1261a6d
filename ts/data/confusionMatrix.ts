import { allocateArray } from '../core/allocate.ts';
import { DataError, ShapeError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';
import { type Tensor, type TensorLike, tensorOf, toTensor } from '../core/tensor.ts';

export interface ConfusionMatrixOptions {
  /** The number of classes. Default: the largest class index + 1. */
  numClasses?: number;
  /** The weight of each row. Default 1. */
  sampleWeight?: TensorLike;
}

/**
 * Counts rows by their class and by their predicted class.
 * @param yTrue the classes, integers from 0 on
 * @param yPred the predicted classes, as many
 * @returns `[classes, classes]`: row i, column j counts the rows of class i that were predicted as
 *   j
 * @throws {ShapeError} when the lengths differ
 * @throws {DataError} for a value that is not a class
 * @throws {ArgumentError} for an unknown option or a value outside its range
 * @throws {OutOfMemoryError} when the matrix does not fit in the JavaScript heap
 */
export function confusionMatrix(yTrue: TensorLike, yPred: TensorLike, options?: ConfusionMatrixOptions): Tensor<Float64Array> {
  const where = 'confusionMatrix';
  checkOptions(options, ['numClasses', 'sampleWeight'], where);
  const { numClasses, sampleWeight } = options ?? {};
  if (numClasses !== undefined) positiveInteger(numClasses, `${where}: numClasses`);
  const truth = toTensor(yTrue, `${where}: yTrue`).data;
  const said = toTensor(yPred, `${where}: yPred`).data;
  const weights = sampleWeight === undefined ? null : toTensor(sampleWeight, `${where}: sampleWeight`).data;
  for (const [name, { length }] of Object.entries({ yPred: said, sampleWeight: weights ?? truth }))
    if (length !== truth.length) throw new ShapeError(`${where}: yTrue has ${truth.length} rows, but ${name} has ${length}`);
  let largest = 0;
  for (const [name, classes] of Object.entries({ yTrue: truth, yPred: said }))
    for (const [n, value] of classes.entries()) {
      if (!Number.isSafeInteger(value) || value < 0 || (numClasses !== undefined && value >= numClasses)) {
        const range = numClasses === undefined ? 'an integer of at least 0' : `0 to ${numClasses - 1}`;
        throw new DataError(`${where}: ${name}[${n}] is ${value}, expected a class: ${range}`);
      }
      largest = Math.max(largest, value);
    }
  const size = numClasses ?? largest + 1;
  const counts = allocateArray(Float64Array, [size, size], `${where}: the counts`);
  for (const [n, label] of truth.entries()) {
    const place = label * size + (said[n] as number);
    counts[place] = (counts[place] as number) + (weights ? (weights[n] as number) : 1);
  }
  return tensorOf([size, size], counts);
}
