import type { FloatArray } from '../backend/backend.ts';
import type { Column } from './dataset.ts';

/** Some steps of sequences, one after the other. */
export interface Window {
  readonly first: number;
  readonly steps: number;
}

/**
 * Copies the rows that `order[start]`, `order[start + 1]`, … name into a program's buffer;
 * sequences become time-major `[T, B, D]`.
 * @param window the steps that are copied. Default: all
 */
export function writeRows(
  target: FloatArray | Int32Array,
  { data, steps, features, order: stepOrder, sampleStride = steps, stepStride = 1 }: Column,
  order: Int32Array,
  start: number,
  batch: number,
  window?: Window | null,
): void {
  const first = window?.first ?? 0;
  const count = window?.steps ?? steps;
  // Ids, targets and weights: without the loop over features a row takes half the time.
  if (features === 1) {
    for (let b = 0; b < batch; b++) {
      let from = (order[start + b] as number) * sampleStride + first * stepStride;
      for (let t = 0; t < count; t++) {
        target[(stepOrder ? (stepOrder[t] as number) : t) * batch + b] = data[from] as number;
        from += stepStride;
      }
    }
    return;
  }
  for (let b = 0; b < batch; b++) {
    let from = ((order[start + b] as number) * sampleStride + first * stepStride) * features;
    for (let t = 0; t < count; t++) {
      const to = ((stepOrder ? (stepOrder[t] as number) : t) * batch + b) * features;
      for (let f = 0; f < features; f++) target[to + f] = data[from + f] as number;
      from += stepStride * features;
    }
  }
}

/**
 * Copies rows of a program's buffer to `data`, from row `start` on: the inverse of
 * {@link writeRows}.
 * @param window the steps that the buffer has. Default: all
 */
export function readRows(
  source: FloatArray,
  { data, steps, features, order }: Column & { data: FloatArray },
  start: number,
  batch: number,
  window?: Window | null,
): void {
  const first = window?.first ?? 0;
  const count = window?.steps ?? steps;
  for (let b = 0; b < batch; b++) {
    let to = ((start + b) * steps + first) * features;
    for (let t = 0; t < count; t++) {
      const from = ((order ? (order[t] as number) : t) * batch + b) * features;
      for (let f = 0; f < features; f++) data[to++] = source[from + f] as number;
    }
  }
}
