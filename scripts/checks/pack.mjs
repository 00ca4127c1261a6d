// The package as users get it: packed, installed into a project of its own outside the repository,
// and used there by every runtime and bundler. The consumer is test/pack/consumer;
// test/pack/package.json has the tools.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { browserStep, startBrowser } from '../browser.mjs';
import { outputOf, root } from '../process.mjs';
import { CROSS_ORIGIN_ISOLATION, serveFolder } from '../static-server.mjs';
import { runSteps } from '../steps.mjs';
import { relaxedNodeStep } from '../tools.mjs';
import { consumerToolsStep, execute, openServed, RUNTIMES } from './consumers.mjs';
import { report, total } from './outcome.mjs';

const project = join(root, 'test', 'pack');
const modules = join(project, 'node_modules');

/** Packs the package and installs it, as a user does, into a copy of the consumer. */
async function installConsumer() {
  const folder = mkdtempSync(join(tmpdir(), 'backtime-pack-'));
  cpSync(join(project, 'consumer'), folder, { recursive: true });
  // The build that runs before packing prints, so the file's name is read from the folder.
  await outputOf('npm', ['pack', '--pack-destination', folder]);
  const tarball = join(folder, String(readdirSync(folder).find((name) => name.endsWith('.tgz'))));
  await outputOf('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], { cwd: folder });
  return { folder, tarball };
}

/** Besides the code, the pages that README links to. */
const ALLOWED =
  /^(dist\/.*\.(c?js|c?js\.map|d\.ts|wasm)|dist\/page\.html|docs\/[^/]+\.(md|svg)|(README|ARCHITECTURE|CHANGELOG|CONTRIBUTING|FEATURES|THIRD_PARTY_NOTICES)\.md|LICENSE|package\.json)$/;

/**
 * One ESM package with types, nothing beside them, and nothing to run when it or what it depends on
 * is installed.
 */
function contents(folder) {
  const installed = join(folder, 'node_modules', 'backtime');
  const files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1));
  const strange = files.filter((path) => !ALLOWED.test(path));
  const missing = ['LICENSE', 'THIRD_PARTY_NOTICES.md'].filter((name) => !files.includes(name));
  if (missing.length > 0) throw new Error(`these files are missing in the package: ${missing.join(', ')}`);
  if (strange.length > 0) throw new Error(`these files do not belong into the package: ${strange.join(', ')}`);
  const { type } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  if (type !== 'module') throw new Error(`its type is ${type}`);
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  const scripted = Object.keys(packages).filter((path) => packages[path].hasInstallScript);
  if (scripted.length > 0) throw new Error(`these packages have install scripts: ${scripted.join(', ')}`);
  return `${files.length} files, no install script in ${Object.keys(packages).length - 1} packages`;
}

async function typesFor(folder, compiler, resolution) {
  const module = resolution === 'bundler' ? 'esnext' : resolution;
  const tsc = join(compiler, 'bin', 'tsc');
  await outputOf(process.execPath, [tsc, '-p', folder, '--module', module, '--moduleResolution', resolution]);
  return 'compiles';
}

/** With the types of Node alone, which have no WebAssembly, and for CommonJS. */
async function nodeTypesFor(folder, compiler) {
  const typeRoots = join(root, 'node_modules', '@types');
  await outputOf(process.execPath, [join(compiler, 'bin', 'tsc'), '-p', join(folder, 'tsconfig.node.json'), '--typeRoots', typeRoots]);
  return 'compiles';
}

async function linters(tarball) {
  const publint = join(modules, 'publint', 'src', 'cli.js');
  const wrong = join(modules, '@arethetypeswrong', 'cli', 'dist', 'index.js');
  return [
    await report('publint', async () => {
      const output = await outputOf(process.execPath, [publint, 'run', '--strict', tarball]);
      // It succeeds with suggestions too.
      if (!output.includes('All good!')) throw new Error(output);
      return 'clean';
    }),
    await report('@arethetypeswrong/cli', async () => {
      await outputOf(process.execPath, [wrong, '--profile', 'esm-only', tarball]);
      return 'clean (as a package that is only ESM)';
    }),
  ];
}

