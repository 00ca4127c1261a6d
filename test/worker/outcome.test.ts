import { describe, expect, test } from 'vitest';
import * as errors from '../../ts/core/errors.ts';
import { outcomeOf, unwrap } from '../../ts/worker/outcome.ts';

/** What comes out of a worker when it throws this. */
async function throughWorker(error: unknown): Promise<Error> {
  const outcome = await outcomeOf(() => {
    throw error;
  });
  try {
    unwrap(structuredClone(outcome));
  } catch (restored) {
    return restored as Error;
  }
  throw new Error('nothing was thrown');
}

describe('errors that come from a worker', () => {
  const classes = Object.entries(errors).filter(([name]) => name !== 'BacktimeError');

  test.each(classes)('%s keeps its class, code, message, stack and causes', async (name, ErrorClass) => {
    const cause = new RangeError('too far', { cause: 'a string' });
    const thrown = new (ErrorClass as new (message: string, options: ErrorOptions) => errors.BacktimeError)('what happened', { cause });
    const restored = (await throughWorker(thrown)) as errors.BacktimeError;
    expect(restored).toBeInstanceOf(ErrorClass);
    expect(restored).toBeInstanceOf(errors.BacktimeError);
    const { message, code, stack } = thrown;
    expect({ ...restored, name: restored.name, message: restored.message, stack: restored.stack }).toMatchObject({
      name,
      message,
      code,
      stack,
    });
    expect(restored.cause).toBeInstanceOf(RangeError);
    expect(((restored.cause as Error).cause as Error).message).toBe('a string');
  });

  test('others keep their name: of JavaScript, of a signal, of somebody', async () => {
    const own = Object.assign(new Error('mine'), { name: 'OwnError' });
    for (const thrown of [new TypeError('no function'), new DOMException('enough', 'AbortError'), own]) {
      const restored = await throughWorker(thrown);
      expect([restored.name, restored.message]).toEqual([thrown.name, thrown.message]);
    }
    expect(await throughWorker(new TypeError('no function'))).toBeInstanceOf(TypeError);
    expect((await throughWorker('text')).message).toBe('text');
  });

  test('a value comes out as it is', async () => {
    expect(unwrap(structuredClone(await outcomeOf(async () => [1, 2])))).toEqual([1, 2]);
  });
});
