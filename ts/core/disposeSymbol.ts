// `Symbol.dispose` is unknown to a consumer's TypeScript whose `lib` stops at ES2022.
/// <reference lib="esnext.disposable" preserve="true" />

/**
 * `Symbol.dispose`, which `using` looks for. Where the runtime has none, as some browsers and the
 * contexts of Node 20 in which test runners run code, the symbol that compilers take in its place.
 */
export const disposeSymbol: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
