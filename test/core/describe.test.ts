import { runInNewContext } from 'node:vm';
import { expect, describe as suite, test } from 'vitest';
import { describe } from '../../ts/core/describe.ts';
import { Dense } from '../../ts/index.ts';

class Counter {
  count = 0;
}
class Named {
  rate = 1;
  static readonly name: string = 5 as never;
}
const unnamed = new (class {})();
const bare: object = Object.assign(Object.create(null), { rate: 1 });
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const transferred = new Float32Array(3);
const transferredBuffer = new ArrayBuffer(8);
structuredClone(null, { transfer: [transferred.buffer, transferredBuffer] });
const spoofed = {
  get [Symbol.toStringTag]() {
    throw new Error('never');
  },
};
function* endless() {
  yield 1;
}

suite('what a value is called in a message', () => {
  const values: [value: unknown, description: string][] = [
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [0, '0'],
    [-0, '-0'],
    [Number.NaN, 'NaN'],
    [-Infinity, '-Infinity'],
    [1, '1'],
    [1n, 'the bigint 1n'],
    [10n ** 100n, `the bigint 1${'0'.repeat(56)}...n`],
    ['', "''"],
    ['adams', "'adams'"],
    ['C:\\models', "'C:\\models'"],
    ['two\nlines\u0000\u2028\ud800\u202e', "'two\\nlines\\u0000\\u2028\\ud800\\u202e'"],
    ['👩‍🔬', "'👩‍🔬'"],
    ['a'.repeat(61), `'${'a'.repeat(57)}...'`],
    ['👍'.repeat(40), `'${'👍'.repeat(28)}\\ud83d...'`],
    [Symbol('rate'), 'Symbol(rate)'],
    [Symbol('a'.repeat(100)), `Symbol(${'a'.repeat(50)}...`],
    [Symbol.iterator, 'Symbol(Symbol.iterator)'],
    [Math.max, 'function max'],
    [() => 1, 'function (anonymous)'],
    [Dense, 'class Dense'],
    [Named, 'class (anonymous)'],
    [[], 'an array of 0'],
    [[1, 2, 3], 'an array of 3'],
    [Float32Array.of(1, 2), 'a Float32Array of 2'],
    [new Int8Array(1), 'an Int8Array of 1'],
    [new Uint8Array(1), 'a Uint8Array of 1'],
    [Buffer.from('abc'), 'a Uint8Array of 3'],
    [new BigInt64Array(3), 'a BigInt64Array of 3'],
    [transferred, 'a detached Float32Array'],
    [new ArrayBuffer(8), 'an ArrayBuffer of 8 bytes'],
    [new SharedArrayBuffer(8), 'a SharedArrayBuffer of 8 bytes'],
    [transferredBuffer, 'a detached ArrayBuffer'],
    [new DataView(new ArrayBuffer(8)), 'a DataView'],
    [new Map([[1, 2]]), 'a Map of 1'],
    [new Set([1, 2]), 'a Set of 2'],
    [new WeakMap(), 'a WeakMap'],
    [new Date(0), 'a Date (1970-01-01T00:00:00.000Z)'],
    [new Date(Number.NaN), 'an invalid Date'],
    [/a+/g, 'a RegExp (/a+/g)'],
    [new RangeError('too far'), "a RangeError ('too far')"],
    [new Error('a'.repeat(100)), `an Error ('${'a'.repeat(57)}...')`],
    [new DOMException('stopped', 'AbortError'), "an AbortError ('stopped')"],
    [Object(5), 'a Number object (5)'],
    [Object('text'), 'a String object (text)'],
    [Promise.resolve(1), 'a Promise, which was not awaited'],
    [endless(), 'a Generator'],
    [[1].values(), 'an Array Iterator'],
    [new URL('http://localhost'), 'a URL'],
    [new AbortController().signal, 'an AbortSignal'],
    [{}, 'an empty object'],
    [{ rate: 1 }, 'an object with the key rate'],
    [{ a: 1, b: 2, c: 3, d: 4 }, 'an object with the keys a, b, c, d'],
    [JSON.parse(JSON.stringify(new Float32Array(6))), 'an object with the keys 0, 1, 2, 3 and 2 more'],
    [{ ['a'.repeat(100)]: 1 }, `an object with the key ${'a'.repeat(57)}...`],
    [bare, 'an object with the key rate'],
    [Object.create(null), 'an empty object'],
    [new Counter(), 'an object (Counter)'],
    [unnamed, 'an object of a class without a name'],
    [{ constructor: { name: 'Dense' } }, 'an object with the key constructor'],
    [spoofed, 'an empty object'],
    [revoked.proxy, 'an object that cannot be read'],
    [new Proxy([1], {}), 'an array of 1'],
  ];
  for (const [value, description] of values) test(description, () => expect(describe(value)).toBe(description));

  test.each([
    ['Float32Array.of(1, 2)', 'a Float32Array of 2'],
    ['new Map()', 'a Map of 0'],
    ["new TypeError('no')", "a TypeError ('no')"],
    ['({ rate: 1 })', 'an object with the key rate'],
    ['Promise.resolve()', 'a Promise, which was not awaited'],
    ['new ArrayBuffer(2)', 'an ArrayBuffer of 2 bytes'],
  ])('%s of another realm', (code, description) => {
    expect(describe(runInNewContext(code))).toBe(description);
  });

  test('is one short line, whatever its parts are', () => {
    const long = 'a\n'.repeat(1e6);
    class Long {
      rate = 1;
      static readonly name: string = long;
    }
    const values = [long, Symbol(long), Object(long), new Error(long), Long, new Long(), { [long]: 1, [`${long}b`]: 2, c: long }];
    const tagged = {
      get [Symbol.toStringTag]() {
        return long;
      },
    };
    for (const value of [...values, tagged, new RegExp(`(${'a'.repeat(1e5)})`), 2n ** 10000n]) {
      const description = describe(value);
      expect(description.length).toBeLessThan(300);
      expect(description).not.toContain('\n');
    }
  });
});
