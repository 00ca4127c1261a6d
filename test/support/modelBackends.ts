import type { Backend } from '../../ts/backend/backend.ts';
import { setBackend } from '../../ts/backend/select.ts';
import { setRandomSeed } from '../../ts/index.ts';

/** Makes models built from here on run on a backend, which is loaded already. */
export function selectBackend(backend: Backend): void {
  setBackend(backend.name, { deterministic: backend.build === 'simd128', wide: backend.build === 'wide' });
}

/** {@link selectBackend} with the random numbers of a test that starts afresh. */
export function startOn(backend: Backend, seed = 1): void {
  selectBackend(backend);
  setRandomSeed(seed);
}
