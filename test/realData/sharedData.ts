import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { SHARED_FOLDER } from '../../examples/datasets/sharedFolder.js';

/**
 * Tests with data of the shared folder, which the project must not contain; they are skipped where
 * it is missing.
 */
export function describeWithData(name: string, data: string, tests: (folder: string) => void): void {
  const folder = join(SHARED_FOLDER, data);
  if (existsSync(folder)) describe(name, () => tests(folder));
  else describe.skip(`${name}: there is no ${folder}`, () => tests(folder));
}
