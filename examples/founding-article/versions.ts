import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/**
 * What the numbers of a run depend on besides its seeds: the package's version, its backend and
 * build, and Node's version.
 */
export async function describeVersions(backend: { readonly name: string; readonly build: string }): Promise<string> {
  const { version } = JSON.parse(await readFile(fileURLToPath(import.meta.resolve('backtime/package.json')), 'utf8'));
  return `backtime ${version}, backend ${backend.name} (${backend.build} build), Node ${process.versions.node}`;
}
