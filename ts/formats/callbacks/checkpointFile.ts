import { ArgumentError } from '../../core/errors.ts';
import { suggest } from '../../core/suggestion.ts';
import type { Model } from '../../model/model.ts';
import type { SaveOptions } from '../../model/saveOptions.ts';
import { formatFor } from '../modelFormats.ts';
import { modelToBytes } from '../savedModel.ts';
import { requireFiles, writeFileInFolder } from './fileStore.ts';
import type { CheckpointMoment, SaveCheckpoint } from './modelCheckpoint.ts';

/** `{name}` or `{name:format}`. */
const PLACEHOLDER = /\{([^{}:]*)(?::([^{}]*))?\}/g;
/** Digits of an integer, `02d`, or decimals, `.3f`. */
const FORMAT = /^(?:(0?)(\d+)d|\.(\d+)f)$/;

/**
 * Checks where checkpoints go, before training begins.
 * @throws {BackendError} for a path where there is no file system
 * @throws {ArgumentError} for a format that is none
 */
export function checkTarget(target: string | SaveCheckpoint, owner: string): void {
  if (typeof target !== 'string') return;
  requireFiles(owner, target, `it a function of the bytes, new ${owner}((bytes) => …)`);
  for (const [placeholder, , format] of target.matchAll(PLACEHOLDER)) {
    if (format !== undefined && !FORMAT.test(format))
      throw new ArgumentError(`${owner}: in ${target}, ${placeholder} must have a format such as :02d or :.3f`);
  }
}

/**
 * Saves a model to a file or gives its bytes to a function.
 * @returns ` to best.safetensors`, for what is printed; empty for a function
 * @throws {FileError} when the file cannot be written
 * @throws {ArgumentError} for a placeholder without a number
 */
export async function saveCheckpoint(
  target: string | SaveCheckpoint,
  model: Model,
  options: SaveOptions,
  moment: CheckpointMoment,
  owner: string,
): Promise<string> {
  if (typeof target !== 'string') {
    await target(await modelToBytes(model, options), moment);
    return '';
  }
  const path = fillPlaceholders(target, moment, owner);
  await writeFileInFolder(path, await modelToBytes(model, { ...options, format: formatFor(path).name }));
  return ` to ${path}`;
}

/**
 * A path with its numbers: epoch and batch from 1, as in Keras.
 * @throws {ArgumentError} naming a placeholder without a number, and those that there are
 */
export function fillPlaceholders(path: string, { epoch, batch, logs }: CheckpointMoment, owner: string): string {
  const numbers: Readonly<Record<string, number>> = { ...logs, epoch: epoch + 1, ...(batch === null ? {} : { batch: batch + 1 }) };
  return path.replace(PLACEHOLDER, (placeholder, name: string, format: string | undefined) => {
    const value = Object.hasOwn(numbers, name) ? numbers[name] : undefined;
    if (value === undefined) {
      const names = Object.keys(numbers);
      throw new ArgumentError(`${owner}: in ${path}, ${placeholder} has no number${suggest(name, names)}; there are ${names.join(', ')}`);
    }
    return formatted(value, format);
  });
}

function formatted(value: number, format = ''): string {
  const [, zero, width, decimals] = FORMAT.exec(format) ?? [];
  if (width !== undefined) return String(value).padStart(Number(width), zero === '' ? ' ' : '0');
  return decimals === undefined ? String(value) : value.toFixed(Number(decimals));
}
