import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { supportsRelaxedSimd, supportsSimd, type WasmBuild } from '../../../ts/backend/wasm/features.ts';

const bytesOf = (build: WasmBuild) => readFileSync(new URL(`../../../ts/backend/wasm/generated/${build}/kernels.wasm`, import.meta.url));
/** How often these bytes of code stand in a module. */
const countOf = (bytes: Uint8Array, ...code: number[]) =>
  bytes.filter((_, index) => code.every((byte, offset) => bytes[index + offset] === byte)).length;
const RELAXED_MULTIPLY_ADD = [0xfd, 0x85, 0x02];

describe('features', () => {
  it('finds SIMD exactly where the runtime accepts the simd128 build', () => {
    expect(WebAssembly.validate(bytesOf('simd128'))).toBe(supportsSimd());
  });

  it('finds relaxed SIMD exactly where the runtime accepts the relaxed build', () => {
    expect(WebAssembly.validate(bytesOf('relaxed-simd'))).toBe(supportsRelaxedSimd());
  });

  it('builds: only relaxed-simd has fused multiply-adds', () => {
    expect(countOf(bytesOf('relaxed-simd'), ...RELAXED_MULTIPLY_ADD)).toBeGreaterThan(10);
    expect(countOf(bytesOf('simd128'), ...RELAXED_MULTIPLY_ADD)).toBe(0);
  });
});
