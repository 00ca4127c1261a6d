// The tests of scale/, the Python package, in a virtual environment of their own. They are skipped
// where there is none: `npm run scale` makes it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from '../process.mjs';
import { toolsFolder } from '../toolchain.mjs';
import { skippedOnce, withExitCode } from './outcome.mjs';

/** The environment that `npm run scale` makes, or the Python that BACKTIME_SCALE_PYTHON names. */
export const scalePython = process.env.BACKTIME_SCALE_PYTHON ?? join(toolsFolder, 'scale-venv', 'bin', 'python');

/** The counts in the last line of pytest, as `3 failed, 10 passed, 1 skipped in 90.00s`. */
export function countPytest(output) {
  const summary = output.trimEnd().split('\n').at(-1) ?? '';
  const count = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(summary)?.[1] ?? 0);
  return { passed: count('passed'), failed: count('failed') + count('errors?'), skipped: count('skipped') };
}

/** @returns {Promise<import('./outcome.mjs').Outcome>} */
export async function scalePackage() {
  if (!existsSync(scalePython)) {
    console.log(
      `skipped: ${scalePython} does not exist; \`npm run scale\` installs Keras, JAX, PyTorch and Ray there, and runs these tests`,
    );
    return skippedOnce;
  }
  const cwd = join(root, 'scale');
  const types = await run(scalePython, ['-m', 'mypy'], { cwd });
  const { code, output } = await run(scalePython, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider'], { cwd, capture: true });
  return withExitCode(countPytest(output), types.code || code);
}
