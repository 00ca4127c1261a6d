import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const dist = new URL('../../dist/', import.meta.url);
const modules = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
const textOf = (name: string) => readFileSync(new URL(name.replaceAll('\\', '/'), dist), 'utf8');

test('no file of dist/ names a package in import(), which the server of Vite would look for', () => {
  const literals = modules.flatMap((name) => {
    return [...textOf(name).matchAll(/import\((?:\s|\/\*.*?\*\/)*(['"`])([^'"`]*)\1/g)].map(([, , specifier]) => `${name}: ${specifier}`);
  });
  expect(literals.length).toBeGreaterThan(5);
  expect(literals.filter((literal) => !/: (\.{1,2}\/|#|node:)/.test(literal))).toEqual([]);
});

test('no line of a module is long, because Node prints the line that threw an uncaught error', () => {
  const long = modules
    .filter((name) => !/worker[\\/]worker\.js$/.test(name))
    .flatMap((name) =>
      textOf(name)
        .split('\n')
        .filter(({ length }) => length > 5000)
        .map((line) => `${name}: ${line.slice(0, 40)}`),
    );
  expect(long).toEqual([]);
});

test('the command has no error classes of its own, which it would take for faults of the package', () => {
  const files = readdirSync(new URL('command/', dist)).filter((name) => name.endsWith('.js'));
  const definesErrors = (name: string) => /[`'"]DataError[`'"]/.test(textOf(name));
  expect(definesErrors('core.js')).toBe(true);
  expect(files.filter((name) => definesErrors(`command/${name}`))).toEqual([]);
});
