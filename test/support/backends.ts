import type { Backend } from '../../ts/backend/backend.ts';
import { createReferenceBackend } from '../../ts/backend/reference/referenceBackend.ts';

/** A backend under test and what to call it in test names. */
export interface TestBackend {
  readonly label: string;
  readonly backend: Backend;
}

/** Every backend that this runtime can run; one suite runs over all of them. */
export async function availableBackends(): Promise<TestBackend[]> {
  return [{ label: 'reference', backend: createReferenceBackend() }];
}
