import { expect, test } from 'vitest';
import { FormatError } from '../../ts/core/errors.ts';
import { parseJSON } from '../../ts/formats/parseJSON.ts';
import { expectError } from '../support/refusals.ts';

const thrown = (text: string | Uint8Array) => {
  try {
    return parseJSON(text, 'm.keras: config.json');
  } catch (error) {
    return error;
  }
};

test("Infinity of Python's json is read, and texts stay as they are", () => {
  const text = String.raw`{"path": "C:\\", "max_value": Infinity, "least": [-Infinity, 1], "text": "-Infinity \" Infinity NaN", "Infinity": "\\"}`;
  expect(parseJSON(text, 'a file')).toEqual({
    path: 'C:\\',
    max_value: Number.POSITIVE_INFINITY,
    least: [Number.NEGATIVE_INFINITY, 1],
    text: '-Infinity " Infinity NaN',
    Infinity: '\\',
  });
});

test.each([
  ['NaN', '{"a": NaN}'],
  ['what is cut', '{"a": [1, 2'],
  ['a minus alone', '{"a": -}'],
  ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
])('%s is refused by the name of the file', (_name, text) => {
  expectError(thrown(text), FormatError, /^m\.keras: config\.json is not JSON, so it is damaged or incomplete: ./);
});

test('more arrays and objects inside each other than 200 are refused, so that no reader of them exhausts the stack', () => {
  const nested = (open: string, close: string, depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    expect(JSON.stringify(parseJSON(nested(open, close, 200), 'a file'))).toHaveLength(200 * (open.length + 1) + 1);
    for (const depth of [202, 1_000_000])
      expectError(
        thrown(nested(open, close, depth)),
        FormatError,
        /^m\.keras: config\.json has more than 200 arrays and objects inside each other$/,
      );
  }
});
