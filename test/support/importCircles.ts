import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Static imports and re-exports of files beside this one, of types too; not `import()`. */
const IMPORTS = /^(?:import|export)\b[^;']*?\bfrom\s+'(\.[^']+)'|^import\s+'(\.[^']+)'/gm;

/** The files that each file of a folder imports, types included; `import()` is left out. */
function importsIn(folder: string): Map<string, string[]> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.(tsx?|mjs|js)$/.test(name) && !name.includes('node_modules'),
  );
  const files = names.map((name) => resolve(folder, name));
  const imports = files.map((file): [string, string[]] => {
    const found = [...readFileSync(file, 'utf8').matchAll(IMPORTS)].map(([, from, bare]) => join(dirname(file), (from ?? bare) as string));
    return [file, found.filter((other) => files.includes(other))];
  });
  return new Map(imports);
}

/**
 * A shortest circle of imports through each file that is on one, without those that have the same
 * files: `feed/a.ts → feed/b.ts → feed/a.ts`.
 */
export function importCircles(folder: string): string[] {
  const imports = importsIn(folder);
  const circles = new Map<string, string>();
  for (const start of imports.keys()) {
    const circle = wayBack(imports, start);
    if (!circle) continue;
    const key = [...circle].sort().join();
    if (!circles.has(key)) circles.set(key, [...circle, start].map((file) => relative(folder, file)).join(' → '));
  }
  return [...circles.values()];
}

/** The files on a shortest way from a file back to it; null when there is none. */
function wayBack(imports: ReadonlyMap<string, readonly string[]>, start: string): string[] | null {
  const before = new Map<string, string>();
  const waiting = [start];
  for (const file of waiting) {
    for (const next of imports.get(file) ?? []) {
      if (next === start) {
        const way = [file];
        while (way[0] !== start) way.unshift(before.get(way[0] as string) as string);
        return way;
      }
      if (before.has(next)) continue;
      before.set(next, file);
      waiting.push(next);
    }
  }
  return null;
}
