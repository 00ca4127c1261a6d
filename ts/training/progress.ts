import type { SingleBar } from 'cli-progress';
import type { Callback, Logs, TrainingPlan } from './callback.ts';

/**
 * How much `fit` prints: 0 nothing, 1 a bar an epoch, 2 a line an epoch; 'auto': 1 on a terminal, 2 in other Node processes, 0 in browsers.
 * A browser's console has no bars, so there 1 prints lines too.
 */
export type Verbosity = 'auto' | 0 | 1 | 2;

/** `process` where there is one. */
const nodeProcess = typeof process === 'undefined' || !process.stdout ? null : process;

export function resolveVerbosity(verbose: Verbosity): 0 | 1 | 2 {
  if (!nodeProcess) return verbose === 'auto' ? 0 : verbose === 1 ? 2 : verbose;
  if (verbose !== 'auto') return verbose;
  return nodeProcess.stdout.isTTY ? 1 : 2;
}

function formatLogs(logs: Logs): string {
  return Object.entries(logs)
    .map(([name, value]) => `${name} ${Math.abs(value) < 1e-3 && value !== 0 ? value.toExponential(2) : value.toFixed(4)}`)
    .join('  ');
}

/** Prints a line an epoch. */
export class EpochLines implements Callback {
  #plan: TrainingPlan | null = null;
  #start = 0;

  onTrainBegin(plan: TrainingPlan): void {
    this.#plan = plan;
  }

  onEpochBegin(): void {
    this.#start = performance.now();
  }

  onEpochEnd(epoch: number, logs: Logs): void {
    const seconds = (performance.now() - this.#start) / 1000;
    console.log(`Epoch ${epoch + 1}/${this.#plan?.epochs}  ${seconds.toFixed(1)} s  ${formatLogs(logs)}`);
  }
}

/** Draws a bar an epoch, with samples a second and the time left, and leaves the epoch's numbers behind it. */
export class ProgressBar implements Callback {
  #plan: TrainingPlan | null = null;
  #bar: SingleBar | null = null;
  #start = 0;

  async onTrainBegin(plan: TrainingPlan): Promise<void> {
    this.#plan = plan;
    const { default: progress } = await import('#cli-progress');
    const format = '{epoch} {bar} {value}/{total}  {rate} samples/s  ETA {eta_formatted}  {numbers}';
    this.#bar = new progress.SingleBar(
      { format, barsize: 24, fps: 10, hideCursor: true, clearOnComplete: true, noTTYOutput: false, etaBuffer: 50 },
      progress.Presets.shades_classic,
    );
  }

  onEpochBegin(epoch: number): void {
    this.#start = performance.now();
    this.#bar?.start(this.#plan?.steps ?? 0, 0, { epoch: `Epoch ${epoch + 1}/${this.#plan?.epochs}`, rate: '-', numbers: '' });
  }

  onProgress(batch: number, logs: Logs): void {
    const seconds = (performance.now() - this.#start) / 1000;
    const samples = Math.min((batch + 1) * (this.#plan?.batchSize ?? 0), this.#plan?.samples ?? 0);
    this.#bar?.update(batch + 1, { rate: Math.round(samples / seconds).toLocaleString('en-US'), numbers: formatLogs(logs) });
  }

  onEpochEnd(epoch: number, logs: Logs): void {
    this.#bar?.stop();
    const seconds = (performance.now() - this.#start) / 1000;
    const rate = Math.round((this.#plan?.samples ?? 0) / seconds).toLocaleString('en-US');
    console.log(`Epoch ${epoch + 1}/${this.#plan?.epochs}  ${seconds.toFixed(1)} s  ${rate} samples/s  ${formatLogs(logs)}`);
  }

  onTrainEnd(): void {
    this.#bar?.stop();
  }
}
