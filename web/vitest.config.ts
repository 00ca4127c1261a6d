import { configDefaults, defineConfig } from 'vitest/config';
import { backtime } from './plugins/packagePath.ts';

export default defineConfig({
  resolve: { alias: { backtime } },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'test/browser'],
    root: import.meta.dirname,
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});
