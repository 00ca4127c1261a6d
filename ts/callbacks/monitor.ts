import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { oneOf } from '../core/options.ts';
import { suggest } from '../core/suggestion.ts';
import { warn } from '../core/warnings.ts';
import { withoutPrefix, withPrefix } from '../objective/historyNames.ts';
import { betterWhen, METRIC_NAMES } from '../objective/metrics.ts';
import type { Logs, TrainingPlan } from './callback.ts';

/** Options of callbacks that monitor a value of the history. */
export interface MonitorOptions {
  /**
   * The value to monitor, by its name in the history: `valLoss`, `loss`, `valAccuracy`. Default
   * 'valLoss'.
   */
  monitor?: string;
  /**
   * Whether lower or higher values are better; 'auto' is right for the loss and every metric.
   * Default 'auto'.
   */
  mode?: 'auto' | 'min' | 'max';
}

/** A number of the history, and whether it becomes better. */
export class Monitor {
  readonly name: string;
  readonly #owner: string;
  readonly #mode: 'auto' | 'min' | 'max';
  readonly #minDelta: number;
  readonly #otherwise: string;
  #sign: 1 | -1 = 1;
  #validationFreq: number | null = null;

  /**
   * @param owner the callback's class, for messages
   * @param minDelta the smallest change that counts as an improvement; its sign is ignored
   * @param otherwise what the callback does when `fit` does not give the number, for the warning
   * @throws {ArgumentError} for a value outside its range
   */
  constructor(owner: string, { monitor = 'valLoss', mode = 'auto' }: MonitorOptions, minDelta: number, otherwise: string) {
    if (typeof monitor !== 'string' || monitor === '')
      throw new ArgumentError(`${owner}: monitor must be the name of a number in the history, got ${describe(monitor)}`);
    this.name = monitor;
    this.#owner = owner;
    this.#minDelta = Math.abs(finiteNumber(minDelta, `${owner}: minDelta`));
    this.#mode = oneOf(mode, ['auto', 'min', 'max'], `${owner}: mode`);
    this.#otherwise = otherwise;
  }

  /**
   * Begins a run.
   * @throws {ArgumentError} when `mode` is 'auto' and no metric has the monitored name
   */
  begin({ validationFreq, metricModes }: TrainingPlan): void {
    const better = this.#mode === 'auto' ? betterWhen(this.name, metricModes) : this.#mode;
    if (better === null) {
      const camel = this.name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
      if (betterWhen(camel, metricModes))
        throw new ArgumentError(`${this.#owner}: '${this.name}' is called '${camel}' in the history: monitor: '${camel}'`);
      throw new ArgumentError(
        `${this.#owner}: no metric is called '${this.name}'${suggest(this.name, historyNames())}, so give mode: 'min' or 'max'`,
      );
    }
    this.#sign = better === 'min' ? -1 : 1;
    this.#validationFreq = validationFreq;
  }

  /**
   * The number at the end of an epoch; undefined when there is none, with a warning unless it comes
   * with a later validation.
   * @param epoch null within an epoch, whose batches have no validation
   * @param subject what the warning is about: the model
   */
  valueAt(epoch: number | null, logs: Logs, subject: object): number | undefined {
    if (Object.hasOwn(logs, this.name)) return logs[this.name];
    if (epoch !== null && this.comesLater(epoch)) return undefined;
    const freq = this.#validationFreq;
    const names = Object.keys(logs);
    const remedy = freq === null && withoutPrefix('val', this.name) !== this.name ? '; pass validationData or validationSplit' : '';
    warn(
      'NOTHING_MONITORED',
      `${this.#owner}: fit gives no '${this.name}'${suggest(this.name, names)}, so it ${this.#otherwise}${remedy}. It gives ${names.join(', ')}.`,
      subject,
      this.#owner + this.name,
    );
    return undefined;
  }

  /** Whether an epoch is between two validations, whose numbers are then not missing. */
  comesLater(epoch: number): boolean {
    return this.#validationFreq !== null && (epoch + 1) % this.#validationFreq !== 0;
  }

  /**
   * Whether a value is better than another by more than `minDelta`; anything is better than none,
   * and NaN is never better.
   */
  isBetter(value: number, than: number | null): boolean {
    return than === null || this.#sign * value - this.#minDelta > this.#sign * than;
  }
}

/** Names that a history can have. */
function historyNames(): string[] {
  return ['loss', ...METRIC_NAMES].flatMap((name) => [name, withPrefix('val', name)]);
}

/** Checks a number that is neither NaN nor infinite. @throws {ArgumentError} */
export function finiteNumber(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new ArgumentError(`${where} must be a finite number, got ${describe(value)}`);
}
