import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { ZipArchive } from '../../ts/data/zip.ts';
import { Dense, modelToBytes, Sequential } from '../../ts/index.ts';
import { bundleScript } from '../support/bundled.ts';
import { startOn } from '../support/modelBackends.ts';

// Files that would take far more memory or time than they are worth are read by a process of its
// own, which ends when it has no more. So nothing depends on the speed of the machine.

/** The memory of the process for objects, in MB. */
const OBJECTS = 256;
/** How much more memory than before reading a file may take in all, arrays included, in KB. */
const MOST_MEMORY = 300_000;
/** After so many milliseconds the process hangs. Each file is read in much less than a second. */
const HANGS = 180_000;

const READER = `
  import { readFileSync } from 'node:fs';
  import { Dense, loadModel, Sequential, setBackend } from '/ts/index.ts';
  const [method, path] = process.argv.slice(2);
  const bytes = new Uint8Array(readFileSync(path));
  await setBackend('reference');
  const before = process.resourceUsage().maxRSS;
  let name = 'none', message = '';
  try {
    if (method === 'loadModel') await loadModel(bytes);
    else await new Sequential([new Dense(2, { inputShape: [3] })]).loadWeights(bytes);
  } catch (error) {
    ({ name, message } = error);
  }
  console.log(JSON.stringify({ name, message, memory: process.resourceUsage().maxRSS - before }));`;

let folder = '';
let reader = '';
beforeAll(async () => {
  startOn(await loadBackend('reference'));
  folder = await mkdtemp(join(tmpdir(), 'backtime-bounds-'));
  reader = join(folder, 'reader.mjs');
  await bundleScript(READER, reader);
});
afterAll(() => rm(folder, { recursive: true }));

const MIB = 2 ** 20;
const joined = (...parts: readonly (Uint8Array | readonly number[])[]) =>
  new Uint8Array(Buffer.concat(parts.map((part) => Uint8Array.from(part))));
const u64 = (...values: readonly bigint[]) => new Uint8Array(BigUint64Array.from(values).buffer);
const replaced = (bytes: Uint8Array, from: Uint8Array, to: Uint8Array) => {
  const at = Buffer.from(bytes).indexOf(from);
  expect(at).toBeGreaterThan(0);
  bytes.set(to, at);
};

/** A pickle of many empty dicts. */
const dicts = (count: number) => joined([0x80, 2], Buffer.alloc(count, '}'));

/** Fields of ONNX, each of a message without content, in a field of the length that fits. */
function emptyMessages(field: number, bytes: number): Uint8Array {
  const content = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 2) content[at] = field;
  return content;
}
const varint = (value: number): number[] => (value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]);
const message = (field: number, content: Uint8Array) => joined(varint((field << 3) | 2), varint(content.length), content);
/** A model of ONNX with a graph, or with a function. */
const onnx = (graph: Uint8Array, field = 7) => joined([0x08, 8], message(field, graph), message(8, Uint8Array.of(0x10, 17)));

/** A `.keras` file of a layer from 7 to 11 numbers, and its configuration. */
async function smallArchive(): Promise<{ archive: ZipArchive; json: string }> {
  const model = new Sequential([new Dense(11, { inputShape: [7], useBias: false })]);
  const archive = new ZipArchive(await modelToBytes(model, { format: 'keras' }), 'the test');
  return { archive, json: new TextDecoder().decode(archive.read('config.json')) };
}

/** A `.keras` file whose layer has an initializer in an initializer, and so on. */
async function deepArchive(): Promise<Uint8Array> {
  const { archive, json } = await smallArchive();
  const depth = 100_000;
  const config = json.replace(
    /"kernel_initializer":/,
    `$&${'{"class_name":"Zeros","config":'.repeat(depth)}{}${'}'.repeat(depth)},"other":`,
  );
  const files = archive.names.map((name) => [name, archive.read(name)] as const);
  return zipSync({ ...Object.fromEntries(files), 'config.json': Buffer.from(config) }, { level: 0 });
}

/**
 * A `.keras` file of a layer with 576 MB of weights, none of which is in the file: the dataset says
 * that nothing was written, and the zeros that follow shrink to nothing.
 */
async function hugeArchive(): Promise<Uint8Array> {
  const { archive, json } = await smallArchive();
  const config = json.replaceAll(/\b(7|11)\b/g, '12000');
  const weights = joined(archive.read('model.weights.h5'), new Uint8Array(600_000));
  replaced(weights, u64(7n, 11n), u64(12_000n, 12_000n));
  const data = Buffer.from(weights).indexOf(u64(4n * 77n)) - 8;
  weights.set(u64(2n ** 64n - 1n, 4n * 144_000_000n), data);
  return zipSync({ 'config.json': Buffer.from(config), 'metadata.json': archive.read('metadata.json'), 'model.weights.h5': weights });
}

