import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Writes a script that imports from ts/, with all that it imports, as one file: Node 20 runs no
 * TypeScript, and dist/ may be older than ts/.
 * @param script its source, which imports by paths from the project's root:
 *   `/ts/formats/writeFile.ts`
 * @param file where to
 */
export async function bundleScript(script: string, file: string): Promise<void> {
  const name = '\0script';
  await build({
    input: name,
    platform: 'node',
    external: [/^node:/],
    plugins: [
      {
        name: 'script',
        resolveId: (id) => (id === name ? id : id.startsWith('/ts/') ? join(ROOT, id) : null),
        load: (id) => (id === name ? script : null),
      },
    ],
    output: { file, format: 'esm', codeSplitting: false },
    logLevel: 'warn',
  });
}
