import { withoutMiddle } from './describe.ts';

/**
 * The base class of all errors that Backtime throws on purpose. `code` never changes, and an error
 * from a worker keeps it. The message says what was done, what was expected and what was received;
 * it has at most 2,000 characters.
 */
export class BacktimeError extends Error {
  // Written out in each class, because a minifier renames the classes.
  override readonly name: string = 'BacktimeError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(withoutMiddle(message), options);
    this.code = code;
  }
}

/** An array, weight or layer input has a shape that does not fit, or a nested array is ragged. */
export class ShapeError extends BacktimeError {
  override readonly name: string = 'ShapeError';

  constructor(message: string, options?: ErrorOptions) {
    super('SHAPE', message, options);
  }
}

/**
 * The data has values that cannot be used (NaN, ids outside the vocabulary, labels outside the
 * loss's range), or no rows.
 */
export class DataError extends BacktimeError {
  override readonly name: string = 'DataError';

  constructor(message: string, options?: ErrorOptions) {
    super('DATA', message, options);
  }
}

/** An argument or option is unknown or outside its range. */
export class ArgumentError extends BacktimeError {
  override readonly name: string = 'ArgumentError';

  constructor(message: string, options?: ErrorOptions) {
    super('ARGUMENT', message, options);
  }
}

/**
 * A call came in the wrong order: `fit` before `compile`, weights before `build`, anything after
 * `dispose`.
 */
export class StateError extends BacktimeError {
  override readonly name: string = 'StateError';

  constructor(message: string, options?: ErrorOptions) {
    super('STATE', message, options);
  }
}

/** Something does not fit in memory: a program, the parameters, outputs or a copy of the data. */
export class OutOfMemoryError extends BacktimeError {
  override readonly name: string = 'OutOfMemoryError';

  constructor(message: string, options?: ErrorOptions) {
    super('OUT_OF_MEMORY', message, options);
  }
}

/**
 * A file cannot be understood: it is truncated, corrupt, of another format or of an unknown
 * version.
 */
export class FormatError extends BacktimeError {
  override readonly name: string = 'FormatError';

  constructor(message: string, options?: ErrorOptions) {
    super('FORMAT', message, options);
  }
}

/**
 * A file or an address cannot be read, or a file cannot be written: it does not exist, it is a
 * folder, access is denied, or the disk is full.
 */
export class FileError extends BacktimeError {
  override readonly name: string = 'FileError';

  constructor(message: string, options?: ErrorOptions) {
    super('FILE', message, options);
  }
}

/** A backend cannot run here, for example because the runtime has no WebAssembly SIMD. */
export class BackendError extends BacktimeError {
  override readonly name: string = 'BackendError';

  constructor(message: string, options?: ErrorOptions) {
    super('BACKEND', message, options);
  }
}

/**
 * A kernel panicked. The backend can still be used: kernels keep no state, and the stack pointer
 * was restored.
 */
export class KernelPanicError extends BacktimeError {
  override readonly name: string = 'KernelPanicError';

  constructor(message: string, options?: ErrorOptions) {
    super('KERNEL_PANIC', message, options);
  }
}

/**
 * A worker could not be started, or ended early: it was killed, ran out of memory, or threw outside
 * of a command.
 */
export class WorkerError extends BacktimeError {
  override readonly name: string = 'WorkerError';

  constructor(message: string, options?: ErrorOptions) {
    super('WORKER', message, options);
  }
}

/**
 * Backtime found a fault of its own, such as a wrong length of a buffer, before it did any harm.
 * Please report it.
 */
export class InternalError extends BacktimeError {
  override readonly name: string = 'InternalError';

  constructor(message: string, options?: ErrorOptions) {
    super('INTERNAL', message, options);
  }
}
