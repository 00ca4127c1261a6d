import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const scripts = fileURLToPath(new URL('../../scripts', import.meta.url));

/** Packages that a script imports as it is read, itself or through files that it imports. */
function packagesImported(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)'/gm);
  return [...imports].flatMap(([, name = '']) => {
    if (name.startsWith('node:')) return [];
    return name.startsWith('.') ? packagesImported(join(dirname(file), name), seen) : [`${file}: ${name}`];
  });
}

// Each command sets up what is missing, so it has to start where nothing is installed.
test.each(readdirSync(scripts).filter((file) => file.endsWith('.mjs')))('scripts/%s starts before any package is installed', (file) => {
  expect(packagesImported(join(scripts, file))).toEqual([]);
});
