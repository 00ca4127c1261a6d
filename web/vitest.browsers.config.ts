import { defineConfig } from 'vitest/config';

// Two browsers at once on two cores would time out each other.
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    root: import.meta.dirname,
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
});
