import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';

setFlagsFromString('--expose-gc');

/** Collects everything on the heap that nobody holds. */
export const collectGarbage = runInNewContext('gc') as () => void;

/**
 * V8's spaces of compiled code. Node 24 compiles the closures of each call of `fit` anew and frees
 * their code late.
 */
const CODE_SPACES = ['code_space', 'code_large_object_space', 'trusted_space', 'trusted_large_object_space'];

/**
 * Bytes of all objects on the JavaScript heap that somebody holds. Compiled code is not counted.
 */
function objectBytes(): number {
  collectGarbage();
  const spaces = getHeapSpaceStatistics().filter(({ space_name }) => !CODE_SPACES.includes(space_name));
  return spaces.reduce((sum, space) => sum + space.space_used_size, 0);
}

/**
 * Runs the steps three times and fails when each of the last two runs leaves as much on the
 * JavaScript heap as half an object (24 bytes with its pointer) for each step would. What steps
 * leave, they leave in every run. The runtime's own bookkeeping (type feedback, weak references)
 * needs the first run, and sometimes the second.
 */
export async function expectSteadyHeap(run: (steps: number) => unknown, steps: number): Promise<void> {
  const growth: number[] = [];
  for (let repetition = 0; repetition < 3; repetition++) {
    const before = objectBytes();
    await run(steps);
    growth.push(objectBytes() - before);
  }
  expect(Math.min(growth[1], growth[2]), `growth by ${growth.join(', ')} bytes`).toBeLessThan(12 * steps);
}
