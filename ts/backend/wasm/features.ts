/**
 * The builds of the kernels: plain SIMD; relaxed SIMD with its fused multiply-add; and `wide`, the
 * same with tiles for engines that join two neighbouring vectors into one of twice the width.
 */
export type WasmBuild = 'simd128' | 'relaxed-simd' | 'wide';

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
/** Type section: one function without parameters that returns a `v128`. */
const TYPES = [0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b];
const FUNCTIONS = [0x03, 0x02, 0x01, 0x00];
/** `v128.const` zero */
const ZERO = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
/** `f32x4.relaxed_madd` */
const RELAXED_MULTIPLY_ADD = [0xfd, 0x85, 0x02];
const END = 0x0b;

/** A module of one function with this body. */
function moduleOf(instructions: readonly number[]): Uint8Array<ArrayBuffer> {
  const body = [0x00, ...instructions, END];
  return new Uint8Array([...HEADER, ...TYPES, ...FUNCTIONS, 0x0a, body.length + 2, 0x01, body.length, ...body]);
}

/** Whether this runtime executes 128-bit SIMD. */
export function supportsSimd(): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(moduleOf(ZERO));
}

/** The answer about relaxed SIMD, and what it is about: every call of `predict` asks again. */
let relaxed: { readonly runtime: typeof WebAssembly; readonly supported: boolean } | null = null;

/**
 * Whether this runtime executes relaxed SIMD (Node 22 and later; Node 20 with
 * `--experimental-wasm-relaxed-simd`).
 */
export function supportsRelaxedSimd(): boolean {
  if (typeof WebAssembly !== 'object') return false;
  if (relaxed?.runtime !== WebAssembly) {
    const module = moduleOf([...ZERO, ...ZERO, ...ZERO, ...RELAXED_MULTIPLY_ADD]);
    relaxed = { runtime: WebAssembly, supported: WebAssembly.validate(module) };
  }
  return relaxed.supported;
}
