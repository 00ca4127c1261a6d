import { expect } from 'vitest';
import type { BacktimeError, Model } from '../../ts/index.ts';
import { flatWeights } from './models.ts';

/** A class of errors and what its `code` is: instances are what tests compare with. */
export type ErrorClass = new (message: string) => BacktimeError;

/**
 * Fails unless a call throws, or rejects with, an error of this very class, with its code and a
 * message that matches, and no weight of the model has changed a bit; then that the model can still
 * be trained.
 * @param model built and compiled
 * @param train one step, which must move the weights
 */
export async function expectRefused(
  model: Model,
  call: () => unknown,
  errorClass: ErrorClass,
  message: RegExp,
  train: () => Promise<unknown>,
): Promise<void> {
  const before = flatWeights(model);
  const { iterations } = model;
  const error = await caught(call);
  expectError(error, errorClass, message);
  expect(flatWeights(model)).toEqual(before);
  expect(model.iterations).toBe(iterations);
  await train();
  expect(flatWeights(model)).not.toEqual(before);
}

/** Fails unless it is an error of this very class with its code and a message that matches. */
export function expectError(error: unknown, errorClass: ErrorClass, message: RegExp): void {
  expect(error).toBeInstanceOf(errorClass);
  const { name, code } = new errorClass('');
  expect(error).toMatchObject({ name, code, message: expect.stringMatching(message) });
}

/** What a call throws or rejects with; undefined when it does neither. */
export async function caught(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}
