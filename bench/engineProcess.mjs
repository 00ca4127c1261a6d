// An engine in a process of its own: nothing that one engine does to a heap, a thread pool or a
// compiler reaches another.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('engines', import.meta.url));

/** The engine cannot do it, and says why. */
export class CannotError extends Error {}

/**
 * The command that starts an engine.
 *
 * @param {string} name
 * @param {{ python?: string, against?: string }} where A Python, and the folder of the version that
 *   is called `before`.
 */
function engineCommand(name, { python, against }) {
  if (name === 'before') return { command: process.execPath, args: [join(against, 'bench', 'engines', 'host.mjs'), 'relaxed'], env: {} };
  const [, engine, threads = '1'] = /^(.*?)(?:-(\d))?$/.exec(name);
  if (['pytorch', 'keras-jax', 'keras-tensorflow'].includes(engine)) {
    const limits = ['OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS'].map((variable) => [variable, threads]);
    return { command: python, args: [join(folder, 'python', 'host.py'), engine, threads], env: Object.fromEntries(limits) };
  }
  return { command: process.execPath, args: [join(folder, 'host.mjs'), name], env: python ? { BENCH_PYTHON: python } : {} };
}

/**
 * Milliseconds in which a process that was told to end closes what it has opened, such as a
 * browser.
 */
const FAREWELL = 5000;

export class EngineProcess {
  #child;
  #exited;
  #lines;
  #timeLimit;

  /**
   * @param {string} name
   * @param {{ python?: string, against?: string }} where
   * @param {number} timeLimit Milliseconds that an answer may take.
   * @param {string[]} [extra] More arguments of its command.
   */
  constructor(name, where, timeLimit, extra = []) {
    const { command, args, env } = engineCommand(name, where);
    // Engines write warnings to standard error; they are shown with BENCH_STACKS only.
    const stderr = process.env.BENCH_STACKS ? 'inherit' : 'ignore';
    this.#child = spawn(command, [...args, ...extra], { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', stderr] });
    this.#exited = new Promise((resolve) => {
      this.#child.on('error', resolve);
      this.#child.on('exit', resolve);
    });
    this.#child.stdin.on('error', () => {});
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#timeLimit = timeLimit;
  }

  /**
   * @param {object} request
   * @returns {Promise<any>}
   * @throws {CannotError} when the engine cannot, ended, or took too long; it has been ended then
   */
  async ask(request) {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    for (;;) {
      const line = await this.#nextLine();
      // Libraries print to standard output too.
      if (!line.startsWith('{')) continue;
      const message = JSON.parse(line);
      if (message.cannot !== undefined) throw new CannotError(message.cannot);
      return message;
    }
  }

  async #nextLine() {
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, this.#timeLimit, 'late');
    });
    const result = await Promise.race([this.#lines.next(), late]);
    clearTimeout(timer);
    if (result !== 'late' && !result.done) return result.value;
    await this.#kill();
    throw new CannotError(result === 'late' ? `more than ${this.#timeLimit / 1000} s for the first step` : 'its process ended');
  }

  get ended() {
    return this.#child.exitCode !== null || this.#child.killed || this.#child.stdin.writableEnded;
  }

  /** Lets it end by itself, as it does with its input, and waits until it has. */
  async end() {
    this.#child.stdin.end();
    await this.#farewell();
  }

  async #kill() {
    this.#child.kill('SIGTERM');
    await this.#farewell();
  }

  async #farewell() {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), FAREWELL);
    await this.#exited;
    clearTimeout(timer);
  }
}
