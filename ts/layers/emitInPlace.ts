import { emitMove } from './emitMove.ts';
import { emitPointwise } from './emitPointwise.ts';
import type { Emitter } from './emitter.ts';
import type { Expression } from './expression.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';

/**
 * Elements that one kernel call updates. The new values need memory of this size beside the old
 * ones.
 */
const CHUNK = 2 ** 16;

/**
 * Emits elementwise functions of arrays that replace some of them.
 * @param count P: length of the arrays
 * @param results one for each target
 * @param inputs `[P]`, or `[1]`: numbers for all elements
 * @param targets `[P]`, which may be among the inputs
 */
export function emitInPlace(
  emitter: Emitter,
  count: number,
  results: readonly Expression[],
  inputs: readonly PlannedBuffer[],
  targets: readonly PlannedBuffer[],
): void {
  for (let start = 0; start < count; start += CHUNK) {
    const length = Math.min(CHUNK, count - start);
    const part = (array: PlannedBuffer) => (array.length === count ? emitter.slice(array, start, length) : array);
    // A kernel does not write what it reads.
    const updated = targets.map(() => emitter.floats('updated', length));
    emitPointwise(emitter, results, inputs.map(part), updated);
    for (const [index, target] of targets.entries()) {
      const [x, y] = [updated[index] as PlannedBuffer, part(target)];
      emitMove(emitter, { counts: [1], width: length, x, from: { strides: [0] }, y, to: { strides: [0] } });
    }
  }
}
