// Code of the package that Node loads when a program first uses it, and without waiting.
// scripts/laterModules.mjs writes calls of these functions into the file that loads at once.
import { FileError } from './errors.ts';

/** Classes and functions of a file, by their names. */
// biome-ignore lint/suspicious/noExplicitAny: any class, any function
type Code = Readonly<Record<string, any>>;

// biome-ignore lint/suspicious/noExplicitAny: any class
type AnyClass = new (...given: any[]) => object;

/** What a file is: a function of the library, and of what gives the code of other such files. */
type CodeFile = (library: object, codeOf: (file: string) => Code) => Code;

/** The exports of the file that loads at once. */
let library: object = {};
const codes = new Map<string, Code>();
const files = new Map<string, CodeFile>();

/** Takes what the files that load later need of the one that loads at once. */
export function provideLibrary(exports: object): void {
  library = exports;
}

/** Takes a file from a module that has imported it. */
export function provideFile(name: string, file: CodeFile): void {
  files.set(name, file);
}

/**
 * A class or a function of a file that lies beside this one. The file is loaded first.
 * @throws {FileError} when the file cannot be loaded
 */
export function laterCode(file: string, name: string): Code[string] {
  return codeOf(file)[name];
}

function codeOf(name: string): Code {
  const known = codes.get(name);
  if (known) return known;
  const code = (files.get(name) ?? load(name))(library, codeOf);
  codes.set(name, code);
  return code;
}

function load(name: string): CodeFile {
  try {
    return process.getBuiltinModule('node:module').createRequire(import.meta.url)(`./${name}`) as CodeFile;
  } catch (cause) {
    const remedy = "keep the files of its dist/ together; a bundler finds all that it needs by the condition 'module'";
    throw new FileError(`${name} of backtime did not load (${String(cause)}): ${remedy}`, { cause });
  }
}

/**
 * A class whose code loads when it is first used: constructed, extended, or asked for a member. To
 * ask whether it is the class of an object loads nothing, because before there is no such object.
 * @param file see {@link laterCode}
 */
export function laterClass(file: string, name: string): AnyClass {
  return new LaterClass(file, name).proxy;
}

/** The handler of the proxy of a class, which has many of the same kind: its traps are methods. */
class LaterClass implements ProxyHandler<AnyClass> {
  readonly proxy: AnyClass;
  readonly #target: AnyClass;
  readonly #file: string;
  readonly #name: string;
  #code: AnyClass | null = null;

  constructor(file: string, name: string) {
    this.#file = file;
    this.#name = name;
    // biome-ignore lint/complexity/useArrowFunction: an arrow function is no constructor
    this.#target = Object.defineProperty(function () {}, 'name', { value: name }) as unknown as AnyClass;
    this.proxy = new Proxy(this.#target, this);
  }

  get #loaded(): AnyClass {
    if (this.#code) return this.#code;
    const code: AnyClass = laterCode(this.#file, this.#name);
    // Who asks an object for its class gets what the package exports.
    Object.defineProperty(code.prototype, 'constructor', { value: this.proxy });
    // A proxy may give no other value of a property that its target cannot lose.
    Object.defineProperty(this.#target, 'prototype', { value: code.prototype, writable: false });
    this.#code = code;
    return code;
  }

  /** What stands for the proxy where code of the class is called. */
  #own<T>(receiver: T): T | AnyClass {
    return receiver === this.proxy ? this.#loaded : receiver;
  }

  construct(_: AnyClass, given: unknown[], made: object): object {
    return Reflect.construct(this.#loaded, given, this.#own(made) as AnyClass);
  }

  get(_: AnyClass, key: PropertyKey, receiver: unknown): unknown {
    if (key === Symbol.hasInstance && !this.#code) return () => false;
    return Reflect.get(this.#loaded, key, this.#own(receiver));
  }

  set(_: AnyClass, key: PropertyKey, value: unknown, receiver: unknown): boolean {
    return Reflect.set(this.#loaded, key, value, this.#own(receiver));
  }

  has(_: AnyClass, key: PropertyKey): boolean {
    return Reflect.has(this.#loaded, key);
  }

  deleteProperty(_: AnyClass, key: PropertyKey): boolean {
    return Reflect.deleteProperty(this.#loaded, key);
  }

  defineProperty(_: AnyClass, key: PropertyKey, property: PropertyDescriptor): boolean {
    return Reflect.defineProperty(this.#loaded, key, property);
  }

  getOwnPropertyDescriptor(_: AnyClass, key: PropertyKey): PropertyDescriptor | undefined {
    return Reflect.getOwnPropertyDescriptor(this.#loaded, key);
  }

  ownKeys(): (string | symbol)[] {
    return Reflect.ownKeys(this.#loaded);
  }

  getPrototypeOf(): object | null {
    return Reflect.getPrototypeOf(this.#loaded);
  }

  setPrototypeOf(_: AnyClass, prototype: object | null): boolean {
    return Reflect.setPrototypeOf(this.#loaded, prototype);
  }
}
