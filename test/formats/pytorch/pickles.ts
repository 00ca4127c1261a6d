import { writeZip } from '../../../ts/data/writeZip.ts';

/** Bytes of a pickle: operations, texts as they are, and parts made of these. */
export type Part = number | string | readonly Part[];

/** A pickle of protocol 2. */
export function pickle(...parts: readonly Part[]): Uint8Array {
  const bytes = (part: Part): number[] =>
    typeof part === 'number' ? [part] : typeof part === 'string' ? [...Buffer.from(part)] : part.flatMap(bytes);
  return Uint8Array.from([0x80, 2, ...parts.flatMap(bytes), 0x2e]);
}

/** An integer below 2^31. */
export const int = (value: number): Part => ['J', [0, 8, 16, 24].map((shift) => (value >> shift) & 0xff)];
/** An integer of 8 bytes. */
export const long = (value: bigint): Part => [0x8a, 8, Array.from({ length: 8 }, (_, byte) => Number((value >> BigInt(8 * byte)) & 0xffn))];
export const float = (value: number): Part => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return ['G', [...new Uint8Array(view.buffer)]];
};
export const text = (value: string): Part => {
  const length = Buffer.byteLength(value);
  return ['X', [length & 0xff, (length >> 8) & 0xff, (length >> 16) & 0xff, length >>> 24], value];
};
export const global = (module: string, name: string): Part => `c${module}\n${name}\n`;
export const tuple = (...items: readonly Part[]): Part => ['(', items, 't'];
export const dict = (...items: readonly Part[]): Part => ['}', '(', items, 'u'];
export const call = (called: Part, ...args: readonly Part[]): Part => [called, tuple(...args), 'R'];

/** A storage of float32s, by the key of its entry. */
export const storage = (key: string, type = 'FloatStorage'): Part => [
  tuple(text('storage'), global('torch', type), text(key), text('cpu'), int(8)),
  'Q',
];
/** A tensor of a storage. */
export const tensor = (stored: Part, offset: Part, size: readonly Part[], strides: readonly Part[]): Part =>
  call(
    global('torch._utils', '_rebuild_tensor_v2'),
    stored,
    offset,
    tuple(...size),
    tuple(...strides),
    0x89,
    call(global('collections', 'OrderedDict')),
  );

/** A file of torch.save with a pickle and storages of eight float32s, 0 to 7. */
export function torchFile(root: Uint8Array, entries: Readonly<Record<string, Uint8Array>> = {}, storages = ['0']): Uint8Array {
  const floats = new Uint8Array(Float32Array.from({ length: 8 }, (_, index) => index).buffer);
  const all = {
    'archive/data.pkl': root,
    'archive/byteorder': Buffer.from('little'),
    ...Object.fromEntries(storages.map((key) => [`archive/data/${key}`, floats])),
    'archive/version': Buffer.from('3\n'),
    ...entries,
  };
  return new Uint8Array(Buffer.concat(writeZip(Object.entries(all), 'the test')));
}
