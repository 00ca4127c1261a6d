import { vi } from 'vitest';

/**
 * Makes the package find no Node, until `vi.unstubAllGlobals()`. `process` stays, because Vitest
 * sets its `nextTick` back at times of its own.
 */
export function hideNode(): void {
  vi.stubGlobal('process', Object.create(process, { versions: { value: {} } }));
}
