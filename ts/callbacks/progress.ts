import type { SingleBar } from 'cli-progress';
import { type Checkpoint, makeCheckpoint } from '../control/checkpoint.ts';
import { oneOf } from '../core/options.ts';
import { type Logs, noLogs, type TrainingPlan } from './callback.ts';

/**
 * How much is printed: 0 nothing, 1 a progress bar for each epoch, 2 a line for each epoch. 'auto'
 * is 1 on a terminal, 2 in other Node processes and 0 in browsers. A browser's console has no
 * progress bars, so there 1 prints lines too.
 */
export type Verbosity = 'auto' | 0 | 1 | 2;

/** Checks the option `verbose`. @throws {ArgumentError} for an unknown value */
export function checkVerbosity(verbose: unknown, where: string): Verbosity {
  return oneOf(verbose, ['auto', 0, 1, 2] as const, `${where}: verbose`) as Verbosity;
}

export function resolveVerbosity(verbose: Verbosity): 0 | 1 | 2 {
  if (verbose === 0) return 0;
  // Read only here: Node opens stdout at the first access, which takes milliseconds.
  const output = typeof process === 'undefined' ? undefined : process.stdout;
  if (!output) return verbose === 'auto' ? 0 : 2;
  if (verbose !== 'auto') return verbose;
  return output.isTTY ? 1 : 2;
}

function formatLogs(logs: Logs): string {
  return Object.entries(logs)
    .map(([name, value]) => `${name} ${Math.abs(value) < 1e-3 && value !== 0 ? value.toExponential(2) : value.toFixed(4)}`)
    .join('  ');
}

/** Shows a run. It is a callback that does not use the model. */
export interface Display {
  onTrainBegin(plan: TrainingPlan): void | Promise<void>;
  onEpochBegin(epoch: number): void;
  onProgress?(batch: number, logs: Logs): void;
  onEpochEnd(epoch: number, logs: Logs): void;
  onTrainEnd?(): void;
}

/** The display for a verbosity; null for a silent one. `label` replaces the number of the epoch. */
export function displayOf(verbose: Verbosity, label?: string): Display | null {
  const resolved = resolveVerbosity(verbose);
  return resolved === 0 ? null : resolved === 1 ? new ProgressBar(label) : new EpochLines(label);
}

/** A run of `evaluate` or `predict`. */
export interface UnshownRun {
  /** `evaluate` or `predict`. */
  readonly label: string;
  readonly batchSize: number;
  readonly verbose: Verbosity;
}

/** A run over a data set whose progress is shown. */
export class ShownRun {
  /** Called between two batches. */
  readonly checkpoint: Checkpoint;
  readonly #display: Display | null;

  private constructor(display: Display | null) {
    const checkpoint = makeCheckpoint();
    this.#display = display;
    let batch = 0;
    this.checkpoint = () => {
      display?.onProgress?.(batch++, noLogs());
      return checkpoint();
    };
  }

  static async begin({ label, batchSize, verbose }: UnshownRun, samples: number): Promise<ShownRun> {
    const display = displayOf(verbose, label);
    const steps = Math.ceil(samples / batchSize);
    await display?.onTrainBegin({ epochs: 1, initialEpoch: 0, steps, samples, batchSize, validationFreq: null });
    display?.onEpochBegin(0);
    return new ShownRun(display);
  }

  /** Shows the numbers at the end. */
  finish(logs: Logs): void {
    this.#display?.onEpochEnd(0, logs);
  }

  /** Ends the display, also after an error. */
  close(): void {
    this.#display?.onTrainEnd?.();
  }
}

/** The beginning of a line or a progress bar. */
function titleOf(label: string | undefined, epoch: number, plan: TrainingPlan | null): string {
  return label ?? `Epoch ${epoch + 1}/${plan?.epochs}`;
}

/** A count, or 0 where it is not known. */
function finite(count = 0): number {
  return Number.isFinite(count) ? count : 0;
}

/** Prints a line for each epoch. */
export class EpochLines implements Display {
  readonly #label: string | undefined;
  #plan: TrainingPlan | null = null;
  #start = 0;

  constructor(label?: string) {
    this.#label = label;
  }

  onTrainBegin(plan: TrainingPlan): void {
    this.#plan = plan;
    // An epoch that is continued is not begun again.
    if (plan.initialBatch !== undefined) this.onEpochBegin();
  }

  onEpochBegin(): void {
    this.#start = performance.now();
  }

  onEpochEnd(epoch: number, logs: Logs): void {
    const seconds = (performance.now() - this.#start) / 1000;
    console.log(`${titleOf(this.#label, epoch, this.#plan)}  ${seconds.toFixed(1)} s  ${formatLogs(logs)}`);
  }
}

/**
 * Draws a progress bar for each epoch, with samples per second and the time left. After the epoch
 * it prints a line instead.
 */
export class ProgressBar implements Display {
  readonly #label: string | undefined;
  #plan: TrainingPlan | null = null;
  #bar: SingleBar | null = null;
  #start = 0;
  /** The samples that the bar showed. */
  #samples = 0;

  constructor(label?: string) {
    this.#label = label;
  }

  async onTrainBegin(plan: TrainingPlan): Promise<void> {
    this.#plan = plan;
    const { default: progress } = await import('#cli-progress');
    const format = '{epoch} {bar} {value}/{total}  {rate} samples/s  ETA {eta_formatted}  {numbers}';
    this.#bar = new progress.SingleBar(
      { format, barsize: 24, fps: 10, hideCursor: true, clearOnComplete: true, noTTYOutput: false, etaBuffer: 50 },
      progress.Presets.shades_classic,
    );
    // An epoch that is continued is not begun again.
    if (plan.initialBatch !== undefined) this.onEpochBegin(plan.initialEpoch);
  }

  onEpochBegin(epoch: number): void {
    this.#start = performance.now();
    this.#samples = 0;
    this.#bar?.start(finite(this.#plan?.steps), 0, {
      epoch: titleOf(this.#label, epoch, this.#plan),
      rate: '-',
      numbers: '',
    });
  }

  onProgress(batch: number, logs: Logs): void {
    const seconds = (performance.now() - this.#start) / 1000;
    const samples = Math.min((batch + 1) * (this.#plan?.batchSize ?? 0), this.#plan?.samples ?? 0);
    this.#samples = samples;
    // The number of batches of an iterable is not known before they end.
    if (this.#plan?.steps === Number.POSITIVE_INFINITY) this.#bar?.setTotal(batch + 1);
    this.#bar?.update(batch + 1, { rate: Math.round(samples / seconds).toLocaleString('en-US'), numbers: formatLogs(logs) });
  }

  onEpochEnd(epoch: number, logs: Logs): void {
    this.#bar?.stop();
    const seconds = (performance.now() - this.#start) / 1000;
    const samples = finite(this.#plan?.samples) || this.#samples;
    const rate = Math.round(samples / seconds).toLocaleString('en-US');
    console.log(`${titleOf(this.#label, epoch, this.#plan)}  ${seconds.toFixed(1)} s  ${rate} samples/s  ${formatLogs(logs)}`);
  }

  onTrainEnd(): void {
    this.#bar?.stop();
  }
}