/** An HDF5 file whose root has attributes that are one text of 65,000 spaces and a letter each. */
function spacedAttributes(count: number): Uint8Array {
  const length = 65_400;
  const fields = 8 + 16 + 8 + 8;
  const size = fields + length;
  const header = 96;
  const bytes = new Uint8Array(header + 16 + count * (8 + size)).fill(0x20, header);
  const view = new DataView(bytes.buffer);
  bytes.set([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0, 0, 8, 8, 0, 4, 0, 16]);
  bytes.set(u64(0n, 2n ** 64n - 1n, BigInt(bytes.length), 2n ** 64n - 1n, 0n, BigInt(header)), 24);
  bytes.fill(0, header, header + 16);
  bytes[header] = 1;
  view.setUint32(header + 8, count * (8 + size), true);
  for (let index = 0; index < count; index++) {
    const at = header + 16 + index * (8 + size);
    bytes.fill(0, at, at + 8 + fields);
    view.setUint16(at, 0x0c, true);
    view.setUint16(at + 2, size, true);
    // Version 1, the sizes of the name, the type and the dataspace; a text padded with spaces.
    bytes.set([1, 0, 16, 0, 8, 0, 8, 0], at + 8);
    bytes.set(Buffer.from(`layer_names${index}`), at + 16);
    bytes.set([0x13, 2, 0, 0], at + 32);
    view.setUint32(at + 36, length, true);
    bytes[at + 40] = 1;
    bytes[at + 8 + size - 1] = 0x78;
  }
  return bytes;
}

/** A model of TF.js whose only weight is in the file many times, without numbers. */
function repeatedWeights(count: number): Uint8Array {
  const layers = [{ class_name: 'Dense', config: { name: 'dense', units: 1, batch_input_shape: [null, 1] } }];
  const weights = Array(count).fill({ name: 'dense/kernel', shape: [0], dtype: 'float32' });
  const modelTopology = { class_name: 'Sequential', config: { name: 'model', layers } };
  return Buffer.from(JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest: [{ paths: [], weights }] }));
}

const FILES: readonly [name: string, method: 'loadModel' | 'loadWeights', make: () => Uint8Array | Promise<Uint8Array>, problem: RegExp][] =
  [
    [
      'a pickle that unpacks to a thousand times its size',
      'loadWeights',
      () => zipSync({ 'a/data.pkl': dicts(16 * MIB) }),
      /more than the file has/,
    ],
    [
      'a pickle of empty dicts',
      'loadWeights',
      () => zipSync({ 'a/data.pkl': dicts(4 * MIB) }, { level: 0 }),
      /makes more objects than \d+ bytes of a state_dict have/,
    ],
    [
      'a .keras file of weights that nobody wrote',
      'loadModel',
      hugeArchive,
      /more than 4 numbers for each byte of the file, at a dataset of 144000000/,
    ],
    [
      'a .keras file whose configuration unpacks to a thousand times its size',
      'loadModel',
      () => zipSync({ 'config.json': Buffer.from(`[${'{},'.repeat(8 * MIB)}{}]`), 'model.weights.h5': new Uint8Array(8) }),
      /unpacks to \d+ bytes, more than/,
    ],
    [
      'JSON whose last text does not end',
      'loadModel',
      () => Buffer.from(`{"a":"${'\\"'.repeat(2 * MIB)}`),
      /is not JSON, so it is damaged/,
    ],
    [
      'a model of TF.js that has a weight many times',
      'loadModel',
      () => repeatedWeights(400_000),
      /more weights 'dense\/kernel' than the model/,
    ],
    ['a .keras file of objects inside each other', 'loadModel', deepArchive, /more than 200 arrays and objects inside each other/],
    ['texts of HDF5 that are padded with spaces', 'loadWeights', () => spacedAttributes(90), /it lists a layer/],
    ['nodes of ONNX without content', 'loadModel', () => onnx(emptyMessages(0x0a, 8 * MIB)), /more than 100000 nodes/],
    ['attributes of ONNX without content', 'loadModel', () => onnx(message(1, emptyMessages(0x2a, 8 * MIB))), /most are empty/],
    ['constants of ONNX without content', 'loadModel', () => onnx(emptyMessages(0x2a, 8 * MIB)), /most are empty/],
    ['inputs of ONNX without content', 'loadModel', () => onnx(emptyMessages(0x5a, 8 * MIB)), /most are empty/],
    ['nodes without content in a function of ONNX', 'loadModel', () => onnx(emptyMessages(0x3a, 8 * MIB), 25), /more than 100000 nodes/],
  ];

test.each(FILES)(
  '%s: the file is refused in memory and time that are worth it',
  { timeout: 2 * HANGS },
  async (_name, method, make, problem) => {
    const path = join(folder, 'file');
    await writeFile(path, await make());
    const { stdout } = await promisify(execFile)(process.execPath, [`--max-old-space-size=${OBJECTS}`, reader, method, path], {
      timeout: HANGS,
      killSignal: 'SIGKILL',
    });
    const found = JSON.parse(stdout) as { name: string; message: string; memory: number };
    expect(found.name).toBe('FormatError');
    expect(found.message).toMatch(problem);
    expect(found.memory).toBeLessThan(MOST_MEMORY);
  },
);
