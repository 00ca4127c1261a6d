import { defineConfig } from 'vitest/config';
import { backtime } from './plugins/packagePath.ts';

/** They compare how long the page holds its thread: other browsers would take the processor. */
const MEASURING = ['test/browser/largeData.test.ts', 'test/browser/training.test.ts'];

export default defineConfig({
  resolve: { alias: { backtime } },
  test: {
    root: import.meta.dirname,
    pool: 'forks',
    // Waits for conditions end first, with a message that says what was waited for.
    testTimeout: 600_000,
    hookTimeout: 300_000,
    projects: [
      { extends: true, test: { name: 'browsers', include: ['test/browser/**/*.test.ts'], exclude: MEASURING, maxWorkers: 2 } },
      // After the others.
      { extends: true, test: { name: 'measuring', include: MEASURING, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
