import { FormatError } from '../../core/errors.ts';
import { decodeText } from '../../core/nodeGlobals.ts';

/** A tuple of Python; its lists are arrays. */
export class PyTuple {
  readonly items: readonly PyValue[];

  constructor(items: readonly PyValue[]) {
    this.items = items;
  }
}

/** A class or function of Python, by the name of its module and its own. It is only a name here. */
export class PyGlobal {
  readonly name: string;

  constructor(module: string, name: string) {
    this.name = `${module}.${name}`;
  }
}

/** The result of a known function of a pickle. */
export interface PyObject {
  readonly kind: string;
}

/** A value of a pickle. A dict of Python is a `Map`. */
export type PyValue = null | boolean | number | string | PyList | PyTuple | PyDict | PyGlobal | PyObject;
/** A list of Python. */
export type PyList = PyValue[];
/** A dict of Python; its keys are strings and numbers. */
export type PyDict = Map<PyValue, PyValue>;

/** The names and calls that a pickle may use. Anything else is refused before it has any effect. */
export interface PickleRules {
  /** Whether the pickle may name a class or a function. */
  allows(global: string): boolean;
  /** Calls a function that the pickle names. @throws {FormatError} for other arguments */
  call(global: string, args: readonly PyValue[]): PyValue;
  /** Returns an object that is stored outside of the pickle. @throws {FormatError} */
  stored(id: PyValue): PyValue;
  /** The error about a name that is not allowed. */
  refused(global: string): FormatError;
}

/** The longest pickle that is read, in bytes. */
const LONGEST = 2 ** 24;
/**
 * The memory that objects may take for each byte of a pickle, and beside it, in bytes. A byte makes
 * a dict of two hundred bytes; a state_dict takes some 12 for each byte.
 */
const [MEMORY_FOR_BYTE, MEMORY_BESIDE] = [32, 2 ** 20] as const;
/** The memory that objects take, rounded up, in bytes. */
const MEMORY = { dict: 256, list: 64, tuple: 64, global: 64, called: 256 } as const;

/** Where the operands of the innermost collection begin. */
const MARK = Symbol('mark');
type StackValue = PyValue | typeof MARK;

/**
 * Reads a pickle of Python, of the protocols 2 to 5, as far as it holds numbers, texts, lists,
 * tuples and dicts, and what `rules` allows. Nothing of it is executed: a name is looked up in
 * `rules`, and nowhere else. https://docs.python.org/3/library/pickletools.html
 * @param where what is read, for error messages: `loadWeights: tagger.pt`
 * @throws {FormatError} when it is damaged, longer than 16 MiB, makes far more objects than the
 *   dicts of tensors of its length have, or has anything else
 */
export function readPickle(bytes: Uint8Array, where: string, rules: PickleRules): PyValue {
  if (bytes.length > LONGEST) throw new FormatError(`${where} has a pickle of ${bytes.length} bytes, at most ${LONGEST} are read`);
  return new Unpickler(bytes, where, rules).run();
}

class Unpickler {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #where: string;
  readonly #rules: PickleRules;
  readonly #stack: StackValue[] = [];
  readonly #memo: PyValue[] = [];
  #place = 0;
  /** The bytes of memory that further objects may take. */
  #memoryLeft: number;

