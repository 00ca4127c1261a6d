// Holds what docs/security.md promises: the policy of its page in Chromium and Firefox, and its
// flags for Node's permission model.
//   node scripts/checks/security.mjs firefox      only the parts whose name contains this
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { browserStep, startBrowser } from '../browser.mjs';
import { ask, outputOf, root } from '../process.mjs';
import { CROSS_ORIGIN_ISOLATION, serveFolder } from '../static-server.mjs';
import { runSteps } from '../steps.mjs';
import { relaxedNode, relaxedNodeStep } from '../tools.mjs';
import { report, total } from './outcome.mjs';

const documented = readFileSync(join(root, 'docs', 'security.md'), 'utf8');

/** The policy that the page shows. */
const POLICY = /^Content-Security-Policy: (.+)$/m.exec(documented)?.[1] ?? '';
const NONCE = 'c2VjdXJpdHk=';

/** The documented policy with directives changed, added, or left out (null). */
function policyWith(changes) {
  const directives = Object.fromEntries(POLICY.split('; ').map((directive) => [directive.split(' ')[0], directive]));
  return Object.values({ ...directives, ...changes })
    .filter((directive) => directive !== null)
    .join('; ');
}

/**
 * A page of test/security under a policy.
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {string} policy
 * @property {string} task One of page.js.
 * @property {Record<string, string>} [headers]
 * @property {(outcome:
 *   { value?: any, error?: string, violations: string[], warnings: string[], workersStarted: number })
 *   => string} expect Says what came out; throws when it is not what was promised.
 */

/** A model of TF.js in several files. */
const tfjsModel = JSON.parse(readFileSync(join(root, 'test', 'golden', 'tfjs.json'), 'utf8')).models.find(({ name }) => name === 'lstm');

const fails = (pattern) => (outcome) => {
  if (!pattern.test(outcome.error ?? '')) throw new Error(`expected ${pattern}, got ${JSON.stringify(outcome)}`);
  return 'the error names the remedy';
};

const trains = (outcome) => {
  const { value, violations, warnings, workersStarted } = outcome;
  const losses = [value].flat();
  const same = losses.every((loss) => Math.abs(loss - losses[0]) < 1e-6) && losses[0] > 0;
  if (!same || violations.length + warnings.length > 0 || workersStarted < 1) throw new Error(JSON.stringify(outcome));
  return `trained with ${workersStarted} workers, loss ${losses[0].toFixed(4)}`;
};

/** By default a page's thread computes where no worker can. */
const trainsWithoutWorkers = (outcome) => {
  if (!(outcome.value > 0 && outcome.warnings.length === 1 && outcome.warnings[0].startsWith('NO_WORKERS')))
    throw new Error(JSON.stringify(outcome));
  return 'the default went on without workers, and warned once';
};

const WITHOUT_POLICY = { 'trusted-types': "trusted-types 'none'" };

/** @type {Case[]} */
const CASES = [
  { name: 'the documented policy', policy: POLICY, task: 'train', headers: CROSS_ORIGIN_ISOLATION, expect: trains },
  {
    name: 'the documented policy, a model by its address',
    policy: POLICY,
    task: 'load',
    expect(outcome) {
      if (outcome.error !== undefined || outcome.violations.length > 0) throw new Error(JSON.stringify(outcome));
      return 'loaded';
    },
  },
  {
    name: 'the documented policy, a model of TF.js by its address',
    policy: POLICY,
    task: 'loadTFJS',
    expect({ value, error, violations }) {
      const { data } = tfjsModel.outputs[0];
      const isSame = value?.length === data.length && data.every((expected, at) => Math.abs(expected - value[at]) < 1e-5);
      if (!isSame || violations.length > 0) throw new Error(`${error ?? value}, ${violations}`);
      return 'predicts as TF.js';
    },
  },
  {
    name: 'nonces and strict-dynamic',
    policy: policyWith({ 'script-src': `script-src 'nonce-${NONCE}' 'strict-dynamic' 'wasm-unsafe-eval'` }),
    task: 'train',
    headers: CROSS_ORIGIN_ISOLATION,
    expect: trains,
  },
  {
    name: "without 'wasm-unsafe-eval'",
    policy: policyWith({ 'script-src': "script-src 'self'" }),
    task: 'one',
    expect: fails(/^BackendError: .*'wasm-unsafe-eval'/),
  },
  { name: 'without connect-src', policy: policyWith({ 'connect-src': null }), task: 'one', expect: fails(/^BackendError: .*connect-src/) },
  {
    name: "worker-src 'none'",
    policy: policyWith({ 'worker-src': "worker-src 'none'" }),
    task: 'one',
    expect: fails(/^WorkerError: .*worker-src/),
  },
  {
    name: "worker-src 'none', by default",
    policy: policyWith({ 'worker-src': "worker-src 'none'" }),
    task: 'byDefault',
    expect: trainsWithoutWorkers,
  },
  {
    name: 'without the policy',
    policy: policyWith(WITHOUT_POLICY),
    task: 'one',
    expect: fails(/^WorkerError: .*'backtime'.*trusted-types/),
  },
  { name: 'without the policy, by default', policy: policyWith(WITHOUT_POLICY), task: 'byDefault', expect: trainsWithoutWorkers },
  {
    name: "two copies, with 'allow-duplicates'",
    policy: policyWith({ 'trusted-types': "trusted-types backtime 'allow-duplicates'" }),
    task: 'twoCopies',
    expect: trains,
  },
  { name: 'two copies, without it', policy: POLICY, task: 'twoCopies', expect: fails(/^WorkerError: .*trusted-types/) },
  {
    name: "an address that the package's policy does not know",
    policy: POLICY,
    task: 'stringAsWorkerUrl',
    expect: fails(/^WorkerError: .*TrustedScriptURL/),
  },
  {
    name: 'an address that the page trusts',
    policy: policyWith({ 'trusted-types': 'trusted-types page' }),
    task: 'trustedWorkerUrl',
    expect: trains,
  },
  {
    name: "the page's default policy",
    policy: policyWith({ 'trusted-types': 'trusted-types default' }),
    task: 'defaultPolicy',
    // The attempt to create the package's policy is a violation.
    expect: (outcome) => trains({ ...outcome, violations: outcome.violations.filter((text) => !text.startsWith('trusted-types ')) }),
  },
];

