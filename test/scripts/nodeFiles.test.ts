import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relaxedNode } from '../../scripts/tools.mjs';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const NODES = [...new Set([process.execPath, relaxedNode()])];

/** What a program prints as JSON that has the package's names in `backtime`. */
async function outputOf(program: string, { node = process.execPath, flags = [] as string[], library = join(dist, 'node.js') } = {}) {
  const text = `const backtime = await import(${JSON.stringify(new URL(`file://${library}`).href)});
    const print = (value) => console.log(JSON.stringify(value));
    ${program}`;
  const { stdout, stderr } = await promisify(execFile)(node, [...flags, '--input-type=module', '--eval', text]);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

/** A copy of the package without the files that load at a first use. */
let atOnce: string;
beforeAll(() => {
  atOnce = mkdtempSync(join(tmpdir(), 'backtime-at-once-'));
  cpSync(dist, join(atOnce, 'dist'), { recursive: true, filter: (path) => !path.endsWith('.cjs') });
  cpSync(join(dist, '..', 'package.json'), join(atOnce, 'package.json'));
});
afterAll(() => rmSync(atOnce, { recursive: true }));

/** Models of the kinds that most programs have, trained, evaluated and used. */
const COMMON = `
  const { Dense, Dropout, Embedding, GRU, LSTM, Sequential, SimpleRNN } = backtime;
  const ids = { shape: [8, 5], data: Int32Array.from({ length: 40 }, (_, index) => index % 9) };
  const series = { shape: [8, 5, 2], data: Float32Array.from({ length: 80 }, (_, index) => Math.sin(index)) };
  const binary = Float32Array.from({ length: 8 }, (_, index) => index % 2);
  const results = [];
  async function use(layers, x, y, optimizer, loss, metrics) {
    const model = new Sequential(layers);
    model.compile({ optimizer, loss, metrics });
    await model.fit(x, y, { batchSize: 4, epochs: 2, verbose: 0, validationSplit: 0.25, workers: 0 });
    const { loss: value } = await model.evaluate(x, y, { verbose: 0 });
    const [{ shape }] = [await model.predict(x, { verbose: 0 })].flat();
    results.push([Number.isFinite(value), ...shape]);
  }
  for (const [Recurrent, optimizer] of [[SimpleRNN, 'sgd'], [LSTM, 'adam'], [GRU, 'rmsprop']])
    await use([new Embedding(9, 3), new Recurrent(4, { returnSequences: true }), new Dropout(0.2), new Recurrent(4),
      new Dense(1, { activation: 'sigmoid' })], ids, binary, optimizer, 'binaryCrossentropy', ['accuracy']);
  await use([new LSTM(4), new Dense(1)], series, binary, 'adam', 'meanSquaredError', ['meanAbsoluteError']);
  await use([new GRU(4), new Dense(3, { activation: 'relu' }), new Dense(2, { activation: 'softmax' })], series, Int32Array.from(binary),
    'adam', 'sparseCategoricalCrossentropy', ['accuracy']);
  print(results);`;

test.each(NODES)('programs of the most common networks load no other file (%s)', async (node) => {
  const results = await outputOf(COMMON, { node, library: join(atOnce, 'dist', 'node.js') });
  expect(results).toEqual([...Array(4).fill([true, 8, 1]), [true, 8, 2]]);
});

test('without a file that loads at a first use, the error names it and the remedy', async () => {
  const program = `try { new backtime.Conv1D(2, 3); } catch (error) { print([error.code, error.name, error.message]); }`;
  const [code, name, message] = await outputOf(program, { library: join(atOnce, 'dist', 'node.js') });
  expect([code, name]).toEqual(['FILE', 'FileError']);
  expect(message).toMatch(
    /^layers\.node\.cjs of backtime did not load \(Error: Cannot find module .*keep the files of its dist\/ together/s,
  );
});

/** What a program may do first, without waiting, and what it then prints. */
const FIRST: readonly [name: string, program: string, output: unknown][] = [
  ['constructs a class', 'print(new backtime.Conv1D(2, 3).className)', 'Conv1D'],
  [
    'extends a class',
    `class Own extends backtime.CustomLayer { static className = 'Own'; call(x) { return backtime.ops.add(x, 1); } }
     const own = new Own(); print([own instanceof backtime.CustomLayer, own.constructor === Own])`,
    [true, true],
  ],
  ['reads a static member', 'print(backtime.TextVectorization.fromConfig.name)', 'fromConfig'],
  ['asks for the class of an object', 'print([{} instanceof backtime.Masking, null instanceof backtime.Cell])', [false, false]],
  ['calls a function', "print(backtime.padSequences([[1, 2], [3]], { padding: 'post' }).data)", { 0: 1, 1: 2, 2: 3, 3: 0 }],
  ['calls an operation', 'print(backtime.ops.stack([1, 2].map(() => backtime.Input({ shape: [3] })), 1).shape)', [2, 3]],
  [
    'names a class',
    "new backtime.Sequential([new backtime.Dense(1)]).compile({ optimizer: 'nadam', loss: 'huber', metrics: ['r2Score'] }); print(1)",
    1,
  ],
  [
    'restores a state and streams',
    `const { Dense, GRU, Sequential } = backtime;
     const model = new Sequential([new GRU(2, { inputShape: [null, 3] }), new Dense(1)]);
     const stream = Sequential.fromState(JSON.parse(JSON.stringify(model.getState()))).stream();
     print(stream.step([1, 2, 3]).shape ?? stream.step([1, 2, 3]).length)`,
    1,
  ],
  [
    'loads a model, whose layers are of the classes that it imports',
    `const { Bidirectional, Dense, GRU, loadModel, Masking, modelToBytes, Sequential } = backtime;
     const model = new Sequential([new Masking({ inputShape: [null, 3] }), new Bidirectional(new GRU(2)), new Dense(1)]);
     const { layers } = await loadModel(await modelToBytes(model));
     print(layers.map((layer) => [layer.constructor === backtime[layer.className], layer instanceof backtime[layer.className]]))`,
    [
      [true, true],
      [true, true],
      [true, true],
    ],
  ],
  [
    'chooses a backend and reads weights',
    `backtime.setBackend('wasm', { deterministic: true });
     const model = new backtime.Sequential([new backtime.LSTM(2, { inputShape: [4, 3], recurrentInitializer: new backtime.Orthogonal() })]);
     print(model.getWeights().map(({ shape }) => shape))`,
    [[3, 8], [2, 8], [8]],
  ],
  [
    'prints a summary',
    'new backtime.Sequential([new backtime.Dense(1, { inputShape: [2] })]).summary((text) => print(text.split("\\n").length > 3))',
    true,
  ],
];

describe.each(NODES)('as the first of a process of %s, without a warning, a program', (node) => {
  test.each(FIRST)('%s', async (_, program, output) => {
    expect(await outputOf(program, { node })).toEqual(output);
  });
});

test.each([
  [[], 'node.js'],
  // As in Node before 20.19.
  [['--no-experimental-require-module'], 'whole.node.js'],
  [['--conditions=module'], 'whole.node.js'],
])('with %j, the package is %s', async (flags, file) => {
  const program = `console.log(import.meta.resolve('backtime'));`;
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '--input-type=module', '--eval', program], { cwd: dist });
  expect(stdout.trim()).toBe(new URL(`../../dist/${file}`, import.meta.url).href);
});

test('bundlers and Node before 20.16 find all files: one imports them', async () => {
  const later = readdirSync(dist).filter((name) => name.endsWith('.cjs'));
  expect(later.length).toBeGreaterThan(3);
  // Modules are strict, and so is what is made of them.
  for (const name of later) expect(readFileSync(join(dist, name), 'utf8').split('\n', 1)[0], name).toMatch(/\{ "use strict"; /);
  const whole = readFileSync(join(dist, 'whole.node.js'), 'utf8');
  const imported = [...whole.matchAll(/^import .* from "\.\/(.*\.cjs)";$/gm)].map(([, name]) => name);
  expect(imported.sort()).toEqual(later.sort());
  const program = `delete process.getBuiltinModule;
    print([new backtime.Conv1D(2, 3).constructor === backtime.Conv1D, backtime.toCategorical([1], 2).shape])`;
  expect(await outputOf(program, { library: join(dist, 'whole.node.js') })).toEqual([true, [1, 2]]);
});

test('a bundle for Node has the code that loads at a first use', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'backtime-bundle-'));
  try {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(join(dist, '..'), join(folder, 'node_modules', 'backtime'), 'junction');
    writeFileSync(join(folder, 'program.mjs'), "export { Conv1D, padSequences } from 'backtime';");
    const bundle = await rolldown({
      input: join(folder, 'program.mjs'),
      platform: 'node',
      external: ['#cli-progress'],
      logLevel: 'silent',
    });
    await bundle.write({ dir: join(folder, 'out'), entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' });
    const program = 'print([new backtime.Conv1D(2, 3) instanceof backtime.Conv1D, backtime.padSequences([[1], [2, 3]]).shape])';
    expect(await outputOf(program, { library: join(folder, 'out', 'program.mjs') })).toEqual([true, [2, 2]]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what Node has at once is, for a program, what a page has', async () => {
  const program = `
    const page = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});
    const membersOf = (value) => Reflect.ownKeys(value).map((key) => {
      const { value: member, get, set, ...rest } = Object.getOwnPropertyDescriptor(value, key);
      return [String(key), typeof member, typeof get, typeof set, JSON.stringify(rest)];
    });
    const described = (value) => {
      if (typeof value !== 'function') return [typeof value];
      const { prototype } = value;
      const bases = [];
      for (let base = Object.getPrototypeOf(value); base !== Function.prototype; base = Object.getPrototypeOf(base)) bases.push(base.name);
      return [value.name, value.length, membersOf(value), prototype ? membersOf(prototype) : null, bases, prototype && prototype.constructor === value];
    };
    const different = Object.keys(page).filter((name) => JSON.stringify(described(page[name])) !== JSON.stringify(described(backtime[name])));
    print({ count: Object.keys(page).length, missing: Object.keys(backtime).filter((name) => !(name in page)), different });`;
  const { count, missing, different } = await outputOf(program);
  expect(count).toBeGreaterThan(150);
  expect({ missing, different }).toEqual({ missing: [], different: [] });
});
