import { expect, test } from 'vitest';
import { readFile } from '../src/data/source.ts';

const bytes = (...values: number[]) => [Uint8Array.from(values)];

test.each([
  ['nothing', 'empty.csv', [], /^empty\.csv is empty\.$/],
  ['only white space', 'blank.txt', [' \n\n'], /^blank\.txt is empty\.$/],
  ['bytes that are no UTF-8', 'latin1.csv', bytes(0x63, 0xe9, 0x0a), /^latin1\.csv is not a text file in UTF-8/],
  ['UTF-16', 'excel.csv', bytes(0x61, 0, 0x62, 0), /^excel\.csv is not a text file in UTF-8/],
  ['zeros', 'numbers.csv', bytes(0, 0, 0, 0), /^numbers\.csv is not a text file in UTF-8/],
])('a file of %s is refused by name', async (_, name, parts, message) => {
  await expect(readFile(new File(parts, name))).rejects.toThrow(message);
});

test('a file that cannot be read is refused by name', async () => {
  const folder = Object.assign(new File([], 'folder.csv'), { arrayBuffer: () => Promise.reject(new DOMException('not found')) });
  await expect(readFile(folder)).rejects.toThrow('folder.csv cannot be read');
});

test('a byte order mark is no part of the first name', async () => {
  const { table } = await readFile(new File(['\uFEFFa,b\n1,2\n'], 'excel.csv'));
  expect(table?.columns).toEqual(['a', 'b']);
});
