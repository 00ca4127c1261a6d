import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Name in the service worker's source that the list of files is put in place of. */
const PLACEHOLDER = '__FILES__';
const WORKER = 'serviceWorker.js';

/**
 * Tells the service worker which files the page consists of, and a version that changes with any of
 * them.
 */
export function precache(): Plugin {
  let publicFolder = '';
  return {
    name: 'precache',
    apply: 'build',
    enforce: 'post',
    configResolved({ publicDir }) {
      publicFolder = publicDir;
    },
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const worker = bundle[WORKER];
        if (worker?.type !== 'chunk' || !worker.code.includes(PLACEHOLDER)) this.error(`${WORKER} has no ${PLACEHOLDER} to fill in`);
        const hash = createHash('sha256');
        for (const [name, output] of Object.entries(bundle))
          hash.update(name).update(output.type === 'chunk' ? output.code : output.source);
        // What lies in public/ is copied as it is, and no part of the bundle.
        const copied = existsSync(publicFolder) ? readdirSync(publicFolder) : [];
        for (const name of copied) hash.update(name).update(readFileSync(join(publicFolder, name)));
        const files = [...Object.keys(bundle).filter((name) => name !== WORKER && !name.endsWith('.map')), ...copied];
        worker.code = worker.code.replace(
          PLACEHOLDER,
          JSON.stringify({ version: hash.digest('hex').slice(0, 16), files: ['./', ...files] }),
        );
      },
    },
  };
}
