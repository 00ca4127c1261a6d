// Vitest, on this Node and, for every test file that runs the backends, on a Node that executes
// relaxed SIMD.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root, run } from '../process.mjs';
import { toolsFolder } from '../toolchain.mjs';
import { relaxedNode } from '../tools.mjs';
import { firstLine, withExitCode } from './outcome.mjs';

/**
 * The counts in Vitest's JSON report, and what failed. A file that could not be loaded has no
 * tests, and counts as one that failed.
 */
export function countVitest(report) {
  const broken = report.testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: [...broken.map(({ name, message }) => failure(name, message)), ...report.testResults.flatMap(failedTests)],
  };
}

const failure = (name, message = '') => `${relative(root, name)}: ${firstLine(message)}`;

const failedTests = ({ name, assertionResults }) =>
  assertionResults
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages = [] }) => failure(`${name} › ${fullName}`, failureMessages[0]));

/**
 * Runs Vitest on a Node and counts its tests. `name` is that of its report.
 *
 * @param {string} node @param {string} name @param {string[]} args @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<import('./outcome.mjs').Outcome>}
 */
export async function runVitest(node, name, args, env = {}) {
  const report = join(toolsFolder, 'reports', `${name}.json`);
  mkdirSync(join(toolsFolder, 'reports'), { recursive: true });
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const { code } = await run(node, [program, 'run', ...reporters, ...args], { env: { ...process.env, ...env } });
  try {
    return withExitCode(countVitest(JSON.parse(readFileSync(report, 'utf8'))), code);
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** @param {string[]} filters Parts of paths of test files; all run when there are none. */
export const vitestHere = (filters) => runVitest(process.execPath, 'vitest', filters, {});

const BACKENDS = join(root, 'test', 'support', 'backends.ts');

/** Whether a file imports test/support/backends.ts, itself or through other files of test/. */
function importsBackends(file, seen = new Set()) {
  if (file === BACKENDS) return true;
  if (seen.has(file) || !file.startsWith(join(root, 'test')) || !existsSync(file)) return false;
  seen.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/\bfrom '(\.[^']*\.ts)'/g);
  return [...imports].some(([, path]) => importsBackends(join(dirname(file), path), seen));
}

/**
 * The test files that use test/support/backends.ts: they run on every backend that the Node has.
 * Paths from the project's folder.
 */
export function backendTestFiles() {
  return readdirSync(join(root, 'test'), { recursive: true })
    .map((path) => join('test', String(path)))
    .filter((path) => path.endsWith('.test.ts') && importsBackends(join(root, path)))
    .sort();
}

/** @param {string[]} filters As for {@link vitestHere}. */
export function vitestRelaxed(filters) {
  const files = backendTestFiles().filter((path) => filters.length === 0 || filters.some((filter) => path.includes(filter)));
  if (files.length === 0 && filters.length > 0) return { passed: 0, failed: 0, skipped: 0 };
  // When this is set, test/support/backends.ts gives the relaxed build alone, and fails without it.
  return runVitest(relaxedNode(), 'vitest-relaxed', files, { BACKTIME_REQUIRE_RELAXED: '1' });
}
