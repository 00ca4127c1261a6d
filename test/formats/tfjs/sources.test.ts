import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../../ts/node.ts';
import { bytesOf, filesOf, inputsOf, modelNamed } from './tfjsCases.ts';

const golden = modelNamed('lstm');
const [input] = inputsOf(golden);
const [shard] = Object.keys(golden.shards) as [string];

async function expectModel(load: Promise<Awaited<ReturnType<typeof loadModel>>>): Promise<void> {
  const { data } = await (await load).predict(input);
  for (const [at, value] of (golden.outputs[0]?.data ?? []).entries()) expect(data[at]).toBeCloseTo(value, 5);
}

/** The manifest with other paths. */
function withPaths(change: (paths: string[]) => unknown): typeof golden.model {
  const [group] = golden.model.weightsManifest as [{ paths: string[] }];
  return { ...golden.model, weightsManifest: [{ ...group, paths: change(group.paths) }] };
}

describe('paths', () => {
  const folder = mkdtempSync(join(tmpdir(), 'backtime-tfjs-'));
  const write = (name: string, bytes: Uint8Array | string) => writeFileSync(join(folder, name), bytes);
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(() => {
    for (const [name, bytes] of Object.entries(bytesOf(golden))) write(name, bytes);
  });

  test('a path, and the address of a file', async () => {
    await expectModel(loadModel(join(folder, 'model.json')));
    await expectModel(loadModel(pathToFileURL(join(folder, 'model.json'))));
  });

  test('weights in a folder', async () => {
    mkdirSync(join(folder, 'weights'));
    for (const [name, bytes] of Object.entries(bytesOf(golden))) if (name !== 'model.json') write(`weights/${name}`, bytes);
    write('inFolder.json', JSON.stringify(withPaths((paths) => paths.map((path) => `weights/${path}`))));
    await expectModel(loadModel(join(folder, 'inFolder.json')));
  });

  test.each([
    '../secret.bin',
    'weights/../../secret.bin',
    '/etc/passwd',
    'C:/secret.bin',
    'c:secret.bin',
    'weights\\..\\secret.bin',
    'https://example.com/a.bin',
    '//example.com/a.bin',
    './a.bin',
    'a//b.bin',
    '',
    'a\0.bin',
    'a'.repeat(2000),
  ])('the name %j of a shard is refused', async (path) => {
    write('bad.json', JSON.stringify(withPaths(() => [path])));
    await expect(loadModel(join(folder, 'bad.json'))).rejects.toMatchObject({
      code: 'FORMAT',
      message: expect.stringMatching(/bad\.json: weightsManifest\[0\]: paths\[0\] is .*only files in the folder of model\.json/),
    });
  });

  test('a missing shard, a folder and a longer file are file errors', async () => {
    const path = async (name: string) => {
      write('other.json', JSON.stringify(withPaths(() => [name])));
      return loadModel(join(folder, 'other.json'));
    };
    await expect(path('nothing.bin')).rejects.toMatchObject({
      code: 'FILE',
      message: expect.stringMatching(
        /nothing\.bin: there is no file .*nothing\.bin\. model\.json names 'nothing\.bin' among its weights: it must lie beside model\.json$/,
      ),
    });
    await expect(path('.hidden/..bin')).rejects.toMatchObject({ code: 'FILE' });
    mkdirSync(join(folder, 'folder'));
    await expect(path('folder')).rejects.toMatchObject({ code: 'FILE', message: expect.stringMatching(/not a regular file/) });
    write('long.bin', new Uint8Array(10_000));
    await expect(path('long.bin')).rejects.toMatchObject({
      code: 'FILE',
      message: expect.stringMatching(/long\.bin: it has 10000 bytes, expected at most 532/),
    });
  });

  test('a truncated shard is named', async () => {
    write('short.bin', new Uint8Array(100));
    write('short.json', JSON.stringify(withPaths(() => ['short.bin'])));
    await expect(loadModel(join(folder, 'short.json'))).rejects.toMatchObject({
      code: 'FORMAT',
      message: expect.stringMatching(/short\.json: the weights take 532 bytes, but their files have 100: short\.bin with 100/),
    });
  });
});

