/**
 * Loads a module of Node by a name in a variable, because bundlers for the browser fail at an
 * `import` of the literal name.
 */
export async function nodeModule<T>(name: `node:${string}`): Promise<T> {
  // Node 20 has getBuiltinModule only since 20.16.
  return (process.getBuiltinModule?.(name) ?? (await import(/* webpackIgnore: true */ /* @vite-ignore */ name))) as T;
}

/** Whether the runtime is Node or has its modules. */
export function isNode(): boolean {
  return typeof process === 'object' && typeof process.versions?.node === 'string';
}
