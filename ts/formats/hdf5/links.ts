import type { FileBytes } from './fileBytes.ts';
import { MESSAGE, type Message } from './objectHeader.ts';

/** The addresses of what is in a group, by name. @throws {FormatError} when they are damaged */
export function readLinks(file: FileBytes, messages: readonly Message[]): Map<string, number> {
  const links = new Map<string, number>();
  const add = (name: string, address: number) => {
    if (name === '' || name.includes('/') || links.has(name)) throw file.damaged(`a group has the name '${name}' twice, or it is no name`);
    links.set(name, address);
  };
  for (const { kind, start, length } of messages) {
    const cursor = file.at(start, length);
    if (kind === MESSAGE.symbolTable) readSymbolTable(file, cursor.uint(8), cursor.uint(8), add);
    if (kind === MESSAGE.linkInfo) {
      cursor.skip(1);
      if (cursor.uint(1) & 1) cursor.skip(8);
      if (cursor.address() !== null) throw file.unsupported('a group in a fractal heap');
    }
    if (kind !== MESSAGE.link) continue;
    cursor.skip(1);
    const flags = cursor.uint(1);
    if (flags & 8 && cursor.uint(1) !== 0) throw file.unsupported('a soft or external link');
    if (flags & 4) cursor.skip(8);
    if (flags & 16) cursor.skip(1);
    const name = file.text(cursor.bytes(cursor.uint((1 << (flags & 3)) as 1 | 2 | 4 | 8)));
    add(name, cursor.uint(8));
  }
  return links;
}

/** Reads a group of the older kind: a B-tree of version 1, and its names in a local heap. */
function readSymbolTable(file: FileBytes, tree: number, heapAddress: number, add: (name: string, address: number) => void): void {
  const heap = file.at(heapAddress);
  heap.expect('HEAP');
  heap.skip(4);
  const heapLength = heap.uint(8);
  heap.skip(8);
  const names = file.at(heap.uint(8), heapLength).bytes(heapLength);
  const seen = new Set([tree]);
  for (const address of seen) {
    const node = file.at(address);
    node.expect('TREE');
    if (node.uint(1) !== 0) throw file.damaged('an index of a group is one of chunks');
    const level = node.uint(1);
    const count = node.uint(2);
    node.skip(16 + 8);
    for (let entry = 0; entry < count; entry++) {
      const child = node.uint(8);
      node.skip(8);
      if (level > 0) seen.add(child);
      else readSymbols(file, child, names, add);
    }
  }
}

function readSymbols(file: FileBytes, address: number, names: Uint8Array, add: (name: string, address: number) => void): void {
  const node = file.at(address);
  node.expect('SNOD');
  node.skip(2);
  const count = node.uint(2);
  for (let index = 0; index < count; index++) {
    const place = node.uint(8);
    // A soft link has none.
    const header = node.address();
    if (node.uint(4) === 2) throw file.unsupported('a soft link');
    node.skip(20);
    if (header === null || place >= names.length) throw file.damaged('a name is outside its heap, or leads to nothing');
    add(file.text(names.subarray(place)), header);
  }
}
