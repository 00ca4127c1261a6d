import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const dist = new URL('../../dist/', import.meta.url);

test('no file of dist/ names a package in import(), which the server of Vite would look for', () => {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  const literals = files.flatMap((name) => {
    const text = readFileSync(new URL(name.replaceAll('\\', '/'), dist), 'utf8');
    return [...text.matchAll(/import\((?:\s|\/\*.*?\*\/)*(['"`])([^'"`]*)\1/g)].map(([, , specifier]) => `${name}: ${specifier}`);
  });
  expect(literals.length).toBeGreaterThan(5);
  expect(literals.filter((literal) => !/: (\.{1,2}\/|#|node:)/.test(literal))).toEqual([]);
});
