// Runs other programs: to the terminal as they go, or silently for their answer.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The project's folder, without a trailing slash. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/**
 * Runs a program in the project's folder and shows its output as it comes.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, capture?: boolean }} [options] `capture` also
 *   returns what was printed.
 * @returns {Promise<{ code: number, output: string }>} The exit code (127 when the program could
 *   not be started).
 */
export function run(command, args, { cwd = root, env = process.env, capture = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', capture ? 'pipe' : 'inherit', capture ? 'pipe' : 'inherit'] });
    let output = '';
    const tee = (stream, target) =>
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
        target.write(text);
      });
    tee(child.stdout, process.stdout);
    tee(child.stderr, process.stderr);
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve({ code: 127, output });
    });
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * Asks a program a question: what it prints on standard output, or `undefined` when it is missing
 * or fails.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined}
 */
export function ask(command, args, env = process.env) {
  const { status, stdout } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * Runs a program without showing its output.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeout?: number }} [options] `timeout`: after
 *   how many milliseconds it is ended. Default: two minutes.
 * @returns {Promise<string>} What it printed on standard output.
 * @throws {Error} When it fails or is ended: the message is all that it printed.
 */
export function outputOf(command, args, { cwd = root, env = process.env, timeout = 120_000 } = {}) {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env, timeout, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else {
        const ended =
          error.killed && !error.code
            ? `${command} was ended after ${timeout / 1000} s, because it had not ended itself. It printed:\n`
            : '';
        reject(new Error(`${ended}${stdout}${stderr}`.trim() || error.message));
      }
    });
  });
}
