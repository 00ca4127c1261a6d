import { encodeText } from '../core/nodeGlobals.ts';
import { crc32 } from '../data/crc.ts';
import type { StoredTensor } from './safetensors.ts';

/**
 * The checksum of a model, such as `crc32:cbf43926`: over its description and its arrays in the
 * order of their names, as programs may reorder a file.
 */
export function modelChecksum(description: string, tensors: readonly StoredTensor[]): string {
  let crc = crc32(encodeText(description));
  for (const { name, data } of [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    crc = crc32(encodeText(name), crc);
    crc = crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), crc);
  }
  return `crc32:${crc.toString(16).padStart(8, '0')}`;
}
