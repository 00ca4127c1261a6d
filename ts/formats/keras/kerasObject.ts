import { describe } from '../../core/describe.ts';
import { FormatError } from '../../core/errors.ts';
import type { SampleShape } from '../../layers/spec.ts';

/** Plain data of a file. */
export type Plain = Readonly<Record<string, unknown>>;

/** An object of Keras as its files hold it: a class and what makes the object. */
export interface KerasObject {
  /** `keras.layers`; null in files of Keras 2. */
  readonly module: string | null;
  readonly className: string;
  /** `package>name` of a class of a user's own; null for Keras's. */
  readonly registeredName: string | null;
  readonly config: Plain;
  readonly whole: Plain;
}

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether it is an object with a class and a configuration. */
export function isKerasObject(value: unknown): value is Plain {
  return isPlain(value) && typeof value.class_name === 'string';
}

/**
 * Reads an object.
 * @param where what it is, for error messages: `layer dense (Dense): kernel_initializer`
 * @throws {FormatError} when it is none
 */
export function kerasObject(value: unknown, where: string): KerasObject {
  if (!isKerasObject(value) || !(isPlain(value.config) || value.config === undefined || value.config === null))
    throw new FormatError(`${where} should be an object with class_name and config, but is ${describe(value)}`);
  const { module, class_name: className, registered_name: registered, config } = value;
  // Keras names its own classes in two ways: `registered_name` is null, or the class name.
  const isOwn = typeof registered === 'string' && registered.includes('>');
  return {
    module: typeof module === 'string' ? module : null,
    className: className as string,
    // Keras 2 has the registered name as the class name.
    registeredName: isOwn ? registered : (className as string).includes('>') ? (className as string) : null,
    config: isPlain(config) ? config : {},
    whole: value,
  };
}

/** An array of a file. @throws {FormatError} */
export function listAt(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new FormatError(`${where} should be an array, but is ${describe(value)}`);
  return value;
}

/** A text of a file. @throws {FormatError} */
export function textAt(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new FormatError(`${where} should be a string, but is ${describe(value)}`);
  return value;
}

/** A shape with the batch axis first. @throws {FormatError} when it is none */
export function readBatchShape(value: unknown, where: string): { shape: SampleShape; batchSize: number | null } {
  const isSize = (size: unknown) => size === null || (Number.isSafeInteger(size) && (size as number) > 0);
  const sizes = listAt(value, where);
  if (sizes.length === 0 || !sizes.every(isSize))
    throw new FormatError(`${where} should be the sizes of a batch, but is ${describe(value)}`);
  const [batchSize, ...shape] = sizes as (number | null)[];
  return { shape, batchSize: batchSize ?? null };
}
