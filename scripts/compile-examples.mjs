// Compiles the TypeScript examples against dist/ into examples/dist.
import { join } from 'node:path';
import { root, run } from './process.mjs';
import { SetUpError } from './steps.mjs';

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

/** @throws {SetUpError} When an example does not compile. */
export async function compileExamples() {
  const { code } = await run(process.execPath, [tsc, '-p', join(root, 'examples')]);
  if (code !== 0) throw new SetUpError('the examples do not compile (see above)');
}
