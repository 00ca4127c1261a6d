import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';

setFlagsFromString('--expose-gc');

/** Collects everything on the heap that nobody holds. */
export const collectGarbage = runInNewContext('gc') as () => void;

/**
 * Runs the steps three times and fails when the last two runs leave as much on the JavaScript heap as half an object
 * (24 bytes with its pointer) for each step would. The runtime's own bookkeeping (compiled code, type feedback, weak references) needs
 * the first run, and 60 KB a run at most later on.
 */
export async function expectSteadyHeap(run: (steps: number) => unknown, steps: number): Promise<void> {
  const heapBytes = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const growth: number[] = [];
  for (let repetition = 0; repetition < 3; repetition++) {
    const before = heapBytes();
    await run(steps);
    growth.push(heapBytes() - before);
  }
  expect((growth[1] + growth[2]) / 2, `growth by ${growth.join(', ')} bytes`).toBeLessThan(12 * steps);
}
