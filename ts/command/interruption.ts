import type { CommandReport } from './report.ts';

/** The signals that end a command, and the exit codes that shells give them. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Says that a signal ended the command. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exitCode: number;

  constructor(signal: keyof typeof EXIT_CODES, done = '') {
    super(`interrupted by ${signal}${done}`);
    this.exitCode = EXIT_CODES[signal];
  }
}

/** The running work, which ends by itself when it is aborted. */
let running: { readonly controller: AbortController; received: keyof typeof EXIT_CODES | null } | null = null;

/**
 * Ends the process on SIGINT and SIGTERM: at once, or when {@link interruptible} runs, on the
 * second signal.
 */
export function endOnSignals(report: CommandReport): void {
  for (const signal of Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[])
    process.on(signal, () => {
      if (running && !running.received) {
        running.received = signal;
        running.controller.abort();
        return;
      }
      const error = new Interrupted(signal);
      report.failure('INTERRUPTED', error.message);
      process.exit(error.exitCode);
    });
}

/**
 * Runs what the first signal aborts.
 * @returns the signal that aborted it; null when it ran to its end
 * @throws what `run` throws without having been aborted
 */
export async function interruptible(run: (signal: AbortSignal) => Promise<unknown>): Promise<keyof typeof EXIT_CODES | null> {
  const own = { controller: new AbortController(), received: null };
  running = own;
  try {
    await run(own.controller.signal);
    return null;
  } catch (error) {
    if (own.received) return own.received;
    throw error;
  } finally {
    running = null;
  }
}
