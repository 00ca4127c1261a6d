import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { supportsRelaxedSimd } from '../../ts/backend/wasm/features.ts';
import type { WasmBackend } from '../../ts/backend/wasm/wasmBackend.ts';

// What is selected and loaded is the module's own state, so every test gets a module of its own.
let select: typeof import('../../ts/backend/select.ts');
beforeEach(async () => {
  vi.resetModules();
  select = await import('../../ts/backend/select.ts');
});
afterEach(() => vi.unstubAllGlobals());

const fastest = supportsRelaxedSimd() ? 'relaxed-simd' : 'simd128';

describe('choosing a backend', () => {
  it('takes wasm in the fastest build that the runtime has', async () => {
    expect(await select.loadBackend()).toMatchObject({ name: 'wasm', build: fastest });
  });

  it('takes simd128 when results must be the same everywhere', async () => {
    select.setBackend('wasm', { deterministic: true });
    expect((await select.loadBackend()).build).toBe('simd128');
    select.setBackend('wasm');
    expect((await select.loadBackend()).build).toBe(fastest);
  });

  it('takes the reference on demand', async () => {
    select.setBackend('reference');
    expect(() => select.getBackend()).toThrow('The reference backend is not loaded: await loadBackend() first.');
    const backend = await select.loadBackend();
    expect(backend).toMatchObject({ name: 'reference', build: 'float64' });
    expect(select.getBackend()).toBe(backend);
  });

  it('has one backend of each build, whoever asks, and however many at once', async () => {
    const [first, second] = await Promise.all([select.loadBackend('wasm'), select.loadBackend('wasm')]);
    expect(second).toBe(first);
    expect(select.getBackend()).toBe(first);
    expect(await select.loadBackend('reference')).not.toBe(first);
  });

  it('loads without waiting in Node, where its code is there', async () => {
    expect(() => select.getBackend()).toThrow('The wasm backend is not loaded: await loadBackend() first.');
    const { WASM } = await import('../../ts/backend/wasmPart.ts');
    WASM.provide(await import('../../ts/backend/wasm/load.ts'));
    expect(select.getBackend()).toMatchObject({ name: 'wasm', build: fastest });
  });

  it('takes over a build with its compiled module, as workers do', async () => {
    const { compileModule, moduleURL } = await import('../../ts/backend/wasm/instance.ts');
    const module = await compileModule(moduleURL('simd128'));
    const backend = await select.loadBackend('wasm', { build: 'simd128', module });
    expect(backend.build).toBe('simd128');
    expect((backend as WasmBackend).module).toBe(module);
  });

  it('warns, and takes the fastest other build, where wide vectors gain nothing', async () => {
    const { setWarningHandler } = await import('../../ts/core/warnings.ts');
    const warnings: string[] = [];
    setWarningHandler((message, code) => warnings.push(`${code} ${message}`));
    select.setBackend('wasm', { wide: true });
    const backend = await select.loadBackend();
    expect(backend.build).toBe(fastest);
    // Once more: without waiting, and asked for anew.
    expect(select.getBackend()).toBe(backend);
    select.setBackend('wasm', { wide: true });
    expect(await select.loadBackend()).toBe(backend);
    expect(warnings).toEqual([expect.stringMatching(/^NO_WIDE_VECTORS .* --experimental-wasm-revectorize/)]);
    setWarningHandler(null);
  });

  it('refuses unknown names and options', () => {
    expect(() => select.setBackend('webgpu' as 'wasm')).toThrow("setBackend: name must be one of 'wasm', 'reference', got 'webgpu'");
    expect(() => select.setBackend('wasm', { determinstic: true } as object)).toThrow(/unknown option 'determinstic'/);
  });

  it('says so when the runtime has no SIMD, and can load after all when it was tried too early', async () => {
    vi.stubGlobal('WebAssembly', { ...WebAssembly, validate: () => false });
    await expect(select.loadBackend()).rejects.toThrow(/cannot execute the simd128 kernels. setBackend\('reference'\)/);
    vi.unstubAllGlobals();
    expect((await select.loadBackend()).build).toBe(fastest);
  });
});
