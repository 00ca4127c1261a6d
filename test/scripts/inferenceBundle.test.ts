import { type BuildOptions, build } from 'rolldown';
import { describe, expect, test } from 'vitest';
import { inferenceOptions, pageOptions } from '../../scripts/bundle.mjs';

/** The modules of ts/ of which a bundle contains code, as `folder/name.ts`. */
async function modulesOf(options: BuildOptions): Promise<string[]> {
  const { output } = await build({ ...options, write: false });
  const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? Object.entries(chunk.modules) : []));
  return modules.flatMap(([id, { renderedLength }]) => (renderedLength > 0 ? [id.replaceAll('\\', '/').replace(/^.*\/ts\//, '')] : []));
}

/** What trains: losses, optimizers, loops over batches, callbacks, workers; and whole models. */
const TRAINING =
  /^(objective|optimizers|callbacks|run|worker|article|command)\/|^model\/(model|sequential|session|calls|batchCalls|fit\w*|own\w*|compilation)\.ts|node_modules/;

describe.each([
  ['backtime/inference', inferenceOptions('dist')],
  ['the page of modelToHTML', pageOptions()],
])('%s', (_, options) => {
  test('has no code of training', async () => {
    const modules = await modulesOf(options);
    expect(modules).toContain('model/inferenceModel.ts');
    expect(modules.filter((module) => TRAINING.test(module))).toEqual([]);
  });
});
