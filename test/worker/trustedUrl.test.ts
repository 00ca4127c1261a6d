import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ArgumentError, setWorkerUrl } from '../../ts/index.ts';
import { getWorkerUrl } from '../../ts/model/workerOptions.ts';

// Node has no Trusted Types. In browsers the check `security` tries them.
const own = new URL('https://example.org/worker.js');
const url = getWorkerUrl();
let trustedUrl: (url: URL) => unknown;

beforeEach(async () => {
  // Each test has a page of its own.
  vi.resetModules();
  ({ trustedUrl } = await import('../../ts/worker/trustedUrl.ts'));
});
afterEach(() => {
  vi.unstubAllGlobals();
  setWorkerUrl(url);
});

type Rules = { createScriptURL(url: string): string };

/** Trusted Types that make a list of one of what they trust. */
function stubTrustedTypes() {
  const createPolicy = vi.fn((_name: string, rules: Rules) => ({ createScriptURL: (url: string) => [rules.createScriptURL(url)] }));
  vi.stubGlobal('trustedTypes', { createPolicy });
  return createPolicy;
}

test('the policy is called backtime, and is created once', () => {
  const createPolicy = stubTrustedTypes();
  expect([trustedUrl(own), trustedUrl(own)]).toEqual([[own.href], [own.href]]);
  expect(createPolicy).toHaveBeenCalledOnce();
  expect(createPolicy).toHaveBeenCalledWith('backtime', expect.anything());
});

test("the policy allows only the package's own file", () => {
  const createPolicy = stubTrustedTypes();
  trustedUrl(own);
  const rules = createPolicy.mock.calls[0]?.[1] as Rules;
  for (const other of ['https://example.org/other.js', 'data:text/javascript,', `${own.href}?`, ''])
    expect(() => rules.createScriptURL(other)).toThrow(TypeError);
});

test('an address stays as it is where there are no Trusted Types', () => {
  expect(trustedUrl(own)).toBe(own);
});

test('an address stays as it is on a page that does not allow the policy, which is asked once: it hears of each refusal', () => {
  const createPolicy = vi.fn(() => {
    throw new TypeError('disallowed');
  });
  vi.stubGlobal('trustedTypes', { createPolicy });
  expect([trustedUrl(own), trustedUrl(own)]).toEqual([own, own]);
  expect(createPolicy).toHaveBeenCalledOnce();
});

test('setWorkerUrl keeps a TrustedScriptURL as it is', () => {
  const trusted = { [Symbol.toStringTag]: 'TrustedScriptURL', toJSON: () => own.href };
  setWorkerUrl(trusted);
  expect(getWorkerUrl()).toBe(trusted);
  expect(() => setWorkerUrl({ toJSON: () => own.href })).toThrow(ArgumentError);
});
