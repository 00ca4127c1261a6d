import type { TestProject } from 'vitest/node';
import { isDistCurrent } from '../../scripts/distribution.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** Whether dist/, whose files workers run, was made from the sources under test. */
    distIsCurrent: boolean;
  }
}

/** Runs once before all tests. */
export default function checkDist(project: TestProject): void {
  project.provide('distIsCurrent', isDistCurrent());
}
