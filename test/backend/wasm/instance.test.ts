import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileModule, compileModuleSync, instantiate, moduleURL } from '../../../ts/backend/wasm/instance.ts';
import { BackendError } from '../../../ts/core/errors.ts';

const file = new URL('../../../ts/backend/wasm/generated/simd128/kernels.wasm', import.meta.url);

describe('loading the kernels', () => {
  const server = createServer((request, response) => {
    const found = request.url === '/kernels.wasm';
    response.writeHead(found ? 200 : 404).end(found ? readFileSync(file) : undefined);
  });
  let address: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  const workspaceQuery = (module: WebAssembly.Module) => instantiate('simd128', module).kernel('orthogonal_workspace');

  it('reads the file beside the module in Node', async () => {
    expect(workspaceQuery(await compileModule(moduleURL('simd128')))).toBeTypeOf('function');
    expect(workspaceQuery(compileModuleSync(moduleURL('simd128')))).toBeTypeOf('function');
  });

  it('fetches the module as browsers do', async () => {
    expect(workspaceQuery(await compileModule(new URL(`${address}/kernels.wasm`)))).toBeTypeOf('function');
  });

  it('says where the kernels are missing', async () => {
    const missing = compileModule(new URL(`${address}/other.wasm`));
    await expect(missing).rejects.toThrow(BackendError);
    await expect(missing).rejects.toThrow(`${address}/other.wasm failed: the server answered 404 Not Found.`);
    await expect(compileModule(new URL('missing.wasm', file))).rejects.toThrow(/missing\.wasm failed: ENOENT/);
  });

  it('makes instances that share no memory', () => {
    const module = compileModuleSync(moduleURL('simd128'));
    const [first, second] = [instantiate('simd128', module), instantiate('simd128', module)];
    expect(first.memory).not.toBe(second.memory);
    expect(first.module).toBe(second.module);
  });
});
