// Makes the JavaScript of dist/ from ts/, in few files: Node spends half a millisecond on every
// file that an import leads to, and a page a request. Node has one file of all that it loads at
// once; a page has files by what is needed together. What loads when used is a file each.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { laterModules } from './laterModules.mjs';
import { root } from './process.mjs';

const sources = join(root, 'ts');

/** Imported when used: on a fresh machine this file is read before npm ci has run. */
const loadRolldown = () => import('rolldown');

/**
 * Neither Node's modules nor a browser's are assumed to be there; packages are then found by these
 * fields.
 * @type {Pick<import('rolldown').InputOptions, 'platform' | 'resolve'>}
 */
const portable = { platform: 'neutral', resolve: { mainFields: ['module', 'main'] } };

/**
 * What ends a build at a warning. One of them is none: that a file is imported statically which
 * could also load later, which is the purpose of entries that provide it.
 */
function refuseWarnings(what) {
  return (level, { code, message }) => {
    if (level === 'warn' && code !== 'INEFFECTIVE_DYNAMIC_IMPORT') throw new Error(`bundling ${what}: ${message}`);
  };
}

/**
 * Node compiles what it imports before the first step, so the code is short. Names of classes and
 * functions stay, for what prints an object or a stack. Lines stay, too: Node prints the line that
 * threw an error which nobody catches, before its message.
 * @type {import('rolldown').OutputOptions['minify']}
 */
const minify = { compress: true, mangle: { toplevel: true, keepNames: true }, codegen: { removeWhitespace: false } };

/**
 * One character beyond Latin-1 makes V8 store and scan a whole file in two bytes a character.
 * @type {import('rolldown').OutputOptions['charset']}
 */
const charset = 'ascii';

/** Where a file of ts/ has its place in dist/. */
const place = (source, ending) => relative(sources, source).replaceAll('\\', '/').replace(/\.ts$/, ending);

/**
 * The package's modules. Files that load when used keep their place in the folders, since users
 * name some of them and `import.meta.url` is relative to them. Beside `index.js` lie the files that
 * it and the others are made of; the kernels lie there too, for what loads them.
 */
export async function bundleLibrary(dist) {
  const { build } = await loadRolldown();
  await build(libraryOptions(dist));
  const later = await laterOfNode();
  await build(nodeOptions(dist, later));
  later.finish(dist);
  inlineRuntime(dist);
}

/**
 * Writes into the library of Node what it needs of rolldown, which makes a file of it: each file
 * takes half a millisecond of a start. It is one line, so that the lines of the source map stay.
 */
function inlineRuntime(dist) {
  const [file, runtime] = ['library.node.js', 'rolldown-runtime.node.js'].map((name) => join(dist, name));
  const [, body, name] = /^\/\/.*\n([\s\S]*)\nexport \{ (\w+) as t \};\s*$/.exec(readFileSync(runtime, 'utf8')) ?? [];
  const text = readFileSync(file, 'utf8');
  const inlined = text.replace(
    /^import \{ t as (\w+) \} from "\.\/rolldown-runtime\.node\.js";$/m,
    (_, local) => `const ${local} = (() => { ${body?.replaceAll(/\s+/g, ' ')} return ${name}; })();`,
  );
  if (body === undefined || inlined === text) throw new Error('scripts/bundle.mjs: rolldown writes its runtime in another form');
  writeFileSync(file, inlined);
}

/**
 * papaparse is a CommonJS module. As it is, what bundles such modules would be in a file that every
 * program loads.
 * @type {import('rolldown').Plugin}
 */
const papaparseAsModule = {
  name: 'papaparse-as-module',
  transform(code, id) {
    if (!/[\\/]papaparse\.js$/.test(id)) return null;
    // On one line with its first line, so that the lines of the source map stay.
    return { code: `const exports = {}; const module = { exports }; ${code}\nexport default module.exports;\n`, map: { mappings: '' } };
  },
};

/** @returns {import('rolldown').BuildOptions} */
function libraryOptions(dist) {
  return {
    input: {
      index: join(sources, 'index.ts'),
      'callbacks/noProgressBar': join(sources, 'callbacks', 'noProgressBar.ts'),
      ...furtherEntries(''),
    },
    ...ofTheLibrary,
    plugins: [papaparseAsModule],
    output: {
      ...libraryOutput(dist, '.js'),
      minifyInternalExports: false,
      codeSplitting: { groups: [...groupsOf(FILES), { name: 'worker/shared', test: isOfWorkers }] },
    },
    onLog: refuseWarnings('the library'),
  };
}

/**
 * The package's modules for Node, where what a page waits for is there without waiting: one file
 * loads at once and has what most programs need, and others load when a program first uses their
 * code. They have the ending `.node.js` or `.node.cjs` and lie beside those of pages, so that both
 * find the kernels and the worker by the same paths. `whole.node.js` has all at once, for bundlers
 * and for Node before 20.16, where nothing of Node loads without waiting.
 *
 * @returns {import('rolldown').BuildOptions}
 */
