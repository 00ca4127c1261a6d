import type { TrustedScriptUrl } from '../model/workerOptions.ts';

/** The part of Trusted Types that is used here: TypeScript's own types do not have them. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy;
}

interface Policy {
  createScriptURL(url: string): TrustedScriptUrl;
}

/** The name of the policy, which a page lists in `trusted-types` of its Content-Security-Policy. */
const POLICY = 'backtime';

/**
 * Null where there are no Trusted Types, or the page does not allow the policy. A policy can be
 * created once.
 */
let policy: Policy | null | undefined;

/**
 * An address of the package's own worker in the form in which a page with
 * `require-trusted-types-for 'script'` takes it. The policy allows only this address, so an
 * attacker cannot use it. Without a policy the address stays as it is: the page's `default` policy
 * may take it.
 */
export function trustedUrl(url: URL): TrustedScriptUrl | URL {
  if (policy === undefined) policy = createPolicy(url.href);
  return policy?.createScriptURL(url.href) ?? url;
}

function createPolicy(own: string): Policy | null {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  try {
    return trustedTypes?.createPolicy(POLICY, { createScriptURL: (url) => checkOwn(url, own) }) ?? null;
  } catch {
    return null;
  }
}

function checkOwn(url: string, own: string): string {
  if (url !== own) throw new TypeError(`the policy '${POLICY}' allows only ${own}, got ${url}`);
  return url;
}
