import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const BUILDS = ['simd128', 'relaxed-simd', 'wide', 'quantised-simd128', 'quantised-relaxed-simd'];

/** The section of a module that has the functions. */
const CODE = 10;

/** The sizes of a module's functions, in bytes. */
function functionSizes(module: Uint8Array): number[] {
  let place = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[place++] as number;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (place < module.length) {
    const section = module[place++];
    const length = number();
    const end = place + length;
    if (section === CODE) {
      return Array.from({ length: number() }, () => {
        const size = number();
        place += size;
        return size;
      });
    }
    place = end;
  }
  throw new Error('the module has no functions');
}

describe.each(BUILDS)('the module %s', (build) => {
  test('has no large function, because engines compile a whole function when it is first called', () => {
    const path = new URL(`../../ts/backend/wasm/generated/${build}/kernels.wasm`, import.meta.url);
    const sizes = functionSizes(readFileSync(path));
    expect(sizes.length).toBeGreaterThan(20);
    expect(Math.max(...sizes)).toBeLessThan(10_000);
  });
});
