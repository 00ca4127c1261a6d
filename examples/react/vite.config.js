import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  // Relative addresses, so that the built page works from any path.
  base: './',
  // In a project of your own: npm install backtime, and no alias.
  resolve: { alias: { backtime: fileURLToPath(new URL('../../dist/index.js', import.meta.url)) } },
  server: { fs: { allow: ['../..'] } },
});
