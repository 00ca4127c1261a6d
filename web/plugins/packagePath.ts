import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const manifest = new URL('../../package.json', import.meta.url);

/**
 * Where `import 'backtime'` leads: the built package beside this folder, by its own `exports`, so
 * that the page has what every user has.
 */
export const backtime = fileURLToPath(new URL(JSON.parse(readFileSync(manifest, 'utf8')).exports['.'].default, manifest));
