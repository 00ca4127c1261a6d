import { describe } from '../core/describe.ts';
import { ArgumentError, DataError } from '../core/errors.ts';
import { LARGEST_FLOAT32 } from '../core/float32.ts';
import { numberInRange } from '../core/options.ts';
import { tagOf } from '../core/tags.ts';
import type { Loss } from '../objective/loss.ts';
import type { DataReader } from './dataReader.ts';
import { type Column, type Dataset, valuesOf } from './dataset.ts';

/** Weights by class index, as an object or a Map. A class without an entry has the weight 1. */
export type ClassWeight = Readonly<Record<number, number>> | ReadonlyMap<number, number>;

/**
 * Adds the weight of each sample's class to a checked training set. As in Keras, the class is the
 * index, the rounded number, or the index of the largest number of a row.
 * @param classes size of the output's last axis
 * @param classWeight weights, or 'balanced'
 * @throws {ArgumentError} when the weights cannot be used, or name a class that the output does not
 *   have
 * @throws {DataError} when the targets are not classes
 */
export async function weighClasses(
  dataset: Dataset,
  loss: Loss,
  classes: number,
  classWeight: unknown,
  reader: DataReader,
): Promise<Dataset> {
  const { count } = dataset;
  const target = dataset.y[0] as Column;
  const { steps, features } = target;
  if (steps > 1) throw new ArgumentError(`fit: classWeight needs one class a sample, but y has ${steps} steps: use sampleWeight`);
  if (loss.anyLabels) throw new ArgumentError(`fit: classWeight needs classes, but loss '${loss.name}' takes any labels: use sampleWeight`);
  const classCount = classes === 1 ? 2 : classes;
  const given = classWeight === 'balanced' ? null : checkClassWeight(classWeight, classCount);
  // The cross-entropies have checked their targets. The numbers of a regression are not classes,
  // and rounding would make them so.
  const isChecked = loss.targetKind === 'labels' || loss.probabilityTargets;
  const classOf = (sample: number) => {
    const row = valuesOf(target, sample);
    if (!isChecked) checkRow(row, sample, loss);
    return features === 1 ? Math.round(row[0] as number) : largest(row);
  };
  const weights = given ?? (await balancedWeights(count, classCount, classOf, loss.ignoreClass, reader));
  const weightOf = (sample: number) => {
    const label = classOf(sample);
    return label === loss.ignoreClass ? 0 : (weights[label] as number);
  };
  const samples = await reader.compute(count, weightOf, 'classWeight: the weights of samples');
  return { ...dataset, weight: [{ data: samples, steps: 1, features: 1, order: null }] };
}

/**
 * `samples / (number of classes in y * samples of the class)`, by class index.
 * @param ignored the label of samples that do not count
 */
async function balancedWeights(
  count: number,
  classCount: number,
  classOf: (sample: number) => number,
  ignored: number | null,
  reader: DataReader,
): Promise<Float64Array> {
  const counts = new Float64Array(classCount);
  await reader.inPieces(count, (start, end) => {
    for (let sample = start; sample < end; sample++) {
      const label = classOf(sample);
      if (label !== ignored) counts[label] = (counts[label] as number) + 1;
    }
  });
  const present = counts.filter((ofClass) => ofClass > 0).length;
  const counted = counts.reduce((sum, ofClass) => sum + ofClass, 0);
  return counts.map((ofClass) => counted / (present * ofClass));
}

/** The user's weights by class index. */
function checkClassWeight(classWeight: unknown, classCount: number): Float64Array {
  const tag = tagOf(classWeight);
  if (typeof classWeight !== 'object' || classWeight === null || (tag !== 'Map' && tag !== 'Object'))
    throw new ArgumentError(
      `fit: classWeight must be 'balanced', or an object or a Map from class indices to weights, got ${describe(classWeight)}`,
    );
  const entries: Iterable<[unknown, unknown]> =
    tag === 'Map' ? (classWeight as ReadonlyMap<unknown, unknown>) : Object.entries(classWeight);
  const weights = new Float64Array(classCount).fill(1);
  for (const [key, weight] of entries) {
    const label = typeof key === 'string' && /^\d+$/.test(key) ? Number(key) : key;
    if (typeof label !== 'number' || !Number.isInteger(label) || label < 0 || label >= classCount)
      throw new ArgumentError(`fit: classWeight has ${describe(key)}, which is not a class index: the classes are 0 to ${classCount - 1}`);
    weights[label] = numberInRange(weight, 0, LARGEST_FLOAT32, `fit: classWeight[${label}]`);
  }
  return weights;
}

function checkRow(row: ArrayLike<number>, sample: number, loss: Loss): void {
  const values = Array.from(row);
  const ones = values.filter((value) => value === 1).length;
  const zeros = values.filter((value) => value === 0).length;
  if (ones + zeros === values.length && (values.length === 1 || ones === 1)) return;
  const expected = values.length === 1 ? '0 or 1' : 'one-hot rows';
  throw new DataError(
    `fit: classWeight with loss '${loss.name}' takes targets that are ${expected}, but y[${sample}] is ${values.join(', ')}`,
  );
}

/** The index of the largest value; of equal values, the first. */
function largest(row: ArrayLike<number>): number {
  let at = 0;
  for (let index = 1; index < row.length; index++) if ((row[index] as number) > (row[at] as number)) at = index;
  return at;
}
