import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const dist = new URL('../../dist/', import.meta.url);
const modules = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => /\.c?js$/.test(name));
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
        // A list of imports or exports throws nothing.
        .filter((line) => line.length > 5000 && !/^(export \{|module\.exports = |return \{)/.test(line))
        .map((line) => `${name}: ${line.slice(0, 40)}`),
    );
  expect(long).toEqual([]);
});

test('modules are of ASCII, because V8 reads two bytes a character in a file with any other', () => {
  expect(modules.filter((name) => /[^\0-\x7f]/.test(textOf(name)))).toEqual([]);
});

/** The files that a module imports statically, beside it and in turn. */
function importsOf(name: string, found = new Set<string>()): Set<string> {
  for (const [, path] of textOf(name).matchAll(/^(?:import|export) (?:[^'"]* from )?"(\.[^"]*)";$/gm)) {
    const file = posix.join(posix.dirname(name), path as string);
    if (found.has(file)) continue;
    found.add(file);
    importsOf(file, found);
  }
  return found;
}

test('Node loads one file at once', () => {
  expect([...importsOf('node.js')]).toEqual(['library.node.js']);
});

test('files for Node and files for pages never load each other, because each have the classes', () => {
  const named = (name: string) =>
    [...textOf(name).matchAll(/(?:\bfrom |\bimport |\bimport\(\s*)"(\.[^"]*\.c?js)"/g)].map(([, path]) => path as string);
  const isOfNode = (name: string) => /^(\.\/)?node\.js$|\.node\.c?js$/.test(name);
  const library = modules.map((name) => name.replaceAll('\\', '/')).filter((name) => !name.startsWith('command/'));
  expect(library.filter(isOfNode).length).toBeGreaterThan(10);
  expect(library.flatMap((name) => named(name).filter((path) => isOfNode(path) !== isOfNode(name)))).toEqual([]);
});

test('each entry of the package has its file for Node', () => {
  const { exports } = JSON.parse(readFileSync(new URL('../package.json', dist), 'utf8'));
  const entries = Object.entries<{ node?: string | object; default: string }>(exports).filter(
    ([name, paths]) => typeof paths === 'object' && name !== './inference',
  );
  expect(entries.length).toBe(4);
  for (const [, { node }] of entries)
    for (const path of typeof node === 'object' ? Object.values(node) : [node]) expect(path).toMatch(/\/node\.js$|\.node\.js$/);
});

test('Node loads none of its own modules for a first step', async () => {
  const program = `
    await import(${JSON.stringify(new URL('halfFloat.node.js', dist).href)});
    const before = new Set(process.moduleLoadList);
    const { Dense, Embedding, Sequential, SimpleRNN } = await import(${JSON.stringify(new URL('node.js', dist).href)});
    const model = new Sequential([new Embedding(10, 2), new SimpleRNN(3), new Dense(1, { activation: 'sigmoid' })]);
    model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' });
    await model.fit([[1, 2], [3, 4]], [0, 1], { batchSize: 2, epochs: 1, verbose: 0, workers: 0 });
    const loaded = process.moduleLoadList.filter((name) => !before.has(name));
    console.log(JSON.stringify({ steps: model.iterations, loaded }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  const { steps, loaded } = JSON.parse(stdout);
  expect(steps).toBe(1);
  // Besides what import() and import.meta need.
  expect(loaded.filter((name: string) => !name.includes('internal/modules/'))).toEqual([]);
});

test('the command has no error classes of its own, which it would take for faults of the package', () => {
  const files = readdirSync(new URL('command/', dist)).filter((name) => name.endsWith('.js'));
  const definesErrors = (name: string) => /[`'"]DataError[`'"]/.test(textOf(name));
  expect(definesErrors('core.js')).toBe(true);
  expect(files.filter((name) => definesErrors(`command/${name}`))).toEqual([]);
});
