const REMEDY = 'dist/ was not made from the present sources, and tests of workers run it: node scripts/build.mjs makes it anew';

/**
 * The file that workers run in tests: the package's, since Node 20 cannot run ts/worker/worker.ts.
 * @param distIsCurrent otherwise the file is one that ends with an error that says what to do,
 *   instead of code of another day
 */
export function workerFile(distIsCurrent: boolean): URL {
  if (distIsCurrent) return new URL('../../dist/worker/worker.js', import.meta.url);
  return new URL(`data:text/javascript,throw new Error('${encodeURIComponent(REMEDY)}')`);
}
