import type { Emitter } from './emitter.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';

/**
 * The rows of an array: the place of the first row, and the distance to the next one along each
 * axis, in elements.
 */
export interface StridedRows {
  readonly start?: number;
  /** Outermost axis first. A negative stride goes backward. */
  readonly strides: readonly number[];
}

/** A copy or an addition of rows. */
export interface Move {
  /** Rows along each axis, outermost first: at most four axes. */
  readonly counts: readonly number[];
  /** Elements of a row. */
  readonly width: number;
  readonly x: PlannedBuffer;
  readonly from: StridedRows;
  readonly y: PlannedBuffer;
  readonly to: StridedRows;
  /** true: add the rows to those of `y`. Default false: overwrite them. */
  readonly accumulate?: boolean;
}

const AXES = 4;

/** Emits a strided copy or addition of rows. */
export function emitMove(emitter: Emitter, { counts, width, x, from, y, to, accumulate = false }: Move): void {
  const padded = (numbers: readonly number[], filler: number) => [...new Array<number>(AXES - numbers.length).fill(filler), ...numbers];
  const [count0, count1, count2, count3] = padded(counts, 1) as [number, number, number, number];
  const strides = (walk: StridedRows) => padded(walk.strides, 0).map((stride) => stride >>> 0) as [number, number, number, number];
  const [xStride0, xStride1, xStride2, xStride3] = strides(from);
  const [yStride0, yStride1, yStride2, yStride3] = strides(to);
  emitter.call('moveRows', {
    xLength: x.length,
    yLength: y.length,
    count0,
    count1,
    count2,
    count3,
    width,
    xStart: from.start ?? 0,
    xStride0,
    xStride1,
    xStride2,
    xStride3,
    yStart: to.start ?? 0,
    yStride0,
    yStride1,
    yStride2,
    yStride3,
    accumulate: accumulate ? 1 : 0,
    x,
    y,
  });
}

/** Emits `y += x`. */
export function emitAddition(emitter: Emitter, x: PlannedBuffer, y: PlannedBuffer): void {
  emitMove(emitter, { counts: [1], width: x.length, x, from: { strides: [0] }, y, to: { strides: [0] }, accumulate: true });
}
