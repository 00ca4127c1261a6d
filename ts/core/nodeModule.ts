/** A module of Node without an `import` of a literal name, which bundlers for the browser would stumble over. */
export async function nodeModule<T>(name: `node:${string}`): Promise<T> {
  // Node 20 has getBuiltinModule only since 20.16.
  return (process.getBuiltinModule?.(name) ?? (await import(/* webpackIgnore: true */ /* @vite-ignore */ name))) as T;
}

/** Whether this is Node, or a runtime that has its modules. */
export function isNode(): boolean {
  return typeof process === 'object' && typeof process.versions?.node === 'string';
}
