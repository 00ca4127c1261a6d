import type { Backend, Placement } from '../backend/backend.ts';
import { ShapeError } from '../core/errors.ts';
import { checkFinite } from '../core/finite.ts';
import type { NumericArray } from '../core/numericArray.ts';
import { RandomSequence, seedWords } from '../core/random.ts';
import { joinSeed, type SeedWords } from '../core/seed.ts';
import { formatShape, type Shape, sameShape, sizeOf } from '../core/shape.ts';
import { type TensorLike, toTensor } from '../core/tensor.ts';
import type { StartValues } from '../layers/initializers.ts';
import type { Weight } from '../layers/weight.ts';
import { ProgramBuilder } from './programBuilder.ts';
import type { WeightStore } from './weightStore.ts';

/**
 * The distance between the random subsequences of the parts of a weight, larger than the number of
 * weights.
 */
const PART_SUBSEQUENCES = 2 ** 24;

/** The subsequences of functions of a user's own begin here, above those of the kernels. */
const OWN_SUBSEQUENCE = 2 ** 31;

/**
 * Gives weights their start values.
 * @param subsequences the random subsequence of each weight: its number in the model, which does
 *   not depend on known or frozen weights
 * @throws {ShapeError} for values of a user's own initializer that do not fit the weight
 * @throws {ArgumentError} for values of one that are no numbers, and for a weight of which an
 *   initializer cannot make values
 * @throws {DataError} for a value of one that is not finite
 */
export function drawStartValues(backend: Backend, store: WeightStore, subsequences: ReadonlyMap<Weight, number>, seed: SeedWords): void {
  const builder = new ProgramBuilder(backend, { batch: 1, seed });
  const start = (initial: StartValues, place: Placement, shape: Shape, path: string, subsequence: number, part = 0): void => {
    if ('parts' in initial) {
      let { byteOffset } = place;
      for (const [number, { initializer, length }] of initial.parts.entries()) {
        start(initializer, { ...place, byteOffset, length }, [length], path, subsequence, number);
        byteOffset += length * backend.floatBytes;
      }
      return;
    }
    const own = initial.seed;
    const random = { seed: own === null ? seed : seedWords(own), subsequence: (own === null ? subsequence : 0) + part * PART_SUBSEQUENCES };
    const made = initial.start(shape, random, path);
    if ('value' in made) backend.floats(place).fill(made.value);
    else if ('make' in made) {
      const numbers = new RandomSequence(joinSeed(random.seed), OWN_SUBSEQUENCE + random.subsequence);
      const values = made.make(shape, () => numbers.uniform());
      backend.floats(place).set(valuesOf(values, shape, path));
    } else if ('values' in made) backend.floats(place).set(valuesOf(made.values, shape, path));
    else builder.call(made.kernel, { ...made.args, y: builder.external(path, place) } as never);
  };
  for (const [weight, subsequence] of subsequences)
    start(weight.initializer, store.placeOf(weight), weight.shape, weight.path, subsequence);
  const program = builder.build('initial weights');
  try {
    program.step();
  } finally {
    program.dispose();
  }
}

/** Checks values for a weight: nested arrays or a flat array. */
function valuesOf(values: TensorLike, shape: Shape, path: string): NumericArray {
  const where = `the initializer's values of ${path}`;
  const tensor = toTensor(values, where);
  const isFlat = tensor.shape.length === 1 && tensor.shape[0] === sizeOf(shape);
  if (!isFlat && !sameShape(tensor.shape, shape))
    throw new ShapeError(
      `${where} must have shape ${formatShape(shape)}, or be ${sizeOf(shape)} numbers, got ${formatShape(tensor.shape)}`,
    );
  checkFinite(tensor, where);
  return tensor.data;
}
