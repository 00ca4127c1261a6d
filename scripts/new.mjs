// Writes the files of a new layer, with tests that fail until the layer is written:
//   npm run new -- layer ScaledTanh
// docs/adding-a-layer.md says what comes next.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, run } from './process.mjs';
import { runScript, SetUpError } from './steps.mjs';

const layerFile = (name) => `import { InternalError } from '../core/errors.ts';
import { ElementwiseLayer } from './elementwiseLayer.ts';
import type { Expression } from './expression.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';

/**
 * What it computes of samples of which shape, and what becomes of a mask.
 * https://keras.io/api/layers/ and so on, its page of Keras
 */
export class ${name} extends ElementwiseLayer {
  readonly className = '${name}';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: LayerOptions) {
    super(options, [], '${name}');
  }

  // A layer that is no function of each element by itself extends Layer and has emit in place of
  // formula.
  override formula(_x: Expression): Expression {
    throw new InternalError('${name}: write formula in ts/layers/${fileOf(name)}.ts');
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig() };
  }

  /** The layer that \`getConfig\` describes. */
  static fromConfig(config: LayerConfig): ${name} {
    return new ${name}(config as LayerOptions);
  }
}
`;

const testFile = (name) => `import { describe, expect, test } from 'vitest';
import { Dense, ${name}, Sequential } from '../../ts/index.ts';
import { layerFromConfig, loadAllLayers } from '../../ts/layers/registry.ts';
import { availableBackends } from '../support/backends.ts';
import { describeLayer } from '../support/conformance.ts';
import { startOn } from '../support/modelBackends.ts';

await loadAllLayers();

// Add a case for each set of options that computes something else, and for masked steps.
await describeLayer('${name}', {
  fromConfig: (config) => layerFromConfig('${name}', config),
  withOptions: (options) => new ${name}(options),
  cases: [
    {
      label: 'default',
      make: () => new ${name}(),
      input: { shape: [3] },
      below: () => [new Dense(4)],
      above: () => [new Dense(2)],
      output: [4],
      weights: {},
    },
  ],
  badValues: {},
  badInputs: [],
});

/** Input and output of Keras: write them here, or take them from test/golden. */
const GOLDEN = { x: [], y: [] };

describe.each(await availableBackends())('${name} on $label', ({ backend }) => {
  test('computes what Keras computes', async () => {
    startOn(backend);
    expect(GOLDEN.x, 'write the values of Keras into GOLDEN').not.toEqual([]);
    const model = new Sequential([new ${name}({ inputShape: [GOLDEN.x.length] })]);
    const { data } = await model.predict([GOLDEN.x]);
    data.forEach((value, index) => {
      expect(value).toBeCloseTo(GOLDEN.y[index], 5);
    });
  });
});
`;

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
    created: { [`ts/layers/${file}.ts`]: layerFile(name), [`test/layers/${file}.test.ts`]: testFile(name) },
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
