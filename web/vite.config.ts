import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { CROSS_ORIGIN_ISOLATION } from '../scripts/static-server.mjs';
import { contentSecurityPolicy } from './plugins/contentSecurityPolicy.mjs';
import { backtime } from './plugins/packagePath.ts';
import { precache } from './plugins/precache.ts';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Warnings that tell the builder of the page nothing: that a part of the library, which other
 * programs load late, is loaded at once here; and how long the bundler took.
 */
const checks = { ineffectiveDynamicImport: false, bundlerTimings: false };

export default defineConfig({
  root: file('.'),
  // Relative addresses, so that the built page works from any path.
  base: './',
  plugins: [contentSecurityPolicy(), precache()],
  resolve: { alias: { backtime } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es', rolldownOptions: { checks } },
  build: {
    target: 'es2022',
    // Inlined files would be data: addresses, which the content security policy forbids to fetch.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      checks,
      input: { index: file('index.html'), serviceWorker: file('src/serviceWorker.ts') },
      output: { entryFileNames: ({ name }) => (name === 'serviceWorker' ? '[name].js' : 'assets/[name]-[hash].js') },
    },
  },
  server: { fs: { allow: [file('..')] }, headers: CROSS_ORIGIN_ISOLATION },
});
