type Method = (this: unknown, ...args: unknown[]) => unknown;

const ARRAY_METHODS =
  'concat every filter find findIndex findLast flatMap forEach includes indexOf join lastIndexOf map reduce reduceRight slice some splice';

/** Methods, each with what a call of it counts. */
const COUNTED: readonly (readonly [prototype: object, methods: readonly string[], count: (self: never) => number])[] = [
  [Array.prototype, ARRAY_METHODS.split(' '), ({ length }: unknown[]) => length],
  [Map.prototype, ['get', 'has', 'set'], () => 1],
  [Set.prototype, ['add', 'has'], () => 1],
];

/**
 * How many elements of arrays a call goes through, each search counted as if it went to the end,
 * and how often it looks into a map or a set: what grows with the square of a problem's size shows
 * in it whatever the machine does meanwhile. Loops of `for` are not counted.
 */
export async function lookUps(call: () => unknown): Promise<number> {
  let counted = 0;
  const restore: (() => void)[] = [];
  for (const [prototype, methods, count] of COUNTED) {
    for (const method of methods) {
      const original = Object.getOwnPropertyDescriptor(prototype, method) as PropertyDescriptor;
      restore.push(() => Object.defineProperty(prototype, method, original));
      const value: Method = function (...args) {
        counted += count(this as never);
        return (original.value as Method).apply(this, args);
      };
      Object.defineProperty(prototype, method, { ...original, value });
    }
  }
  try {
    await call();
  } finally {
    for (const undo of restore) undo();
  }
  return counted;
}
