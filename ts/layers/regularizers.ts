import { LOSSES } from '../backend/kernels.generated.ts';
import { checkOptions, numberInRange } from '../core/options.ts';
import type { ProgramEmitter } from './emitter.ts';
import type { LayerConfig } from './layerConfig.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';

/** The factors of {@link L1L2}. */
export interface L1L2Options {
  /** Factor of the sum of the absolute values. Default 0. */
  l1?: number;
  /** Factor of the sum of the squares. Default 0. */
  l2?: number;
}

/**
 * A penalty that is added to the loss: `l1 * sum(|x|) + l2 * sum(x²)` over all elements of a
 * weight, or of a layer's output. https://keras.io/api/layers/regularizers/
 */
export class L1L2 {
  readonly className: string = 'L1L2';
  readonly l1: number;
  readonly l2: number;

  /** @throws {ArgumentError} when a factor is not a number of at least 0 */
  constructor(options: L1L2Options = {}) {
    checkOptions(options, ['l1', 'l2'], 'L1L2');
    const { l1 = 0, l2 = 0 } = options;
    this.l1 = numberInRange(l1, 0, Number.POSITIVE_INFINITY, 'L1L2: l1');
    this.l2 = numberInRange(l2, 0, Number.POSITIVE_INFINITY, 'L1L2: l2');
  }

  /** The constructor's arguments as plain data. */
  getConfig(): LayerConfig {
    return { l1: this.l1, l2: this.l2 };
  }

  /** Makes a regularizer from the result of `getConfig`. */
  static fromConfig(config: LayerConfig): L1L2 {
    return new L1L2(config);
  }
}

/** `l1 * sum(|x|)`. */
export class L1 extends L1L2 {
  override readonly className = 'L1';

  /**
   * @param l1 the factor. Default 0.01
   * @throws {ArgumentError} when it is not a number of at least 0
   */
  constructor(l1 = 0.01) {
    super({ l1: numberInRange(l1, 0, Number.POSITIVE_INFINITY, 'L1: l1') });
  }

  override getConfig(): LayerConfig {
    return { l1: this.l1 };
  }

  /** Makes a regularizer from the result of `getConfig`. */
  static override fromConfig({ l1 }: LayerConfig): L1 {
    return new L1(l1 as number | undefined);
  }
}

/** `l2 * sum(x²)`. */
export class L2 extends L1L2 {
  override readonly className = 'L2';

  /**
   * @param l2 the factor. Default 0.01
   * @throws {ArgumentError} when it is not a number of at least 0
   */
  constructor(l2 = 0.01) {
    super({ l2: numberInRange(l2, 0, Number.POSITIVE_INFINITY, 'L2: l2') });
  }

  override getConfig(): LayerConfig {
    return { l2: this.l2 };
  }

  /** Makes a regularizer from the result of `getConfig`. */
  static override fromConfig({ l2 }: LayerConfig): L2 {
    return new L2(l2 as number | undefined);
  }
}

/**
 * Emits a penalty and its gradient. The kernels of the losses compute both: a squared error against
 * zeros is a square.
 * @param x the values with the penalty, `[N]`
 * @param divisor what the penalty is divided by: 1 for weights, the batch size for outputs
 * @param begin calls its argument with a buffer for the gradient of a part `[N]`, or with null
 *   where none is wanted
 * @returns a buffer `[2]` for each part of the penalty: its first element is the part's value
 */
export function emitPenalty(
  emitter: ProgramEmitter,
  { l1, l2 }: L1L2,
  x: PlannedBuffer,
  divisor: number,
  begin: (emit: (gradient: PlannedBuffer | null) => void) => void,
): PlannedBuffer[] {
  const parts = [
    [LOSSES.meanAbsoluteError, l1],
    [LOSSES.meanSquaredError, l2],
  ] as const;
  return parts.flatMap(([kind, factor]) => {
    if (factor === 0) return [];
    const result = emitter.persistent('penalty', 'float', 2);
    const normalizer = emitter.numbers('divisor', [divisor / factor]);
    const compared = { kind, rows: x.length, classes: 1, prediction: x, target: emitter.zeros(x.length), normalizer, result };
    begin((dPrediction) => emitter.call('loss', { ...compared, dPrediction }));
    return [result];
  });
}