/** The outcome of a task of a folder's page. */
async function open(browser, folder, { policy, task, headers = {} }) {
  const server = await serveFolder(folder, { headers: { ...headers, 'Content-Security-Policy': policy } });
  const page = await browser.newPage();
  try {
    await page.goto(`${server.url}?task=${task}`);
    await page.waitForFunction('window.outcome !== undefined', { timeout: 120_000 });
    return await page.evaluate('window.outcome');
  } finally {
    await page.close();
    await server.close();
  }
}

async function inBrowser(name, folder, wanted) {
  const browser = await startBrowser(name);
  try {
    const outcomes = [];
    for (const entry of CASES) {
      const title = `${name}, ${entry.name}`;
      if (title.includes(wanted)) outcomes.push(await report(title, async () => entry.expect(await open(browser, folder, entry))));
    }
    return outcomes;
  } finally {
    await browser.close();
  }
}

/** Programs with the flag that turns their permission model on. */
const nodes = () =>
  [...new Set([process.execPath, relaxedNode()])].map((node) => {
    const isStable = ask(node, ['-p', "process.allowedNodeEnvironmentFlags.has('--permission')"]) === 'true';
    return [node, isStable ? '--permission' : '--experimental-permission'];
  });

async function inNode(folder, wanted) {
  const outcomes = [];
  const models = join(folder, 'models');
  const file = join(models, 'model.safetensors');
  const read = `--allow-fs-read=${folder}`;
  const readProgram = [join(folder, 'program.js'), join(folder, 'package.json'), join(folder, 'node_modules')].map(
    (path) => `--allow-fs-read=${path}`,
  );
  const write = `--allow-fs-write=${models}`;
  const cases = [
    { flags: [read], args: ['0'], expected: /^OK$/ },
    { flags: [read, write], args: ['0', file], expected: /^OK$/ },
    { flags: [read, write, '--allow-worker'], args: ['2', file], expected: /^OK$/ },
    { flags: [...readProgram, write], args: ['0', file], expected: /^FileError: .*--allow-fs-read/ },
    { flags: [read], args: ['1'], expected: /^WorkerError: .*--allow-worker/ },
    { flags: [read], args: ['0', file], expected: /^FileError: .*--allow-fs-write/ },
  ];
  for (const [node, permission] of nodes()) {
    const version = await outputOf(node, ['--version']);
    for (const { flags, args, expected } of cases) {
      const shown = flags.map((flag) => flag.replaceAll(`${folder}/`, '').replace(folder, '.')).join(' ');
      const title = `Node ${version} ${permission} ${shown}, ${args[0]} workers${args.length > 1 ? ', with a file' : ''}`;
      if (!title.includes(wanted)) continue;
      const part = async () => {
        const output = await outputOf(node, [permission, ...flags, 'program.js', ...args], { cwd: folder });
        if (!expected.test(output)) throw new Error(`printed ${output}`);
        return output;
      };
      outcomes.push(await report(title, part));
    }
  }
  return outcomes;
}

/** A folder with the page, the program, and the package as it is installed. */
async function prepare() {
  const folder = mkdtempSync(join(tmpdir(), 'backtime-security-'));
  cpSync(join(root, 'test', 'security'), folder, { recursive: true });
  mkdirSync(join(folder, 'models'));
  mkdirSync(join(folder, 'tfjs'));
  writeFileSync(join(folder, 'tfjs', 'model.json'), JSON.stringify(tfjsModel.model));
  writeFileSync(join(folder, 'tfjs', 'input.json'), JSON.stringify(tfjsModel.inputs[0]));
  for (const [name, bytes] of Object.entries(tfjsModel.shards)) writeFileSync(join(folder, 'tfjs', name), Buffer.from(bytes, 'base64'));
  for (const place of ['backtime', join('node_modules', 'backtime')]) {
    cpSync(join(root, 'dist'), join(folder, place, 'dist'), { recursive: true });
    cpSync(join(root, 'package.json'), join(folder, place, 'package.json'));
  }
  await outputOf(process.execPath, ['program.js', '0', join(folder, 'model.safetensors')], { cwd: folder });
  return folder;
}

/** Tries what docs/security.md promises, or the parts whose name contains `wanted`. */
export async function securityPromises(wanted = '') {
  await runSteps([relaxedNodeStep, browserStep('chromium'), browserStep('firefox')]);
  const folder = await prepare();
  try {
    return total([
      ...(await inNode(folder, wanted)),
      ...(await inBrowser('chromium', folder, wanted)),
      ...(await inBrowser('firefox', folder, wanted)),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  process.exitCode = (await securityPromises(process.argv[2])).failed === 0 ? 0 : 1;
