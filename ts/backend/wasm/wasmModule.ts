/**
 * `WebAssembly.Module`, where the consumer's types have it. Those of Node alone have no
 * WebAssembly.
 */
export type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } } ? Module : object;
