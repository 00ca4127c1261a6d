import { allocateArray } from '../core/allocate.ts';
import { DataError, ShapeError } from '../core/errors.ts';
import { positiveInteger } from '../core/shape.ts';
import { type Tensor, type TensorLike, tensorOf, toTensor } from '../core/tensor.ts';

/**
 * Turns class indices into one-hot rows, as Keras's `to_categorical` does.
 * @param classes integers from 0, of any shape; a last axis of size 1 is dropped if there are
 *   others
 * @param numClasses length of a row. Default: the largest class index + 1
 * @returns a tensor with the shape of `classes` followed by `numClasses`
 * @throws {DataError} when a class is not an integer of 0 .. numClasses - 1
 * @throws {OutOfMemoryError} when the rows do not fit in the JavaScript heap
 * @throws {ShapeError} when `classes` is ragged, or empty without `numClasses`
 */
export function toCategorical(classes: TensorLike, numClasses?: number): Tensor<Float32Array> {
  if (numClasses !== undefined) positiveInteger(numClasses, 'toCategorical: numClasses');
  const { shape, data } = toTensor(classes, 'toCategorical: classes');
  if (data.length === 0 && numClasses === undefined) {
    throw new ShapeError('toCategorical: classes is empty: pass numClasses');
  }

  let largest = 0;
  for (let index = 0; index < data.length; index++) {
    const value = data[index];
    if (!Number.isSafeInteger(value) || value < 0 || (numClasses !== undefined && value >= numClasses)) {
      const range = numClasses === undefined ? 'integers from 0' : `integers in 0 .. ${numClasses - 1}`;
      throw new DataError(`toCategorical: classes must be ${range}, got ${value} at position ${index}`);
    }
    largest = Math.max(largest, value);
  }

  const columns = numClasses ?? largest + 1;
  const rowShape = shape.length > 1 && shape[shape.length - 1] === 1 ? shape.slice(0, -1) : shape;
  const oneHot = allocateArray(Float32Array, [...rowShape, columns], 'toCategorical: the rows');
  data.forEach((value: number, row: number) => {
    oneHot[row * columns + value] = 1;
  });
  return tensorOf([...rowShape, columns], oneHot);
}
