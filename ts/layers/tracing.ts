let depth = 0;

/**
 * Runs the `call` of a custom layer. Meanwhile weights are values, and uses of other layers
 * declare no weights.
 */
export function traced<T>(call: () => T): T {
  depth++;
  try {
    return call();
  } finally {
    depth--;
  }
}

/** Whether the `call` of a layer runs. */
export function isTracing(): boolean {
  return depth > 0;
}
