import type * as errors from '../core/errors.ts';
import {
  ArgumentError,
  BackendError,
  BacktimeError,
  DataError,
  FileError,
  FormatError,
  InternalError,
  KernelPanicError,
  OutOfMemoryError,
  ShapeError,
  StateError,
  WorkerError,
} from '../core/errors.ts';
import { isError } from '../core/tags.ts';
import { ofOwnRealm } from './ownRealm.ts';

/** An error as plain data. */
export interface PostedError {
  readonly name: string;
  readonly code: string | null;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: PostedError | null;
}

/**
 * The outcome of a command. Errors are plain data, because the structured clone of an error loses
 * its class and its code.
 */
export type Outcome<T> = { readonly value: T } | { readonly error: PostedError };

/** Runs a command and returns its outcome, also if it throws. */
export async function outcomeOf<T>(run: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await run() };
  } catch (error) {
    return { error: postError(error) };
  }
}

/**
 * The value of an outcome.
 * @throws the command's error, with the class that it had in the worker
 */
export function unwrap<T>(outcome: Outcome<T>): T {
  if ('error' in outcome) throw restoreError(outcome.error);
  return ofOwnRealm(outcome).value;
}

/** Turns an error and its chain of causes into plain data. */
export function postError(error: unknown): PostedError {
  if (!isError(error)) {
    return { name: 'Error', code: null, message: String(error), stack: undefined, cause: null };
  }
  const code = error instanceof BacktimeError ? error.code : null;
  const cause = error.cause === undefined ? null : postError(error.cause);
  return { name: error.name, code, message: error.message, stack: error.stack, cause };
}

/**
 * Turns plain data into an error again: of Backtime's class or JavaScript's class with that name,
 * or an `Error` with that name.
 */
export function restoreError({ name, code, message, stack, cause }: PostedError): Error {
  const options = cause ? { cause: restoreError(cause) } : undefined;
  const error = code === null ? builtInError(name, message, options) : ownError(name, code, message, options);
  if (stack !== undefined) Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  return error;
}

type ErrorClass = new (message: string, options?: ErrorOptions) => Error;

type OwnName = Exclude<keyof typeof errors, 'BacktimeError'>;

/** Not the module's namespace, which would keep all classes in programs without workers. */
const OWN: Record<OwnName, ErrorClass> = {
  ArgumentError,
  BackendError,
  DataError,
  FileError,
  FormatError,
  InternalError,
  KernelPanicError,
  OutOfMemoryError,
  ShapeError,
  StateError,
  WorkerError,
};

function ownError(name: string, code: string, message: string, options?: ErrorOptions): Error {
  return Object.hasOwn(OWN, name) ? new OWN[name as OwnName](message, options) : new BacktimeError(code, message, options);
}

const BUILT_IN: Record<string, ErrorClass> = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError };

function builtInError(name: string, message: string, options?: ErrorOptions): Error {
  if (name === 'AbortError') return new DOMException(message, name);
  const error = new (BUILT_IN[name] ?? Error)(message, options);
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  return error;
}
