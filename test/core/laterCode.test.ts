import { expect, test, vi } from 'vitest';
import { FileError } from '../../ts/core/errors.ts';
import { laterClass, laterCode, provideFile, provideLibrary } from '../../ts/core/laterCode.ts';

class Shape {
  static count = 3;
  static of(sides: number) {
    return new this(sides);
  }
  readonly sides: number;
  readonly made: unknown;
  constructor(sides: number) {
    this.sides = sides;
    this.made = new.target;
  }
  get angles() {
    return this.sides;
  }
}

let next = 0;
/** A file that has a class, and the function that was called to get its code. */
function fileOf(code: object) {
  const name = `file-${next++}.cjs`;
  const file = vi.fn(() => code);
  provideFile(name, file);
  return { name, file };
}

function shapeOf() {
  class Own extends Shape {}
  const { name, file } = fileOf({ Own });
  return { Own, Later: laterClass(name, 'Own') as unknown as typeof Shape, file };
}

test('a file is called once, with the library and what gives the code of others', () => {
  provideLibrary({ three: 3 });
  const other = fileOf({ four: () => 4 });
  const name = `file-${next++}.cjs`;
  const file = vi.fn((library: object, codeOf: (name: string) => Record<string, () => number>) => {
    const { three } = library as { three: number };
    return { seven: () => three + (codeOf(other.name).four?.() ?? 0) };
  });
  provideFile(name, file);
  expect([laterCode(name, 'seven')(), laterCode(name, 'seven')()]).toEqual([7, 7]);
  expect([file.mock.calls.length, other.file.mock.calls.length]).toEqual([1, 1]);
});

test('a file that is not there is named, with the remedy', () => {
  expect(() => laterCode('missing.cjs', 'any')).toThrow(FileError);
  expect(() => laterCode('missing.cjs', 'any')).toThrow(
    /^missing\.cjs of backtime did not load \(Error: .*keep the files of its dist\/ together/s,
  );
});

test('a class loads when it is constructed, extended or asked for a member, and not before', () => {
  for (const use of [
    (Later: typeof Shape) => new Later(3),
    (Later: typeof Shape) => class extends Later {},
    (Later: typeof Shape) => Later.count,
    (Later: typeof Shape) => Later.name,
    (Later: typeof Shape) => 'count' in Later,
    (Later: typeof Shape) => Object.keys(Later),
    (Later: typeof Shape) => Object.getPrototypeOf(Later),
    (Later: typeof Shape) => Object.hasOwn(Later, 'name'),
  ]) {
    const { Later, file } = shapeOf();
    expect([{} instanceof Later, typeof Later, file.mock.calls.length]).toEqual([false, 'function', 0]);
    use(Later);
    expect(file, String(use)).toHaveBeenCalledTimes(1);
  }
});

test('its objects are of the class that a program has, and of no other', () => {
  const { Own, Later } = shapeOf();
  const made = new Later(5);
  expect(made.constructor).toBe(Later);
  expect([made instanceof Later, made instanceof Own, made instanceof Shape, new Shape(1) instanceof Later]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect([made.sides, made.angles, made.made]).toEqual([5, 5, Own]);
  expect(Object.keys(Own.prototype)).toEqual([]);
});

test('a class that extends it is itself', () => {
  const { Later } = shapeOf();
  class Square extends Later {
    constructor() {
      super(4);
    }
  }
  const square = new Square();
  expect(square.made).toBe(Square);
  expect([square.constructor, Object.getPrototypeOf(Square)]).toEqual([Square, Later]);
  expect([square instanceof Square, square instanceof Later, new Later(4) instanceof Square]).toEqual([true, true, false]);
  expect([Square.count, Square.of.call(Later, 6).sides]).toEqual([3, 6]);
});

test('its members are those of the class', () => {
  const { Own, Later } = shapeOf();
  expect([Later.name, Later.count, Later.of(2).sides]).toEqual(['Own', 3, 2]);
  expect(Reflect.ownKeys(Later)).toEqual(Reflect.ownKeys(Own));
  expect(Object.getOwnPropertyDescriptors(Later)).toEqual(Object.getOwnPropertyDescriptors(Own));
  expect(Object.getPrototypeOf(Later)).toBe(Shape);
  Later.count = 8;
  Object.defineProperty(Later, 'color', { value: 'red', configurable: true });
  expect([Own.count, Shape.count, 'color' in Own]).toEqual([8, 3, true]);
  expect([Reflect.deleteProperty(Later, 'color'), 'color' in Own]).toEqual([true, false]);
  Object.setPrototypeOf(Later, Function.prototype);
  expect(Object.getPrototypeOf(Own)).toBe(Function.prototype);
});
