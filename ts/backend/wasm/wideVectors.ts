import { warn } from '../../core/warnings.ts';
import type { KernelInstance } from './instance.ts';

/** Multiply-adds of each chain in a call of a loop: a tenth of a millisecond. */
const ITERATIONS = 60_000;
/** Calls of each loop whose median counts. Clocks of pages are coarse. */
const CALLS = 7;
/** How many times as fast the joined loop must be. On paper it is 1.5 times. */
const FASTER = 1.2;
/**
 * Milliseconds until an engine that has not shown it is taken for one that does not. The first
 * calls run in code that was compiled in haste; the better compiler works on another thread.
 */
const PATIENCE = 100;

/**
 * Whether the wide build is faster here than the others. If not, a warning says what it needs.
 * @param instance of the wide build; null where the runtime cannot execute it
 */
export function isFaster(instance: KernelInstance | null): boolean {
  if (instance && joinsNeighbours(instance)) return true;
  warn(
    'NO_WIDE_VECTORS',
    'setBackend: wide: this runtime does not join neighbouring vectors, so the usual kernels are used. Node does with ' +
      '--experimental-wasm-revectorize, Chromium with --js-flags=--wasm-revectorize, on processors with 256-bit vectors ' +
      '(docs/runtimes.md#wide-vectors).',
  );
  return false;
}

/**
 * Whether the engine joins two neighbouring vectors into one of twice the width: two loops of as
 * many multiply-adds are timed in turns, one whose results are neighbours and one whose are not.
 * @param instance of the wide build
 * @param patience milliseconds
 */
export function joinsNeighbours(instance: KernelInstance, patience: number = PATIENCE): boolean {
  const probe = instance.kernel('probe') as unknown as (neighbours: number, iterations: number) => number;
  const end = performance.now() + patience;
  // Twice in a row, because other programs may disturb one measurement.
  let found = 0;
  do {
    const times: [number[], number[]] = [[], []];
    for (let call = 0; call < 2 * CALLS; call++) {
      const start = performance.now();
      probe(call % 2, ITERATIONS);
      times[(call % 2) as 0 | 1].push(performance.now() - start);
    }
    const [strangers, neighbours] = times.map((some) => some.sort((a, b) => a - b)[CALLS >> 1] as number) as [number, number];
    found = strangers > 0 && neighbours * FASTER <= strangers ? found + 1 : 0;
    if (found === 2) return true;
  } while (performance.now() < end);
  return false;
}
