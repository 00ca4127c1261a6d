// What a page does with the package, told by its address: ?task=train. The outcome has what came of
// it, and what the page's Content-Security-Policy had against it.
import * as backtime from './backtime/dist/index.js';

const { loadModel, setWarningHandler, setWorkerUrl } = backtime;

const violations = [];
addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => violations.push(`${effectiveDirective} ${blockedURI}`));
const warnings = [];
setWarningHandler((message, code) => warnings.push(`${code}: ${message}`));
let workersStarted = 0;
window.Worker = class extends Worker {
  constructor(...args) {
    super(...args);
    workersStarted++;
  }
};

/** The last loss of a short training. */
async function lossWith(workers, { Dense, LSTM, Sequential, setRandomSeed } = backtime) {
  setRandomSeed(1);
  const model = new Sequential([new LSTM(4), new Dense(1)]);
  model.compile({ optimizer: 'adam', loss: 'mse' });
  const x = { shape: [16, 5, 2], data: Float32Array.from({ length: 160 }, (_, index) => Math.sin(index)) };
  const y = Float32Array.from({ length: 16 }, (_, index) => Math.cos(index));
  const { history } = await model.fit(x, y, { epochs: 2, verbose: 0, workers });
  return history.loss.at(-1);
}

const WORKER = new URL('./backtime/dist/worker/worker.js', import.meta.url).href;

const TASKS = {
  /** With each number of workers, the default among them. */
  async train() {
    const losses = [];
    for (const workers of [0, 1, 2, undefined]) losses.push(await lossWith(workers));
    return losses;
  },
  one: () => lossWith(1),
  byDefault: () => lossWith(undefined),
  /** Two copies of the package, each with a policy of its own. */
  twoCopies: async () => [await lossWith(1), await lossWith(1, await import('./node_modules/backtime/dist/index.js'))],
  /** A model from an address, as README's pages load them. */
  load: async () => (await loadModel('./model.safetensors')).summary(() => {}),
  /** A model of TF.js, whose weights are files of their own, and what it predicts of its inputs. */
  async loadTFJS() {
    const model = await loadModel('./tfjs/model.json');
    return Array.from((await model.predict(await (await fetch('./tfjs/input.json')).json())).data);
  },
  async stringAsWorkerUrl() {
    setWorkerUrl(WORKER);
    return await lossWith(1);
  },
  async trustedWorkerUrl() {
    const policy = globalThis.trustedTypes.createPolicy('page', { createScriptURL: (url) => url });
    setWorkerUrl(policy.createScriptURL(WORKER));
    return await lossWith(1);
  },
  async defaultPolicy() {
    globalThis.trustedTypes.createPolicy('default', { createScriptURL: (url) => (url === WORKER ? url : null) });
    return await lossWith(1);
  },
};

const task = new URLSearchParams(location.search).get('task');
window.outcome = TASKS[task]().then(
  (value) => ({ value, violations, warnings, workersStarted }),
  (error) => ({ error: `${error.name}: ${error.message}`, violations, warnings, workersStarted }),
);
