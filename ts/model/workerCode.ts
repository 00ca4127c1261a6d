/** The code that starts workers. */
export type WorkerCode = typeof import('../worker/workers.ts');

/** Loads the code that starts workers, when it is first used. */
export async function loadWorkerCode(): Promise<WorkerCode> {
  // biome-ignore lint/style/noRestrictedImports: workers are loaded when they are used, so the default import stays small
  return import('../worker/workers.ts');
}
