import { ShapeError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import { formatShape, nonNegativeInteger } from '../core/shape.ts';
import { warn } from '../core/warnings.ts';
import type { SymbolicTensor } from '../layers/symbolicTensor.ts';
import { BatchLoss, type LossBatch } from './batchLoss.ts';
import type { CTCLattice } from './ctcLattice.ts';
import type { OwnConfig } from './loss.ts';
import { ROW_LOSSES } from './rowLossesPart.ts';

/** Options of {@link CTC}. */
export interface CTCOptions {
  /**
   * The class of the outputs that stands for no label, the blank. In the targets it is padding.
   * Default 0, as in Keras.
   */
  maskIndex?: number;
}

/**
 * Connectionist temporal classification: the negative logarithm of the probability that outputs of
 * T steps read as a shorter sequence of labels, over all ways to place the labels. Which step has
 * which label need not be known. A reading merges equal neighbours, then drops blanks: `a a _ a b`
 * reads as `a a b`.
 *
 * The output of the model is `[steps, classes]`, scores before the softmax, as in Keras. Targets
 * are labels `[N, L]`, with padding for shorter sequences. Masked steps are left out. The loss of a
 * sample is not divided by its length. A sample with too many labels for its steps is ignored, with
 * a warning; in Keras its loss is about 100,000.
 *
 *     model.add(new Dense(characters + 1));   // class 0 is the blank
 *     model.compile({ optimizer: 'adam', loss: new CTC() });
 *     await model.fit(x, padSequences(labels, { padding: 'post' }));
 *     const [[{ labels }]] = ctcDecode(await model.predict(x));
 *
 * Graves et al. 2006. https://keras.io/api/losses/probabilistic_losses/#ctc-class
 */
export class CTC extends BatchLoss {
  static readonly builtInName: string = 'CTC';
  override readonly targetKind = 'labelSequences';
  override readonly fromLogits = true;
  override readonly activation = 'softmax';
  override readonly perSample = true;
  override readonly padding: number;
  readonly maskIndex: number;
  #lattice: CTCLattice | null = null;

  /** @throws {ArgumentError} for an unknown option, and for a mask index that is not a class */
  constructor(options?: CTCOptions) {
    super();
    checkOptions(options, ['maskIndex'], 'CTC');
    this.maskIndex = nonNegativeInteger(options?.maskIndex ?? 0, 'CTC: maskIndex');
    this.padding = this.maskIndex;
  }

  override get name(): string {
    return 'ctc';
  }

  /** @throws {ShapeError} when the output has no steps, or the mask index is none of its classes */
  override checkOutput({ shape }: SymbolicTensor, what: string): void {
    const classes = shape[1] ?? 0;
    if (shape.length !== 2 || classes <= Math.max(this.maskIndex, 1))
      throw new ShapeError(
        `${what} 'ctc' takes an output of shape [steps, classes] whose classes are the blank ${this.maskIndex} and labels, got ${formatShape(shape)}`,
      );
  }

  override call({ rows, samples, units, yTrue, yPred, mask, values, factors, gradients }: LossBatch): void {
    this.#lattice ??= new ROW_LOSSES.loaded.CTCLattice();
    const lattice = this.#lattice;
    for (let b = 0; b < samples; b++) {
      const factor = factors[b] as number;
      if (factor === 0) continue;
      lattice.take(b, rows, samples, yTrue, mask, this.maskIndex);
      if (!lattice.isPossible) {
        warn('CTC_LENGTH', `CTC: a sample has ${lattice.labelCount} labels, too many for its ${lattice.steps} steps: it is ignored`, this);
        continue;
      }
      lattice.readScores(yPred, units);
      lattice.forward();
      values[b] = -lattice.logProbability;
      if (gradients) lattice.backward(yPred, units, factor, gradients);
    }
  }

  override getConfig(): OwnConfig {
    return { maskIndex: this.maskIndex };
  }
}
