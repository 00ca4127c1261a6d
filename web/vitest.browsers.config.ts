import { defineConfig } from 'vitest/config';
import { backtime } from './plugins/packagePath.ts';

// Two browsers at once on two cores would time out each other.
export default defineConfig({
  resolve: { alias: { backtime } },
  test: {
    include: ['test/browser/**/*.test.ts'],
    root: import.meta.dirname,
    pool: 'forks',
    maxWorkers: 1,
    // Waits for conditions end first, with a message that says what was waited for.
    testTimeout: 600_000,
    hookTimeout: 300_000,
  },
});
