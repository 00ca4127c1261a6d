import { afterEach, describe, expect, test, vi } from 'vitest';
import { warn } from '../../ts/core/warnings.ts';
import { ArgumentError, setWarningHandler } from '../../ts/index.ts';
import { caught, expectError } from '../support/refusals.ts';

afterEach(() => {
  setWarningHandler(null);
  vi.restoreAllMocks();
});

describe('warnings', () => {
  test('go to the console, and say whose they are', () => {
    const console = vi.spyOn(globalThis.console, 'warn').mockImplementation(() => {});
    warn('TEST', 'something is odd.', {});
    expect(console.mock.calls).toEqual([['backtime: something is odd.']]);
  });

  test('go to the handler instead, and with null to the console again', () => {
    const console = vi.spyOn(globalThis.console, 'warn').mockImplementation(() => {});
    const handler = vi.fn();
    setWarningHandler(handler);
    warn('TEST', 'first', {});
    setWarningHandler(null);
    warn('TEST', 'second', {});
    expect(handler.mock.calls).toEqual([['first', 'TEST']]);
    expect(console.mock.calls).toEqual([['backtime: second']]);
  });

  test('are given once for each subject, code and key', () => {
    const handler = vi.fn();
    setWarningHandler(handler);
    const [one, other] = [{}, {}];
    for (let time = 0; time < 2; time++) {
      warn('A', 'of one', one);
      warn('A', 'of the other', other);
      warn('B', 'of another code', one);
      warn('A', 'of another key', one, 'key');
      warn('A', 'of nothing');
      warn('A', 'of nothing, another key', undefined, 'key');
    }
    const messages = handler.mock.calls.map(([message]) => message);
    expect(messages).toEqual(['of one', 'of the other', 'of another code', 'of another key', 'of nothing', 'of nothing, another key']);
  });

  test('an error of the handler is thrown where the warning arose, and it is not given yet', () => {
    const subject = {};
    setWarningHandler((message) => {
      throw new RangeError(message);
    });
    for (let time = 0; time < 2; time++) expect(() => warn('TEST', 'no', subject)).toThrow(new RangeError('no'));
    const handler = vi.fn();
    setWarningHandler(handler);
    warn('TEST', 'no', subject);
    expect(handler).toHaveBeenCalledOnce();
  });

  test.each([['warn'], [undefined], [console]])('a handler %o is refused', async (handler) => {
    const error = await caught(() => setWarningHandler(handler as unknown as null));
    expectError(error, ArgumentError, /setWarningHandler takes a function or null, got /);
  });
});
