// The checks of the Rust crate: formatting, lints for this machine and for every WASM build, and
// its tests.
import { BUILDS } from '../build-wasm.mjs';
import { run } from '../process.mjs';
import { hasRustChecks } from '../setup.mjs';
import { WASM_TARGET } from '../toolchain.mjs';
import { single, skippedOnce, total, withExitCode } from './outcome.mjs';

const DENY_WARNINGS = ['--', '-D', 'warnings'];

/** @param {import('../toolchain.mjs').Toolchain} toolchain */
export async function rustFormat(toolchain) {
  if (!hasRustChecks(toolchain)) return skippedOnce;
  return single((await run('cargo', ['fmt', '--all', '--check'], { env: toolchain.env })).code === 0);
}

/** @param {import('../toolchain.mjs').Toolchain} toolchain */
export async function clippy(toolchain) {
  if (!hasRustChecks(toolchain)) return skippedOnce;
  const native = await run('cargo', ['clippy', '--all-targets', ...DENY_WARNINGS], { env: toolchain.env });
  const outcomes = [single(native.code === 0)];
  for (const { target, crate } of Object.values(BUILDS)) {
    const env = { ...toolchain.wasmEnv, RUSTFLAGS: `-C target-feature=${target}` };
    const features = ['--features', ['bench', ...crate].join(',')];
    const { code } = await run('cargo', ['clippy', '--lib', ...features, '--target', WASM_TARGET, ...DENY_WARNINGS], { env });
    outcomes.push(single(code === 0));
  }
  return total(outcomes);
}

/**
 * Sums the closing lines of all of a run's test binaries:
 * `test result: ok. 12 passed; 0 failed; 1 ignored; …`.
 */
export function countCargoTests(output) {
  const lines = output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm);
  const counts = total([...lines].map(([, passed, failed, ignored]) => ({ passed: +passed, failed: +failed, skipped: +ignored })));
  return { ...counts, failures: [...output.matchAll(/^test (.+) \.\.\. FAILED$/gm)].map(([, name]) => name) };
}

/** @param {import('../toolchain.mjs').Toolchain} toolchain */
export async function cargoTest(toolchain) {
  const { code, output } = await run('cargo', ['test', '--no-fail-fast'], { env: toolchain.env, capture: true });
  return withExitCode(countCargoTests(output), code);
}
