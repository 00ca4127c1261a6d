import type { Backend } from '../backend/backend.ts';
import { MEMORY_ADVICE } from '../core/allocate.ts';
import { OutOfMemoryError } from '../core/errors.ts';

/**
 * Checks that a buffer is not larger than the backend's kernels allow, however much memory is free.
 * @param what the buffer's use, for the error message
 * @throws {OutOfMemoryError} when it is larger
 */
export function requireBuffer(backend: Backend, length: number, kind: 'float' | 'int', name: string, what: string): void {
  const bytes = length * (kind === 'float' ? backend.floatBytes : 4);
  if (bytes <= backend.maxBufferBytes) return;
  throw new OutOfMemoryError(
    `Cannot allocate ${bytes} bytes for ${what}: a buffer, here '${name}', has at most ${backend.maxBufferBytes} bytes on the ${backend.name} backend. ${MEMORY_ADVICE}`,
  );
}
