import { configDefaults, defineConfig } from 'vitest/config';

/**
 * Run in contexts of `node:vm` too, each a realm of its own, as other test runners run what uses
 * the library.
 */
const IN_CONTEXTS = [
  'test/core/**/*.test.ts',
  'test/formats/savedModel.test.ts',
  'test/training/realms.test.ts',
  'test/training/stream.test.ts',
  'test/worker/evaluateAndPredict.test.ts',
  'test/worker/outcome.test.ts',
];

/**
 * Files of these folders follow each other in one process, whose modules are loaded and compiled
 * once: that took most of their time. They compute, and leave no state but what
 * test/support/setUp.ts resets. checkpoints.test.ts mocks a module.
 */
const TOGETHER = ['test/{data,golden,layers,programs}/**/!(checkpoints).test.ts'];

export default defineConfig({
  // Where tests run in contexts, Vite would look for the packages of every page in the folder.
  plugins: [{ name: 'no search for packages', configEnvironment: () => ({ optimizeDeps: { noDiscovery: true } }) }],
  test: {
    globalSetup: ['test/support/checkDist.ts'],
    setupFiles: ['test/support/setUp.ts'],
    // The machines that run this have two cores; a worker of its own for each file keeps one file's
    // WASM memory from another's.
    pool: 'forks',
    maxWorkers: 2,
    // Long, because a machine may be busy with other programs: no test is about this time.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    projects: [
      { extends: true, test: { name: 'together', include: TOGETHER, isolate: false } },
      { extends: true, test: { name: 'node', include: ['test/**/*.test.ts'], exclude: [...configDefaults.exclude, ...TOGETHER] } },
      { extends: true, test: { name: 'context', include: IN_CONTEXTS, pool: 'vmForks' } },
    ],
  },
});