async function compilers(folder) {
  const outcomes = [];
  for (const compiler of [join(root, 'node_modules', 'typescript'), join(modules, 'typescript-5')]) {
    const { version } = JSON.parse(readFileSync(join(compiler, 'package.json'), 'utf8'));
    for (const resolution of ['bundler', 'node16', 'nodenext'])
      outcomes.push(await report(`TypeScript ${version}, ${resolution}`, () => typesFor(folder, compiler, resolution)));
    outcomes.push(await report(`TypeScript ${version}, without DOM`, () => nodeTypesFor(folder, compiler)));
  }
  return outcomes;
}

async function runtimes(folder) {
  const outcomes = [];
  for (const [name, command] of Object.entries(RUNTIMES)) {
    outcomes.push(await report(name, () => execute(command(), 'node.js', folder)));
    outcomes.push(await report(`${name}, own worker`, () => execute(command(), 'ownNode.js', folder)));
    outcomes.push(await report(`${name}, progress bar`, () => execute(command(), 'progressBar.js', folder)));
    if (name.startsWith('Node')) outcomes.push(await report(`${name}, require`, () => execute(command(), 'require.cjs', folder)));
  }
  return outcomes;
}

/** The command, as npx finds it. Its help needs nothing but the package. */
const command = (folder) =>
  report('npx backtime --help', async () => {
    const output = await outputOf('npx', ['--no-install', 'backtime', '--help'], { cwd: folder });
    if (!output.includes('Usage: backtime')) throw new Error(output);
    return 'prints its help';
  });

/**
 * Jest runs tests in a realm of its own, with the globals of Node or with those of a window of
 * jsdom.
 */
async function testRunners(folder) {
  const program = join(modules, 'jest', 'bin', 'jest.js');
  const options = ['--rootDir', folder, '--testMatch', '**/jest.test.js', '--transform', '{}', '--no-watchman', '--no-cache'];
  const run = async (environment) => {
    const env = join(modules, `jest-environment-${environment}`, 'build', 'index.js');
    await outputOf(process.execPath, ['--experimental-vm-modules', program, ...options, '--env', env], { cwd: folder });
    return 'passes';
  };
  return [await report('Jest', () => run('node')), await report('Jest, jsdom', () => run('jsdom'))];
}

/** With isolation, replicas share memory; without, they send messages. */
const PAGES = { Chromium: {}, 'Chromium, cross-origin isolated': CROSS_ORIGIN_ISOLATION };

async function bundles(folder, browser) {
  const { BUNDLERS, startViteServer } = await import(pathToFileURL(join(project, 'bundlers.mjs')).href);
  const outcomes = [];
  for (const [name, bundle] of Object.entries(BUNDLERS)) {
    outcomes.push(
      await report(name, async () => {
        await bundle(folder);
        return 'bundles without a warning';
      }),
    );
    const [page, program] = [join(folder, 'out', name), join(folder, 'out', `${name}-node`, 'node.js')];
    outcomes.push(await report(`${name}, Node`, () => execute([process.execPath], program, folder)));
    for (const [what, headers] of Object.entries(PAGES)) {
      outcomes.push(
        await report(`${name}, ${what}`, async () => {
          const outcome = await openServed(browser, await serveFolder(page, { base: '/sub/path/', headers }));
          if (outcome.includes('with shared memory') !== (headers === CROSS_ORIGIN_ISOLATION)) throw new Error(outcome);
          return outcome;
        }),
      );
    }
  }
  outcomes.push(await report("Vite's server, Chromium", async () => openServed(browser, await startViteServer(folder))));
  outcomes.push(await report('no bundler, Chromium', async () => openServed(browser, await serveFolder(folder), 'plain.html')));
  return outcomes;
}

/** Tries the packed package in every consumer. */
export async function packageConsumers() {
  await runSteps([relaxedNodeStep, consumerToolsStep, browserStep('chromium')]);
  const { folder, tarball } = await installConsumer();
  const browser = await startBrowser('chromium');
  try {
    return total([
      await report('contents', () => contents(folder)),
      ...(await linters(tarball)),
      ...(await compilers(folder)),
      ...(await runtimes(folder)),
      await command(folder),
      ...(await testRunners(folder)),
      ...(await bundles(folder, browser)),
    ]);
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = (await packageConsumers()).failed === 0 ? 0 : 1;
