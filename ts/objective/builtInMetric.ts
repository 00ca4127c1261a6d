import { ArgumentError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import type { OwnConfig } from './loss.ts';
import { Metric, type MetricBatch, type MetricOutput } from './ownMetric.ts';

/** Options that the classes of metrics take. */
export interface MetricOptions {
  /** Its name in the history. Default: the class's name, as in `precision`. */
  name?: string;
}

/** A metric of Keras. Its targets are one-hot rows, or rows of 0 and 1, or class indices. */
export abstract class BuiltInMetric extends Metric {
  override readonly mode: 'min' | 'max' = 'max';
  readonly #options: OwnConfig;

  /** @param known the names of its options beside `name` */
  constructor(className: string, stateLength: number, options: (MetricOptions & object) | undefined, known: readonly string[]) {
    checkOptions(options, [...known, 'name'], className);
    super(stateLength, options?.name);
    this.#options = Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined));
  }

  override checkOutput({ units, targetKind, anyLabels, targetUnits }: MetricOutput): void {
    if (targetKind === 'labels' ? !anyLabels : targetUnits === units) return;
    const given = targetKind === 'labels' ? 'labels that need not be classes' : `targets whose last axis has ${targetUnits}`;
    throw new ArgumentError(`compile: metric '${this.name}' compares each of ${units} outputs with a target, but the loss takes ${given}`);
  }

  override getConfig(): OwnConfig {
    return this.#options;
  }
}

/** A metric of all elements of the outputs. It takes no class indices. */
export abstract class FloatMetric extends BuiltInMetric {
  override checkOutput(output: MetricOutput): void {
    super.checkOutput(output);
    if (output.targetKind === 'labels')
      throw new ArgumentError(`compile: metric '${this.name}' takes targets of the shape of the output, but the loss takes class indices`);
  }
}

/** The target of output j in row n, also where targets are class indices. */
export function targetAt({ yTrue, units }: MetricBatch, n: number, j: number): number {
  if (yTrue instanceof Int32Array) return yTrue[n] === j ? 1 : 0;
  return yTrue[n * units + j] as number;
}

/** The index of the largest of `count` values from `start`; of equal values, the first. */
export function indexOfLargest(values: ArrayLike<number>, start: number, count: number): number {
  let at = 0;
  for (let j = 1; j < count; j++) if ((values[start + j] as number) > (values[start + at] as number)) at = j;
  return at;
}

/** The class of row n: its index, or the largest of its targets. */
export function classOf({ yTrue, units }: MetricBatch, n: number): number {
  return yTrue instanceof Int32Array ? (yTrue[n] as number) : indexOfLargest(yTrue, n * units, units);
}

/** `a / b`; 0 where b is 0. */
export function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}
