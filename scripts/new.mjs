// Writes the files of a new layer, with tests that fail until the layer is written:
//   npm run new -- layer ScaledTanh
// docs/adding-a-layer.md says what comes next.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, run } from './process.mjs';
import { runScript, SetUpError } from './steps.mjs';

/** The text of a template of scripts/newLayer, with the names of a layer and of its file. */
const filled = (template, name) =>
  readFileSync(join(root, 'scripts', 'newLayer', template), 'utf8')
    .replaceAll('NAME', name)
    .replaceAll('FILE', fileOf(name));

/** `LeakyReLU` is in leakyReLU.ts, `RMSNormalization` in rmsNormalization.ts. */
function fileOf(name) {
  const [capitals] = /^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]/.exec(name);
  return capitals.toLowerCase() + name.slice(capitals.length);
}

/** Puts a line after the first that begins so. Biome sorts the imports and exports. */
function insertAfter(text, beginning, line) {
  const end = text.indexOf('\n', text.indexOf(beginning)) + 1;
  return `${text.slice(0, end)}${line}\n${text.slice(end)}`;
}

/**
 * The files of a new layer.
 * @param {string} name The class's name, such as `ScaledTanh`.
 * @param {(path: string) => string} read Gives the text of a file of the project.
 * @returns {{ created: Record<string, string>, changed: Record<string, string> }} Their texts by
 *   their paths.
 */
export function layerFiles(name, read) {
  const file = fileOf(name);
  const registry = 'ts/layers/moreLayers.ts';
  const imported = insertAfter(read(registry), 'import ', `import { ${name} } from './${file}.ts';`);
  return {
    created: { [`ts/layers/${file}.ts`]: filled('layer.ts.txt', name), [`test/layers/${file}.test.ts`]: filled('layer.test.ts.txt', name) },
    changed: {
      [registry]: insertAfter(imported, 'export const MORE_LAYERS', `  ${name},`),
      'ts/index.ts': insertAfter(read('ts/index.ts'), 'export { ELU }', `export { ${name} } from './layers/${file}.ts';`),
    },
  };
}

async function main() {
  const [kind, name, ...more] = process.argv.slice(2);
  if (kind !== 'layer' || name === undefined || more.length > 0)
    throw new SetUpError('expected a kind and a name: npm run new -- layer ScaledTanh. The only kind is layer.');
  if (!/^[A-Z][A-Za-z0-9]*$/.test(name)) throw new SetUpError(`the name of a layer is a class name such as ScaledTanh, got ${name}`);
  const path = (relative) => join(root, relative);
  const { created, changed } = layerFiles(name, (relative) => readFileSync(path(relative), 'utf8'));
  for (const relative of Object.keys(created))
    if (existsSync(path(relative))) throw new SetUpError(`${relative} exists; nothing was written`);
  for (const [relative, text] of Object.entries({ ...created, ...changed })) writeFileSync(path(relative), text);
  const { code } = await run(process.execPath, [
    join(root, 'node_modules/@biomejs/biome/bin/biome'),
    'check',
    '--write',
    ...Object.keys(changed),
  ]);
  if (code !== 0) throw new SetUpError('Biome could not sort the imports of the changed files (see above)');
  const [layer, test] = Object.keys(created);
  console.log(`Wrote ${layer} and ${test}; added ${name} to ${Object.keys(changed).join(' and ')}.`);
  console.log(`Write the layer until its tests pass: npm test -- vitest ${test}`);
  console.log('Then go on with docs/adding-a-layer.md: golden values of Keras, FEATURES.md, CHANGELOG.md, docs/api.txt.');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await runScript(main);
