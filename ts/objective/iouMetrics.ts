import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { numberInRange } from '../core/options.ts';
import { nonNegativeInteger, positiveInteger } from '../core/shape.ts';
import { BuiltInMetric, classOf, FloatMetric, indexOfLargest, type MetricOptions } from './builtInMetric.ts';
import type { MetricBatch, MetricOutput } from './ownMetric.ts';

/**
 * The mean over classes of `rows of the class that are predicted as it / rows that are or are
 * predicted as it`; classes that do not occur are left out.
 * @param matrix `[C, C]`: weights of rows by their class and by the predicted class
 * @param classes which of them; null for all
 */
function meanIoU(matrix: Float64Array, C: number, classes: readonly number[] | null): number {
  let [sum, present] = [0, 0];
  for (const j of classes ?? Array.from({ length: C }, (_, index) => index)) {
    let all = -(matrix[j * C + j] as number);
    for (let i = 0; i < C; i++) all += (matrix[j * C + i] as number) + (matrix[i * C + j] as number);
    if (all <= 1e-9) continue;
    sum += (matrix[j * C + j] as number) / all;
    present++;
  }
  return present === 0 ? 0 : sum / present;
}

export interface MeanIoUOptions extends MetricOptions {
  /** The number of classes, which the output must have. Default: those of the output. */
  numClasses?: number;
}

export interface IoUOptions extends MeanIoUOptions {
  /** The classes that count. */
  targetClassIds: readonly number[];
}

/** The base of metrics that count rows by their class and by the class that is predicted. */
abstract class ClassIoU extends BuiltInMetric {
  /** The classes that count; null for all. */
  protected readonly classes: readonly number[] | null;
  readonly numClasses: number | null;

  constructor(className: string, options: MeanIoUOptions | undefined, classes: unknown, known: readonly string[] = []) {
    super(className, 1, options, ['numClasses', ...known]);
    this.numClasses = options?.numClasses === undefined ? null : positiveInteger(options.numClasses, `${className}: numClasses`);
    if (classes !== null && (!Array.isArray(classes) || classes.length === 0))
      throw new ArgumentError(`${className}: targetClassIds must be an array of classes, got ${describe(classes)}`);
    this.classes = classes === null ? null : classes.map((id) => nonNegativeInteger(id, `${className}: targetClassIds`));
  }

  override checkOutput(output: MetricOutput): void {
    super.checkOutput(output);
    const wrong = this.classes?.find((id) => id >= output.units);
    if (wrong !== undefined || (this.numClasses !== null && this.numClasses !== output.units))
      throw new ArgumentError(
        `compile: metric '${this.name}' has ${wrong === undefined ? `numClasses ${this.numClasses}` : `the class ${wrong}`}, but the output has ${output.units} classes`,
      );
    this.resizeState(output.units ** 2);
  }

  override update(batch: MetricBatch): void {
    const { rows, units: C, yPred, weights } = batch;
    for (let n = 0; n < rows; n++) {
      const place = classOf(batch, n) * C + indexOfLargest(yPred, n * C, C);
      this.state[place] = (this.state[place] as number) + (weights[n] as number);
    }
  }

  override result(): number {
    return meanIoU(this.state, Math.sqrt(this.state.length), this.classes);
  }
}

/**
 * The mean intersection over union of the classes. The predicted class is that of the largest
 * output. Targets are one-hot rows or class indices.
 * https://keras.io/api/metrics/segmentation_metrics/
 */
export class MeanIoU extends ClassIoU {
  static readonly builtInName: string = 'MeanIoU';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: MeanIoUOptions) {
    super('MeanIoU', options, null);
  }
}

/** {@link MeanIoU} under Keras's name for one-hot targets. */
export class OneHotMeanIoU extends ClassIoU {
  static readonly builtInName: string = 'OneHotMeanIoU';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: MeanIoUOptions) {
    super('OneHotMeanIoU', options, null);
  }
}

/**
 * The mean intersection over union of some classes. The predicted class is that of the largest
 * output. Targets are one-hot rows or class indices.
 * https://keras.io/api/metrics/segmentation_metrics/
 */
export class IoU extends ClassIoU {
  static readonly builtInName: string = 'IoU';

  /** @throws {ArgumentError} for an unknown option, and for classes that are none */
  constructor(options: IoUOptions) {
    super('IoU', options, options?.targetClassIds, ['targetClassIds']);
  }

  override get name(): string {
    return this.getConfig().name === undefined ? 'iou' : super.name;
  }
}

/** {@link IoU} under Keras's name for one-hot targets. */
export class OneHotIoU extends ClassIoU {
  static readonly builtInName: string = 'OneHotIoU';

  /** @throws {ArgumentError} for an unknown option, and for classes that are none */
  constructor(options: IoUOptions) {
    super('OneHotIoU', options, options?.targetClassIds, ['targetClassIds']);
  }
}

export interface BinaryIoUOptions extends MetricOptions {
  /** Outputs of at least this value are predicted as 1. Default 0.5. */
  threshold?: number;
}

/**
 * The mean intersection over union of the classes 0 and 1.
 * https://keras.io/api/metrics/segmentation_metrics/
 */
export class BinaryIoU extends FloatMetric {
  static readonly builtInName: string = 'BinaryIoU';
  readonly threshold: number;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: BinaryIoUOptions) {
    super('BinaryIoU', 4, options, ['threshold']);
    this.threshold = numberInRange(options?.threshold ?? 0.5, 0, 1 + Number.EPSILON, 'BinaryIoU: threshold');
  }

  override update({ rows, units: C, yTrue, yPred, weights }: MetricBatch): void {
    for (let i = 0; i < rows * C; i++) {
      const place = 2 * (yTrue[i] as number) + ((yPred[i] as number) >= this.threshold ? 1 : 0);
      this.state[place] = (this.state[place] as number) + (weights[Math.floor(i / C)] as number);
    }
  }

  override result(): number {
    return meanIoU(this.state, 2, null);
  }
}