function nodeOptions(dist, later) {
  const entry = join(sources, 'node.ts');
  const atOnce = new Set();
  return {
    input: { 'node.js': entry, 'whole.node.js': later.whole, ...later.input, ...furtherEntries('.node.js') },
    ...ofTheLibrary,
    plugins: [
      papaparseAsModule,
      later.plugin,
      {
        name: 'loads-at-once',
        buildEnd() {
          const add = (id) => {
            if (id === entry || atOnce.has(id)) return;
            atOnce.add(id);
            this.getModuleInfo(id)?.importedIds.forEach(add);
          };
          this.getModuleInfo(entry)?.importedIds.forEach(add);
        },
      },
    ],
    output: {
      ...libraryOutput(dist, '.node.js'),
      entryFileNames: '[name]',
      // The maps of the other files have the sources already, and the package stays small. Stacks
      // need names and lines only.
      sourcemapExcludeSources: true,
      codeSplitting: {
        groups: [
          { name: 'library', test: (id) => atOnce.has(id) || later.isAtOnce(id), priority: 1 },
          { name: 'worker/shared', test: isOfWorkers },
        ],
      },
    },
    onLog: refuseWarnings('the library for Node'),
  };
}

/** The entries of the package beside `backtime`. They share their classes with it. */
const furtherEntries = (ending) => ({
  [`training${ending}`]: join(sources, 'training.ts'),
  [`formats/entry${ending}`]: join(sources, 'formats', 'entry.ts'),
  [`worker/entry${ending}`]: join(sources, 'worker', 'entry.ts'),
});

async function laterOfNode() {
  const { parseAst } = await import('rolldown/parseAst');
  const entries = Object.values(furtherEntries(''));
  return laterModules({ sources, entry: join(sources, 'node.ts'), entries, files: LATER, library: 'library.node.js', parse: parseAst });
}

/** @satisfies {import('rolldown').BuildOptions} */
const ofTheLibrary = {
  ...portable,
  external: ['#cli-progress'],
  // papaparse leaves out what needs Node's streams.
  transform: { define: { PAPA_BROWSER_CONTEXT: 'true' } },
  // No names but the public ones.
  preserveEntrySignatures: 'strict',
};

/**
 * How modules are written that users import or run.
 * @satisfies {import('rolldown').OutputOptions}
 */
const ofModules = {
  format: 'esm',
  sourcemap: true,
  minify,
  charset,
  comments: { legal: true, annotation: true, jsdoc: false },
};

/**
 * @param {string} ending Of files that are no entries.
 * @returns {import('rolldown').OutputOptions}
 */
const libraryOutput = (dist, ending) => ({
  dir: dist,
  ...ofModules,
  entryFileNames: '[name].js',
  chunkFileNames: ({ facadeModuleId, name }) => (facadeModuleId?.startsWith(sources) ? place(facadeModuleId, ending) : `${name}${ending}`),
});

/** What only workers need: programs without them do not load it. */
const isWorkerCode = (id) => /[\\/](ts[\\/]worker|comlink)[\\/]/.test(id);

/**
 * The files of the package, and the modules that they begin with: each has all that these import,
 * unless a file before it has it. So a bundler finds each module in a file with others that are
 * needed with it: `core.js` is what most programs import, `library.js` the other names of the
 * package, and the rest loads when used.
 */
const FILES = {
  core: ['model/sequential', 'model/model', 'layers/registry'],
  // What both a file that loads at once and one that loads later need.
  formulas: ['layers/elementwise', 'objective/lossFormulas', 'layers/strides', 'layers/windows', 'core/nodeGlobals', 'program/packedPart'],
  emission: ['layers/emission', 'objective/emission', 'layers/emitInPlace'],
  moreEmission: ['layers/moreEmission'],
  rowLosses: ['objective/rowLossCalls'],
  preprocessing: ['layers/textVectorization'],
  layers: [...namesOf('index').filter((name) => name.startsWith('layers/')), 'layers/customLayer', 'layers/customCell', 'layers/ops'],
  data: ['data/padSequences', 'data/timeseriesDatasetFromArray', 'data/toCategorical', 'data/trainValidationSplit'],
  losses: ['model/moreClasses'],
  // Apart from library.js: a program without it does not load what generates.
  generate: ['model/generate'],
  generation: ['model/generation'],
  library: namesOf('index'),
  // The table of all layers, with those that only files have.
  fileLayers: ['layers/moreLayers'],
  wideVectors: ['backend/wasm/wideVectors'],
  engines: ['model/provideEngines'],
  // Apart from engines.js: only models of integers load it.
  packedWeights: ['program/packedWeights'],
  calls: ['model/calls'],
  // Apart from calls.js: only training steps of a user's own load it.
  ownSteps: ['model/ownSteps'],
};