describe('addresses', () => {
  const files = bytesOf(golden);
  const asked: string[] = [];
  let server: Server;
  let address: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url as string);
      const name = (request.url as string).replace(/\?.*/, '').replace('/models/', '');
      if (name === 'endless.bin') {
        const timer = setInterval(() => response.write(new Uint8Array(1000)), 1);
        response.on('close', () => clearInterval(timer));
        return;
      }
      if (name === 'endless.json') return void response.end(JSON.stringify(withPaths(() => ['endless.bin'])));
      if (name === 'odd.json') return void response.end(JSON.stringify(withPaths(() => ['%2e%2e/a?b#c d.bin'])));
      const found = files[name];
      response.statusCode = found ? 200 : 404;
      response.end(found);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/models/`;
  });
  afterAll(() => server.close());

  test('an address, whose query belongs to every file', async () => {
    await expectModel(loadModel(`${address}model.json`));
    asked.length = 0;
    await expectModel(loadModel(new URL(`${address}model.json?key=a/b#part`)));
    expect(asked).toContain(`/models/${shard}?key=a/b`);
    expect(asked).toHaveLength(Object.keys(files).length);
  });

  test('what has a meaning in addresses is escaped', async () => {
    asked.length = 0;
    await expect(loadModel(`${address}odd.json`)).rejects.toMatchObject({ code: 'FILE', message: expect.stringMatching(/answered 404/) });
    expect(asked).toEqual(['/models/odd.json', '/models/%252e%252e/a%3Fb%23c%20d.bin']);
  });

  test('an answer without an end is read no further than the weights', async () => {
    await expect(loadModel(`${address}endless.json`)).rejects.toMatchObject({
      code: 'FILE',
      message: expect.stringMatching(/endless\.bin: it has more than 532 bytes/),
    });
  });
});

describe('files of a page', () => {
  test('in any order, with others beside them', async () => {
    const readme = new File(['text'], 'README.md');
    await expectModel(loadModel([...filesOf(golden), readme]));
    await expectModel(loadModel([readme, ...filesOf(golden)].reverse()));
  });

  test('a FileList', async () => {
    const files = filesOf(golden);
    const list = { ...files, length: files.length, item: (index: number) => files[index], [Symbol.toStringTag]: 'FileList' };
    await expectModel(loadModel(list));
  });

  test('a path with a folder is found by its last part', async () => {
    const model = withPaths((paths) => paths.map((path) => `weights/${path}`));
    await expectModel(loadModel(filesOf({ model, shards: golden.shards })));
  });

  test.each([
    [
      'without a shard',
      () => filesOf(golden).filter(({ name }) => name !== shard),
      'FILE',
      new RegExp(`file '${shard}'.*give that one too`),
    ],
    ['with one twice', () => [...filesOf(golden), ...filesOf(golden).slice(0, 1)], 'FILE', /2 of the files have that name/],
    ['without model.json', () => filesOf(golden).filter(({ name }) => name !== 'model.json'), 'ARGUMENT', /one \.json file .* got 0/],
    ['with two .json files', () => [...filesOf(golden), new File(['{}'], 'a.json')], 'ARGUMENT', /one \.json file .* got 2/],
    ['with no files', () => [], 'ARGUMENT', /got 0/],
    ['with what is no file', () => [...filesOf(golden), 'model.json'], 'ARGUMENT', /array of Files.*got 'model.json'/],
    ['with model.json alone', () => filesOf(golden).filter(({ name }) => name === 'model.json'), 'FILE', /give that one too/],
  ])('%s they are refused', async (_, files, code, message) => {
    await expect(loadModel(files() as File[])).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('model.json alone, as bytes or in a data: address, tells how', async () => {
    const { 'model.json': json } = bytesOf(golden) as { 'model.json': Uint8Array<ArrayBuffer> };
    const remedy = /11 other files: give its address or path, or all files, \[modelJson, \.\.\.weightFiles\]/;
    const data = `data:application/json;base64,${Buffer.from(json).toString('base64')}`;
    for (const source of [json, new Blob([json])])
      await expect(loadModel(source)).rejects.toMatchObject({ code: 'ARGUMENT', message: expect.stringMatching(remedy) });
    await expect(loadModel(new URL(data))).rejects.toMatchObject({ message: expect.stringMatching(/data:/) });
  });
});
