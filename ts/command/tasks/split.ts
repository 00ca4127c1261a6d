import { DataError, trainValidationSplit } from '../../node.ts';
import type { TrainSettings } from './task.ts';

/**
 * Splits the numbers of rows at random; with labels, each set gets its share of each class where
 * the classes have enough rows.
 * @throws {DataError} when one of the sets would be empty
 */
export function splitRows(
  count: number,
  { validationSplit, seed }: TrainSettings,
  labels?: Int32Array,
): { train: number[]; validation: number[] } {
  const rows = Array.from({ length: count }, (_, row) => row);
  const counts = new Map<number, number>();
  for (const label of labels ?? []) counts.set(label, (counts.get(label) ?? 0) + 1);
  const held = Math.round(count * validationSplit);
  if (held === 0 || held === count)
    throw new DataError(
      `--validation-split ${validationSplit} of ${count} samples leaves none to ${held === 0 ? 'validate' : 'train'} on: give another part, or more data`,
    );
  const canStratify = labels && Math.min(...counts.values()) >= 2 && Math.min(held, count - held) >= counts.size;
  return trainValidationSplit(rows, { validationSplit, seed, ...(canStratify ? { stratify: labels } : {}) });
}
