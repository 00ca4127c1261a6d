import { allocateArray } from './allocate.ts';
import { describe } from './describe.ts';
import { ArgumentError } from './errors.ts';
import { type NumericArray, numberHint } from './numericArray.ts';
import { oneOf } from './options.ts';
import { typedArrayName } from './tags.ts';

/**
 * A tensor in JSON: the result of `JSON.stringify` for a tensor of Backtime. Every function that
 * takes a tensor takes it too. Its types are as wide as those that TypeScript gives to a JSON file.
 */
export interface JsonTensor {
  readonly shape: readonly number[];
  /**
   * `float32`, `float64`, `int32`, `uint32`, `int16`, `uint16`, `int8` or `uint8`. Default
   * `float64`.
   */
  readonly dtype?: string;
  /**
   * In row-major order. `'NaN'`, `'Infinity'` and `'-Infinity'` are texts, since JSON has no
   * numbers for them.
   */
  readonly data: readonly (number | string)[];
}

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
} as const;

type DType = keyof typeof ARRAYS;

const DTYPES = Object.keys(ARRAYS) as DType[];

const NOT_FINITE: ReadonlyMap<unknown, number> = new Map([Number.NaN, Infinity, -Infinity].map((value) => [String(value), value]));

/**
 * Gives an object with numbers in `data` its form in JSON: its other members, `dtype`, and `data`
 * as an array. In JSON a typed array would become an object, `{"0": 1, "1": 2}`. The method is not
 * enumerable, so the object stays plain data when it is compared, posted or cloned; a copy of its
 * members does not have it.
 */
export function withJSON<T extends { readonly data: NumericArray }>(object: T): T {
  return Object.defineProperty(object, 'toJSON', { value: toJSON });
}

function toJSON(this: { readonly data: NumericArray }): object {
  const { data, ...members } = this;
  const dtype = typedArrayName(data)?.replace('Array', '').toLowerCase();
  return { ...members, dtype, data: Array.from(data, (value) => (Number.isFinite(value) ? value : String(value))) };
}

/**
 * The typed array that {@link JsonTensor.data} stands for.
 * @param argument the tensor's name, for error messages
 * @throws {ArgumentError} naming the first element that is not a number of the type
 * @throws {OutOfMemoryError}
 */
export function fromJSON(data: readonly unknown[], dtype: unknown, argument: string): NumericArray {
  const ArrayType = ARRAYS[dtype === undefined ? 'float64' : oneOf(dtype, DTYPES, `${argument}.dtype`)];
  const array = allocateArray<NumericArray>(ArrayType, [data.length], `${argument}: its data`);
  const holdsIntegers = ArrayType !== Float32Array && ArrayType !== Float64Array;
  for (let index = 0; index < data.length; index++) {
    const element = data[index];
    const value = typeof element === 'number' ? element : NOT_FINITE.get(element);
    if (value === undefined)
      throw new ArgumentError(`${argument}.data[${index}] must be a number, got ${describe(element)}${numberHint(element)}`);
    array[index] = value;
    if (holdsIntegers && array[index] !== value)
      throw new ArgumentError(`${argument}.data[${index}] is ${value}, which no ${dtype} can hold`);
  }
  return array;
}
