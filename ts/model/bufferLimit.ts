import type { Backend } from '../backend/backend.ts';
import { MEMORY_ADVICE } from '../core/allocate.ts';
import { OutOfMemoryError } from '../core/errors.ts';

/**
 * Checks that a backend's kernels can be given a buffer of so many elements, whatever memory there is.
 * @param what what needs it, for the message
 * @throws {OutOfMemoryError}
 */
export function requireBuffer(backend: Backend, length: number, kind: 'float' | 'int', name: string, what: string): void {
  const bytes = length * (kind === 'float' ? backend.floatBytes : 4);
  if (bytes <= backend.maxBufferBytes) return;
  throw new OutOfMemoryError(
    `Cannot allocate ${bytes} bytes for ${what}: a buffer, as '${name}' would be, has at most ${backend.maxBufferBytes} bytes on the ${backend.name} backend. ${MEMORY_ADVICE}`,
  );
}