/**
 * The files that Node loads when a program first uses their classes and functions, and the modules
 * that they begin with. The most common networks need none of them, which a test checks: Dense,
 * Dropout, Embedding, the recurrent layers, SGD, Adam, RMSprop, the losses of `lossRegistry`.
 */
const LATER = {
  preprocessing: [
    ...under('layers', ['categoryEncoding', 'discretization', 'hashing', 'integerLookup', 'normalization', 'preprocessingLayer']),
    ...under('layers', ['stringLookup', 'textVectorization']),
    ...under('data', ['bucketBySequenceLength', 'padSequences', 'timeseriesDatasetFromArray', 'toCategorical', 'trainValidationSplit']),
    ...under('feed', ['classWeight']),
  ],
  layers: [
    ...under('layers', ['activation', 'activityRegularization', 'additiveAttention', 'alphaDropout', 'attention', 'axes']),
    ...under('layers', ['batchNormalization', 'bidirectional', 'cells', 'concatenate', 'constraints', 'convolution']),
    ...under('layers', ['crf', 'customCell', 'customLayer', 'dot', 'elu', 'flip']),
    ...under('layers', ['gaussianDropout', 'gaussianNoise', 'getItem', 'globalPooling', 'groupNormalization', 'identity']),
    ...under('layers', ['initializerClasses', 'layerNormalization', 'leakyReLU', 'masking', 'matMul', 'merge']),
    ...under('layers', ['multiHeadAttention', 'oneHot', 'operations', 'pReLU', 'peepholeLSTMCell', 'pooling']),
    ...under('layers', ['reLU', 'reduce', 'repeatVector', 'rescaling', 'reshaping', 'resizing', 'rmsNormalization']),
    ...under('layers', ['rnn', 'separableConvolution', 'slicing', 'softmax', 'spatialDropout', 'stack']),
    ...under('layers', ['timeDistributed', 'tracedLayer', 'transposedConvolution', 'unitNormalization', 'unmasked']),
    ...under('layers', ['emitActivation', 'emitCellSteps', 'emitConstraint', 'emitSteps', 'moreEmission']),
    ...under('objective', ['crfLoss']),
    ...under('model', ['joinLayers']),
    ...under('program', ['packedWeights']),
    ...under('backend/wasm', ['wideVectors']),
  ],
  losses: [
    ...under('objective', ['batchLosses', 'confusionMetrics', 'correlationMetrics', 'ctc', 'curveMetrics']),
    ...under('objective', ['emitElementwiseLoss', 'fScores', 'formulaLosses', 'iouMetrics', 'meanMetrics', 'r2Score']),
    ...under('objective', ['rowLossCalls', 'rowLosses']),
    ...under('optimizers', ['elementwiseOptimizer', 'moreOptimizers', 'schedules']),
    ...under('run', ['divergence']),
  ],
  callbacks: [
    ...under('callbacks', ['earlyStopping', 'learningRateScheduler', 'reduceLROnPlateau', 'terminateOnNaN']),
    ...under('formats/callbacks', ['backupAndRestore', 'csvLogger', 'modelCheckpoint', 'tensorBoard']),
  ],
  evaluation: [...under('data', ['classificationReport', 'confusionMatrix', 'ctcDecode', 'forecastErrors', 'naiveForecast'])],
  models: [
    ...under('model', ['generation', 'modelStream', 'quantisedWeights', 'readModelState']),
    ...under('graph', ['summary']),
    ...under('core', ['requireOptions']),
    ...under('article', ['recurrentNetwork']),
  ],
};

/** Modules of a folder. */
function under(folder, names) {
  return names.map((name) => `${folder}/${name}`);
}

/** The modules whose values a module exports. */
function namesOf(module) {
  const text = readFileSync(join(sources, `${module}.ts`), 'utf8');
  return [...text.matchAll(/^(?:export (?!type).*|\}) from '\.\/(.*)\.ts';$/gm)].map(([, name]) => name);
}

/** @returns {import('rolldown').CodeSplittingGroup[]} */
function groupsOf(files) {
  return Object.entries(files).map(([name, modules], index, { length }) => {
    const paths = new Set(modules.map((module) => join(sources, `${module}.ts`)));
    for (const path of paths)
      if (!existsSync(path)) throw new Error(`scripts/bundle.mjs: ${name}.js begins with ${path}, which does not exist`);
    return { name, test: (id) => paths.has(id), priority: length - index };
  });
}

/** What the caller's side of workers and the workers themselves both need. */
const isOfWorkers = (id) => isWorkerCode(id) && !/[\\/](entry|platformWorker|trustedUrl|worker|workers)\.ts$/.test(id);

