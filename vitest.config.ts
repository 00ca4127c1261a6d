import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/setUpWorkers.ts'],
    // The machines that run this have two cores; a worker of its own for each file keeps one file's WASM memory from another's.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});
