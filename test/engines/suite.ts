// What the parity tests take of Vitest, for engines that Vitest does not run in.
// scripts/checks/engines.mjs puts it in Vitest's place.
import { chai, JestAsymmetricMatchers, JestChaiExpect } from '@vitest/expect';

chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

/** Vitest's own `expect`, without what belongs to its runner. */
export const expect = Object.assign((actual: unknown, message?: string) => chai.expect(actual, message), { fail: chai.expect.fail });

type Body = () => void | Promise<void>;

interface Test {
  readonly name: string;
  readonly body: Body;
}

const tests: Test[] = [];
/** Names of the suites around the test that is being declared. */
const suites: string[] = [];

export function describe(name: string, declare: () => void): void {
  suites.push(name);
  declare();
  suites.pop();
}

export function test(name: string, body: Body): void {
  tests.push({ name: [...suites, name].join(' > '), body });
}

describe.each =
  <T>(cases: readonly T[]) =>
  (name: string, declare: (value: T) => void) => {
    for (const value of cases) describe(fillIn(name, value), () => declare(value));
  };

test.each =
  <T>(cases: readonly T[]) =>
  (name: string, body: (value: T) => void | Promise<void>) => {
    for (const value of cases) test(fillIn(name, value), () => body(value));
  };

/** Puts a case into its name: `%s` and `%i` stand for all of it, `$label` for its property. */
function fillIn(name: string, value: unknown): string {
  return name.replace(/%[si]/, String(value)).replace(/\$(\w+)/g, (_, key: string) => String((value as Record<string, unknown>)[key]));
}

/** What came of a run. */
export interface EngineReport {
  /** Names of the tests that passed. */
  readonly passed: string[];
  readonly failed: { readonly name: string; readonly message: string }[];
}

/** Runs every test that was declared. */
export async function runTests(): Promise<EngineReport> {
  const report: EngineReport = { passed: [], failed: [] };
  for (const { name, body } of tests) {
    try {
      await body();
      report.passed.push(name);
    } catch (error) {
      report.failed.push({ name, message: error instanceof Error ? error.message : String(error) });
    }
  }
  return report;
}
