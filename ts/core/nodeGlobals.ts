// Globals of Node and browsers that the windows of jsdom, in which many run their tests, do not
// have.

/** A new channel. */
export function openChannel(): MessageChannel {
  const Channel = globalThis.MessageChannel ?? process.getBuiltinModule('node:worker_threads').MessageChannel;
  return new Channel() as MessageChannel;
}

/** The bytes of a text in UTF-8. */
export function encodeText(text: string): Uint8Array {
  const Encoder = globalThis.TextEncoder ?? process.getBuiltinModule('node:util').TextEncoder;
  return new Encoder().encode(text);
}

/**
 * The text of bytes in UTF-8.
 * @param strict throw a TypeError for bytes that are not UTF-8, instead of replacing them. Default
 *   false
 */
export function decodeText(bytes: Uint8Array, strict = false): string {
  const Decoder = globalThis.TextDecoder ?? process.getBuiltinModule('node:util').TextDecoder;
  return new Decoder('utf-8', { fatal: strict }).decode(bytes);
}