  constructor(bytes: Uint8Array, where: string, rules: PickleRules) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#where = where;
    this.#rules = rules;
    this.#memoryLeft = MEMORY_FOR_BYTE * bytes.length + MEMORY_BESIDE;
  }

  run(): PyValue {
    for (;;) {
      const start = this.#place;
      const code = this.#uint(1);
      if (code === STOP) {
        const result = this.#pop();
        if (this.#stack.length > 0) throw this.#damaged(`${this.#stack.length} values are left at its end`);
        return result;
      }
      const operation = OPERATIONS[code];
      if (!operation)
        throw new FormatError(
          `${this.#where} has a pickle with the operation 0x${code.toString(16)} at byte ${start}, which files of weights do not have; nothing of it was executed`,
        );
      operation.call(this);
    }
  }

  /** The operations, by their bytes. */
  static readonly operations: Readonly<Record<number, (this: Unpickler) => void>> = {
    // PROTO, FRAME
    128() {
      const version = this.#uint(1);
      if (version < 2 || version > 5) throw this.#damaged(`it has protocol ${version}; 2 to 5 are read`);
    },
    149() {
      this.#uint(8);
    },
    // NONE, NEWTRUE, NEWFALSE
    78() {
      this.#push(null);
    },
    136() {
      this.#push(true);
    },
    137() {
      this.#push(false);
    },
    // BININT, BININT1, BININT2, LONG1, BINFLOAT
    74() {
      this.#push(this.#view.getInt32(this.#skip(4), true));
    },
    75() {
      this.#push(this.#uint(1));
    },
    77() {
      this.#push(this.#uint(2));
    },
    138() {
      this.#push(this.#long(this.#uint(1)));
    },
    71() {
      this.#push(this.#view.getFloat64(this.#skip(8), false));
    },
    // BINUNICODE, SHORT_BINUNICODE
    88() {
      this.#push(this.#text(this.#uint(4)));
    },
    140() {
      this.#push(this.#text(this.#uint(1)));
    },
    // EMPTY_LIST, APPEND, APPENDS
    93() {
      this.#spend('list');
      this.#push([]);
    },
    97() {
      const value = this.#pop();
      this.#list().push(value);
    },
    101() {
      const values = this.#popToMark();
      const list = this.#list();
      for (const value of values) list.push(value);
    },
    // EMPTY_TUPLE, TUPLE1, TUPLE2, TUPLE3, TUPLE
    41() {
      this.#pushTuple([]);
    },
    133() {
      this.#pushTuple(this.#popSome(1));
    },
    134() {
      this.#pushTuple(this.#popSome(2));
    },
    135() {
      this.#pushTuple(this.#popSome(3));
    },
    116() {
      this.#pushTuple(this.#popToMark());
    },
    // EMPTY_DICT, SETITEM, SETITEMS
    125() {
      this.#spend('dict');
      this.#push(new Map());
    },
    115() {
      const value = this.#pop();
      this.#setItems([this.#pop(), value]);
    },
    117() {
      this.#setItems(this.#popToMark());
    },
    // MARK, POP
    40() {
      this.#stack.push(MARK);
    },
    48() {
      this.#pop();
    },
    // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET
    113() {
      this.#keep(this.#uint(1));
    },
    114() {
      this.#keep(this.#uint(4));
    },
    148() {
      this.#keep(this.#memo.length);
    },
    104() {
      this.#get(this.#uint(1));
    },
    106() {
      this.#get(this.#uint(4));
    },
    // GLOBAL, STACK_GLOBAL
    99() {
      const module = this.#line();
      this.#pushGlobal(module, this.#line());
    },
    147() {
      const name = this.#pop();
      const module = this.#pop();
      if (typeof module !== 'string' || typeof name !== 'string') throw this.#damaged('a name is not text');
      this.#pushGlobal(module, name);
    },
    // REDUCE, BUILD, BINPERSID
    82() {
      const args = this.#pop();
      const called = this.#pop();
      if (!(called instanceof PyGlobal) || !(args instanceof PyTuple)) throw this.#damaged('it calls something that is not a function');
      this.#spend('called');
      this.#push(this.#rules.call(called.name, args.items));
    },
    98() {
      this.#pop();
      // The attributes of an OrderedDict, such as the versions of PyTorch's modules.
      if (!(this.#top() instanceof Map)) throw this.#damaged('it sets attributes of something other than a dict');
    },
    81() {
      this.#spend('called');
      this.#push(this.#rules.stored(this.#pop()));
    },
  };

  #push(value: PyValue): void {
    this.#stack.push(value);
  }

  #pop(): PyValue {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) throw this.#damaged('an operation lacks a value');
    return value;
  }

  #top(): PyValue {
    const value = this.#stack.at(-1);
    if (value === undefined || value === MARK) throw this.#damaged('an operation lacks a value');
    return value;
  }

  #popToMark(): PyValue[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) throw this.#damaged('the start of a collection is missing');
    const values = this.#stack.splice(mark);
    return values.slice(1) as PyValue[];
  }

  #list(): PyList {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#damaged('it appends to something other than a list');
    return list;
  }

  /** Takes values from the stack, in the order in which they were put there. */
  #popSome(count: number): PyValue[] {
    return Array.from({ length: count }, () => this.#pop()).reverse();
  }

  #pushTuple(items: readonly PyValue[]): void {
    this.#spend('tuple');
    this.#push(new PyTuple(items));
  }

  /** Counts the memory of an object before it is made. @throws {FormatError} after too many */
  #spend(kind: keyof typeof MEMORY): void {
    this.#memoryLeft -= MEMORY[kind];
    if (this.#memoryLeft < 0) throw this.#damaged(`it makes more objects than ${this.#bytes.length} bytes of a state_dict have`);
  }

  #setItems(items: readonly PyValue[]): void {
    const dict = this.#top();
    if (!(dict instanceof Map) || items.length % 2 > 0) throw this.#damaged('it sets items of something other than a dict');
    for (let index = 0; index < items.length; index += 2) {
      const key = items[index] as PyValue;
      if (typeof key !== 'string' && typeof key !== 'number') throw this.#damaged('a key of a dict is neither a text nor a number');
      dict.set(key, items[index + 1] as PyValue);
    }
  }

  /** Keeps the last value by a number. Python numbers the values that it keeps from 0. */
  #keep(index: number): void {
    if (index > this.#memo.length) throw this.#damaged(`it keeps the value ${index} after ${this.#memo.length} others`);
    this.#memo[index] = this.#top();
  }

  #get(index: number): void {
    const value = this.#memo[index];
    if (value === undefined) throw this.#damaged(`it uses the value ${index}, which it has not kept`);
    this.#push(value);
  }

  #pushGlobal(module: string, name: string): void {
    this.#spend('global');
    const global = new PyGlobal(module, name);
    if (!this.#rules.allows(global.name)) throw this.#rules.refused(global.name);
    this.#push(global);
  }

  /** Moves on by some bytes. @returns where they begin */
  #skip(count: number): number {
    const start = this.#place;
    if (count > this.#bytes.length - start) throw this.#damaged('it is truncated');
    this.#place = start + count;
    return start;
  }

  #uint(bytes: 1 | 2 | 4 | 8): number {
    const start = this.#skip(bytes);
    if (bytes === 1) return this.#view.getUint8(start);
    if (bytes === 2) return this.#view.getUint16(start, true);
    return bytes === 4 ? this.#view.getUint32(start, true) : Number(this.#view.getBigUint64(start, true));
  }

  /** An integer in two's complement, the lowest byte first. */
  #long(bytes: number): number {
    if (bytes > 8) throw this.#damaged(`it has an integer of ${bytes} bytes`);
    const start = this.#skip(bytes);
    let value = 0n;
    for (let index = bytes - 1; index >= 0; index--) value = (value << 8n) | BigInt(this.#bytes[start + index] as number);
    return Number(BigInt.asIntN(8 * bytes, value));
  }

  #text(length: number): string {
    const start = this.#skip(length);
    return this.#decoded(start, start + length);
  }

  /** A text up to the next line feed. */
  #line(): string {
    const start = this.#place;
    const end = this.#bytes.indexOf(0x0a, start);
    if (end < 0) throw this.#damaged('it is truncated');
    this.#place = end + 1;
    return this.#decoded(start, end);
  }

  #decoded(start: number, end: number): string {
    try {
      return decodeText(this.#bytes.slice(start, end), true);
    } catch (cause) {
      throw this.#damaged('a text is not UTF-8', cause);
    }
  }

  #damaged(problem: string, cause?: unknown): FormatError {
    return new FormatError(`${this.#where} has a damaged pickle: ${problem}, at byte ${this.#place} of it`, { cause });
  }
}

const STOP = 0x2e;
const OPERATIONS = Unpickler.operations;
