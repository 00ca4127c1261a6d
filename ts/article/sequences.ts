import { describe } from '../core/describe.ts';
import { DataError, ShapeError } from '../core/errors.ts';
import { formatShape, positiveInteger } from '../core/shape.ts';
import { type NumericArray, type TensorLike, toTensor } from '../core/tensor.ts';
import { addProduct, addTransposedProduct } from './matrix.ts';

/**
 * Sequences of one-hot rows `[N, T, depth]`, as the index of the one in each row: `ids` `[N, T]`, 0
 * <= id < depth.
 */
export interface OneHotSequences {
  readonly ids: TensorLike;
  readonly depth: number;
}

/**
 * The input of a recurrent network, `[N, T, D]`. The network only multiplies a time step of some
 * samples by its input weights, forward and backward: only these two products differ between
 * numbers and one-hot rows.
 *
 * N samples · T steps · D features · B batch (the rows chosen) · H cells
 */
export interface Sequences {
  readonly samples: number;
  readonly steps: number;
  readonly features: number;
  /** `z += x[rows, step] · w`: w `[D, H]`, z `[B, H]`. */
  addProjection(z: Float64Array, rows: Int32Array, step: number, w: Float64Array): void;
  /** `dw += x[rows, step]ᵀ · dz`: dz `[B, H]`, dw `[D, H]`. */
  addWeightGradient(dw: Float64Array, rows: Int32Array, step: number, dz: Float64Array): void;
}

/**
 * Reads and checks a network's input.
 * @throws {ShapeError} when it does not have three axes (ids: two) of at least 1
 * @throws {DataError} when a number is not finite or an id is not below the depth
 */
export function readSequences(x: TensorLike | OneHotSequences, name: string): Sequences {
  if (typeof x === 'object' && x !== null && 'ids' in x) return readOneHot(x, name);
  const { shape, data } = toTensor(x, name);
  if (shape.length !== 3 || data.length === 0) {
    throw new ShapeError(
      `RecurrentNetwork: ${name} must have the shape [samples, steps, features], none of them 0, got ${formatShape(shape)}`,
    );
  }
  const place = data.findIndex((value: number) => !Number.isFinite(value));
  if (place >= 0) {
    throw new DataError(
      `RecurrentNetwork: ${name} must be finite numbers, got ${data[place]} in sample ${Math.floor(place / (shape[1] * shape[2]))}`,
    );
  }
  return new DenseSequences(shape[0], shape[1], shape[2], data);
}

function readOneHot({ ids, depth }: OneHotSequences, name: string): Sequences {
  positiveInteger(depth, `RecurrentNetwork: ${name}.depth`);
  const { shape, data } = toTensor(ids, `${name}.ids`);
  if (shape.length !== 2 || data.length === 0) {
    throw new ShapeError(
      `RecurrentNetwork: ${name}.ids must have the shape [samples, steps], neither of them 0, got ${formatShape(shape)}`,
    );
  }
  const place = data.findIndex((id: number) => !Number.isInteger(id) || id < 0 || id >= depth);
  if (place >= 0) {
    const where = `sample ${Math.floor(place / shape[1])}, step ${place % shape[1]}`;
    throw new DataError(`RecurrentNetwork: ${name}.ids must be integers in 0 .. ${depth - 1}, got ${describe(data[place])} in ${where}`);
  }
  return new OneHotRows(shape[0], shape[1], depth, data);
}

class DenseSequences implements Sequences {
  readonly samples: number;
  readonly steps: number;
  readonly features: number;
  /** `[N, T, D]` */
  readonly #values: NumericArray;

  constructor(samples: number, steps: number, features: number, values: NumericArray) {
    this.samples = samples;
    this.steps = steps;
    this.features = features;
    this.#values = values;
  }

  addProjection(z: Float64Array, rows: Int32Array, step: number, w: Float64Array): void {
    addProduct(z, this.#gather(rows, step), w, rows.length, this.features, w.length / this.features);
  }

  addWeightGradient(dw: Float64Array, rows: Int32Array, step: number, dz: Float64Array): void {
    addTransposedProduct(dw, this.#gather(rows, step), dz, this.features, rows.length, dw.length / this.features);
  }

  /** `x[rows, step]`, `[B, D]`. */
  #gather(rows: Int32Array, step: number): Float64Array {
    const gathered = new Float64Array(rows.length * this.features);
    for (let row = 0; row < rows.length; row++) {
      const from = (rows[row] * this.steps + step) * this.features;
      gathered.set(this.#values.subarray(from, from + this.features), row * this.features);
    }
    return gathered;
  }
}

/**
 * The product of a one-hot row and a matrix is a row of the matrix, so the products are look-ups.
 */
class OneHotRows implements Sequences {
  readonly samples: number;
  readonly steps: number;
  readonly features: number;
  /** `[N, T]` */
  readonly #ids: NumericArray;

  constructor(samples: number, steps: number, depth: number, ids: NumericArray) {
    this.samples = samples;
    this.steps = steps;
    this.features = depth;
    this.#ids = ids;
  }

  addProjection(z: Float64Array, rows: Int32Array, step: number, w: Float64Array): void {
    const cells = w.length / this.features;
    for (let row = 0; row < rows.length; row++) {
      const id = this.#ids[rows[row] * this.steps + step];
      for (let cell = 0; cell < cells; cell++) z[row * cells + cell] += w[id * cells + cell];
    }
  }

  addWeightGradient(dw: Float64Array, rows: Int32Array, step: number, dz: Float64Array): void {
    const cells = dw.length / this.features;
    for (let row = 0; row < rows.length; row++) {
      const id = this.#ids[rows[row] * this.steps + step];
      for (let cell = 0; cell < cells; cell++) dw[id * cells + cell] += dz[row * cells + cell];
    }
  }
}
