// Times engines side by side: all are made ready, then each runs once a round, so that what slows
// the machine slows all of them.

import { CannotError, EngineProcess } from './engineProcess.mjs';
import { median } from './median.mjs';
import { BROWSERS, isLimit } from './names.mjs';
import { hasProgram, start } from './startUp.mjs';

/** An engine whose run takes this part of the budget is not measured again. */
const SLOW_PART = 1 / 5;
const GIVE_UP_BUDGETS = 3;

/**
 * @typedef {object} Measurement
 * @property {string} engine
 * @property {number} [ms] Median over the rounds, of one unit.
 * @property {number[]} [samples]
 * @property {number} [operations] What one unit computes, when that is not the workload.
 * @property {string} [cannot] Why there is no time.
 * @property {{ before: number, after: number }} [around] Of the limit: the time of one unit before
 *   the first round and after the last, while no other engine runs.
 */

/** The running processes, by engine, kept from workload to workload. */
export class Engines {
  /** @type {Map<string, EngineProcess>} */
  #processes = new Map();
  /** @type {Map<string, string>} */
  #refusals = new Map();
  #options;
  /** @type {Record<string, string>} */
  versions = {};

  /** @param {import('./options.mjs').Options} options */
  constructor(options) {
    this.#options = options;
  }

  /** @throws {CannotError} */
  async get(name) {
    const found = this.#processes.get(name);
    if (found && !found.ended) return found;
    const refusal = this.#refusals.get(name);
    if (refusal !== undefined) throw new CannotError(refusal);
    const engine = new EngineProcess(name, this.#options, this.#options.budget * GIVE_UP_BUDGETS);
    this.#processes.set(name, engine);
    try {
      const { versions } = await engine.ask({ do: 'open' });
      Object.assign(this.versions, versions);
      return engine;
    } catch (error) {
      await engine.end();
      if (error instanceof CannotError) this.#refusals.set(name, error.message);
      throw error;
    }
  }

  async end() {
    await Promise.all([...this.#processes.values()].map((engine) => engine.end()));
  }
}

/**
 * @param {Engines} engines
 * @param {import('./workloads.mjs').Workload} workload
 * @param {'train' | 'infer' | 'kernels'} kind
 * @param {import('./options.mjs').Options} options
 * @returns {Promise<Measurement[]>}
 */
export async function measure(engines, workload, kind, options) {
  if (workload.unit === 'startUp') return measureStartUp(workload, options);
  const contestants = [];
  for (const engine of options.engines) contestants.push(await prepare(engines, engine, workload, kind, options));
  const able = contestants.filter(({ process, slow }) => process && !slow);
  const limit = able.find(({ engine }) => engine === 'limit');
  const before = limit && (await timeOnce(limit));
  for (let round = 0; round < options.rounds; round++) {
    for (const contestant of able) if (contestant.cannot === undefined) await runRound(contestant, options.roundTime);
  }
  const around = limit && { before, after: await timeOnce(limit) };
  for (const { process } of contestants) if (process && !process.ended) await process.ask({ do: 'close' });
  return contestants.map(({ engine, samples, cannot, operations }) => ({
    engine,
    operations,
    ...(cannot === undefined ? { ms: median(samples), samples } : { cannot }),
    ...(engine === 'limit' && around ? { around } : {}),
  }));
}

/** Milliseconds of one unit in one run. */
async function timeOnce({ process, units }) {
  const { ms, units: done } = await process.ask({ do: 'run', units });
  return ms / done;
}

/**
 * Whole processes: from their start until they have trained a step. Backtime is a program of its
 * own; other engines answer through their host, whose 15 ms are little beside their seconds.
 */
async function measureStartUp(workload, options) {
  const { engines, rounds, against, budget } = options;
  const contestants = engines
    .filter((engine) => !isLimit(engine) && !BROWSERS.includes(engine))
    .map((engine) => ({ engine, samples: [], cannot: undefined }));
  for (let round = 0; round < rounds; round++) {
    for (const contestant of contestants) {
      const { engine, cannot, samples } = contestant;
      if (cannot !== undefined || samples[0] > budget * SLOW_PART) continue;
      try {
        samples.push(hasProgram(engine) ? (await start('step', { engine, against })).wall : await startHost(engine, workload, options));
      } catch (error) {
        refuse(contestant, error);
      }
    }
  }
  return contestants.map(({ engine, samples, cannot }) => ({
    engine,
    ...(cannot === undefined ? { ms: median(samples), samples } : { cannot }),
  }));
}

async function startHost(name, workload, { python, against, budget }) {
  const begin = performance.now();
  const engine = new EngineProcess(name, { python, against }, budget * GIVE_UP_BUDGETS, ['--once']);
  try {
    await engine.ask({ do: 'prepare', workload, kind: 'train' });
    return performance.now() - begin;
  } finally {
    // The end of one, which may take long, must not slow the start of the next.
    await engine.end();
  }
}

async function prepare(engines, engine, workload, kind, { budget, roundTime }) {
  const contestant = { engine, samples: [], process: undefined, units: 1, slow: false, operations: undefined, cannot: undefined };
  try {
    contestant.process = await engines.get(engine);
    const { ms, operations } = await contestant.process.ask({ do: 'prepare', workload, kind });
    contestant.operations = operations;
    // A first run takes compilation with it, so only the second one says how slow the engine is.
    const again = ms > budget ? ms : (await contestant.process.ask({ do: 'run', units: 1 })).ms;
    contestant.slow = again > budget * SLOW_PART;
    if (contestant.slow) contestant.samples.push(again);
    else await warmUp(contestant, roundTime);
  } catch (error) {
    refuse(contestant, error);
  }
  return contestant;
}

/**
 * Runs until the just-in-time compilers have seen it often enough, and finds how many units fill a
 * round.
 */
async function warmUp(contestant, roundTime) {
  let time = 0;
  let units = 1;
  while (time < roundTime) {
    const { ms, units: done } = await contestant.process.ask({ do: 'run', units });
    time += ms;
    contestant.units = Math.max(1, Math.round((roundTime * done) / ms));
    units = Math.min(contestant.units, units * 4);
  }
}

async function runRound(contestant, roundTime) {
  try {
    const { ms, units } = await contestant.process.ask({ do: 'run', units: contestant.units });
    contestant.samples.push(ms / units);
    contestant.units = Math.max(1, Math.round((roundTime * units) / ms));
  } catch (error) {
    refuse(contestant, error);
  }
}

function refuse(contestant, error) {
  if (!(error instanceof CannotError)) throw error;
  contestant.cannot = error.message;
}