/**
 * The worker, as one script. It has no `import` and no `import.meta`, so that it may be taken for a
 * module or for a classic script, and works where a bundler only copied its file. It is sent its
 * WebAssembly module and never uses the address that it would load one from.
 */
export async function bundleWorker(dist) {
  const { build } = await loadRolldown();
  await build(workerOptions(dist));
}

/** @returns {import('rolldown').BuildOptions} */
function workerOptions(dist) {
  return {
    input: join(sources, 'worker', 'worker.ts'),
    ...portable,
    // A worker prints nothing. package.json names a file of dist/, which a fresh clone lacks.
    resolve: { ...portable.resolve, alias: { '#cli-progress': join(sources, 'callbacks', 'noProgressBar.ts') } },
    transform: { define: { 'import.meta.url': 'globalThis.location.href' } },
    output: { file: join(dist, 'worker', 'worker.js'), format: 'iife', codeSplitting: false, minify: true, charset },
    onLog: refuseWarnings('the worker'),
  };
}

/** `backtime/inference`: one file, so that who only predicts loads no code of training. */
export async function bundleInference(dist) {
  const { build } = await loadRolldown();
  await build(inferenceOptions(dist));
}

/** @returns {import('rolldown').BuildOptions} */
export function inferenceOptions(dist) {
  return {
    input: join(sources, 'inference.ts'),
    ...portable,
    preserveEntrySignatures: 'strict',
    output: {
      file: join(dist, 'inference.js'),
      ...ofModules,
      codeSplitting: false,
    },
    onLog: refuseWarnings('backtime/inference'),
  };
}

/**
 * The page that `modelToHTML` puts a model into: its script, one without imports, and what
 * surrounds it, with the hashes that its policy allows. The elements of the texts, the kernels and
 * the model are empty.
 */
export async function bundlePage(dist) {
  const { build } = await loadRolldown();
  const { output } = await build(pageOptions());
  const script = output[0].code.trim();
  // Both would end the script for the parser of HTML.
  if (/<\/script|<!--/i.test(script)) throw new Error("the page's script contains </script or <!--");
  const folder = join(sources, 'formats', 'html');
  const style = readFileSync(join(folder, 'page.css'), 'utf8').trim();
  const parts = new Map([
    ["'script-hash'", hashOf(script)],
    ["'style-hash'", hashOf(style)],
    ['<style></style>', `<style>${style}</style>`],
    ['<script></script>', `<script>${script}</script>`],
  ]);
  let html = readFileSync(join(folder, 'page.html'), 'utf8');
  for (const [place, part] of parts) {
    const pieces = html.split(place);
    if (pieces.length !== 2) throw new Error(`page.html must have ${place} once, it has it ${pieces.length - 1} times`);
    html = pieces.join(part);
  }
  // Beside modelToHTML.js, whose code reads it from there.
  writeFileSync(join(dist, 'page.html'), html);
}

/** A hash as a Content Security Policy names it. */
const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** @returns {import('rolldown').BuildOptions} */
export function pageOptions() {
  return {
    input: join(sources, 'formats', 'html', 'page.ts'),
    ...portable,
    // It is given the kernels and loads nothing.
    transform: { define: { 'import.meta.url': 'globalThis.location.href' } },
    output: { format: 'iife', codeSplitting: false, minify: true, charset },
    write: false,
    onLog: refuseWarnings('the page'),
  };
}

/**
 * The command `backtime`, for Node alone. It is a user of the package: it imports `whole.node.js`,
 * which works in every version of Node and loads with the first command that needs it.
 */
export async function bundleCommand(dist) {
  const { build } = await loadRolldown();
  await build(commandOptions(dist));
}

/** @returns {import('rolldown').BuildOptions} */
function commandOptions(dist) {
  return {
    input: { cli: join(sources, 'command', 'cli.ts') },
    platform: 'node',
    plugins: [
      {
        name: 'package-itself',
        resolveId: (source) => (/^(\.\.\/)+node\.ts$/.test(source) ? { id: '../whole.node.js', external: true } : null),
      },
    ],
    output: {
      dir: join(dist, 'command'),
      ...ofModules,
      entryFileNames: '[name].js',
      chunkFileNames: '[name].js',
    },
    onLog: refuseWarnings('the command'),
  };
}

/** The names of npm's packages of which dist/ contains code, sorted. */
export async function bundledPackages() {
  const { build } = await loadRolldown();
  const packages = new Set();
  for (const options of [
    libraryOptions('dist'),
    nodeOptions('dist', await laterOfNode()),
    workerOptions('dist'),
    inferenceOptions('dist'),
    pageOptions(),
    commandOptions('dist'),
  ]) {
    const { output } = await build({ ...options, write: false });
    const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
    for (const [, name] of modules.join('\n').matchAll(/.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/g)) packages.add(name);
  }
  return [...packages].sort();
}
