import { ArgumentError } from '../core/errors.ts';
import { invariant } from '../core/invariant.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { checkOptions } from '../core/options.ts';
import { CRF } from '../layers/crf.ts';
import { MORE_EMISSION } from '../layers/emissionPart.ts';
import type { SymbolicTensor } from '../layers/symbolicTensor.ts';
import { LOSS_EMISSION } from './emissionPart.ts';
import { Loss, type LossEmission } from './loss.ts';

/**
 * The negative logarithm of the probability of the tags of whole sequences, for the output of a
 * `CRF` layer. Targets are tags `[N, T]`, as for 'sparseCategoricalCrossentropy'; tags of masked
 * steps do not count. The loss of a sequence is not divided by its length.
 *
 *     model.compile({ optimizer: 'adam', loss: new CRFLoss(), metrics: ['accuracy'] });
 */
export class CRFLoss extends Loss {
  static readonly builtInName: string = 'CRFLoss';
  override readonly name = 'crfLoss';
  override readonly targetKind = 'labels';
  override readonly activation = 'crf';
  override readonly perSample = true;

  /** @throws {ArgumentError} for an option: it has none */
  constructor(options?: object) {
    super();
    checkOptions(options, [], 'CRFLoss');
  }

  /** @throws {ArgumentError} when no CRF layer makes the output */
  override checkOutput({ node }: SymbolicTensor, what: string): void {
    if (node.layer instanceof CRF) return;
    const { name, className } = node.layer as { name: string; className: string };
    throw new ArgumentError(`${what} 'crfLoss' takes the output of a CRF layer, but layer ${name} (${className}) makes it`);
  }

  override emit(emission: LossEmission): void {
    const { builder, rows, samples, classes, prediction, transitions, labels, mask, dPrediction, result } = emission;
    invariant(transitions && labels, 'the loss of a CRF reached another output: compile checks this');
    const factors = LOSS_EMISSION.loaded.emitRowFactors(emission, true);
    const chain = new MORE_EMISSION.loaded.LinearChain(rows / samples, classes);
    /** `[U, U]` */
    const pairs = dPrediction ? new Float64Array(classes ** 2) : null;
    const dTransitions = dPrediction && transitions.gradient;
    builder.native([prediction, transitions.values, labels, mask, factors, result, dPrediction, dTransitions], (views) => {
      const [energies, values, tags, valid, factorOf, sum, dEnergies, dValues] = views;
      chain.takeTransitions(values);
      (dEnergies as FloatArray | null)?.fill(0);
      pairs?.fill(0);
      let total = 0;
      for (let b = 0; b < samples; b++) {
        const factor = factorOf[b];
        if (factor === 0 || !chain.takeSteps(b, rows, samples, valid)) continue;
        total += factor * (chain.logPartition(energies) - chain.score(energies, values, tags));
        if (!pairs) continue;
        chain.marginals(factor, dEnergies, pairs);
        chain.subtractTags(factor, tags, dEnergies, pairs);
      }
      if (pairs) dValues.set(pairs);
      sum[0] = total;
    });
  }
}
