import { onTestFinished } from 'vitest';
import { setWarningHandler } from '../../ts/index.ts';

/** A warning as a handler gets it. */
export interface GivenWarning {
  readonly code: string;
  readonly message: string;
}

/** The warnings that are given from here to the end of the test, in order. */
export function givenWarnings(): GivenWarning[] {
  const warnings: GivenWarning[] = [];
  setWarningHandler((message, code) => void warnings.push({ code, message }));
  onTestFinished(() => setWarningHandler(null));
  return warnings;
}
