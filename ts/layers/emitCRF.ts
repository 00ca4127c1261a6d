import { ArgumentError } from '../core/errors.ts';
import type { FloatArray } from '../core/numericArray.ts';
import type { CRFDecoding } from './crf.ts';
import { emitDense } from './emitDense.ts';
import { emitMove } from './emitMove.ts';
import { LinearChain } from './linearChain.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import { featuresOf, matrixRows, type Value } from './value.ts';
import type { Weight } from './weight.ts';

// B batch, T steps, U tags.

/** The weights of a CRF layer, and what it predicts. */
export interface CRFPlan {
  /** The layer, for error messages. */
  readonly title: string;
  readonly decoding: CRFDecoding;
  /** `[D, U]`; null where the input has the energies. */
  readonly kernel: Weight | null;
  /** `[U]` */
  readonly bias: Weight | null;
  /** `[U, U]`: the energies of transitions. */
  readonly chainKernel: Weight;
  /** Those of the first and the last step `[U]`; none without boundaries. */
  readonly boundaries: readonly Weight[];
}

/** Emits a conditional random field: for the loss the energies, otherwise what it predicts. */
export function emitCRF(scope: Scope, input: Value, plan: CRFPlan): Value {
  const { kernel, bias, chainKernel } = plan;
  const product = kernel ? emitDense(scope, input, kernel, bias ?? undefined, 'linear') : input;
  const transitions = scope.weight(chainKernel);
  const dTransitions = scope.keeps ? scope.floats('dTransitions', transitions.length) : null;
  const energies = emitEnergies(scope, product, plan, dTransitions);

  const output: Value = { ...energies, needsGradient: false };
  const decode = () => emitDecoding(scope, energies, transitions, plan.decoding === 'viterbi');
  if (scope.scoresWanted === 'crf')
    return { ...output, form: { kind: 'tags', scores: energies, transitions: { values: transitions, gradient: dTransitions }, decode } };
  const tags: Value = { ...output, form: { kind: 'floats', buffer: decode() }, needsGradient: energies.needsGradient };
  scope.backward([tags], () => {
    throw new ArgumentError(
      `${plan.title}: its tags have no gradient. Make it the last layer of an output, and train that with loss: new CRFLoss()`,
    );
  });
  return tags;
}

/** The energies with those of the boundaries `[T, B, U]`. */
function emitEnergies(scope: Scope, product: Value, { chainKernel, boundaries }: CRFPlan, dTransitions: PlannedBuffer | null): Value {
  const rows = matrixRows(product);
  const units = featuresOf(product);
  const x = scope.floatsOf(product);
  const y = scope.floats('energies', rows * units);
  const chain = new LinearChain(rows / product.rows, units);
  const masks = product.mask ? [product.mask] : [];
  const reads = [x, ...boundaries.map((weight) => scope.weight(weight)), ...masks];
  const atEnds = (valid: Int32Array | null, of: FloatArray, left: FloatArray, right: FloatArray, gathers: boolean) => {
    for (let b = 0; b < product.rows; b++) {
      if (!chain.takeSteps(b, rows, product.rows, valid)) continue;
      addAtRow(of, chain.firstRow, left, gathers);
      addAtRow(of, chain.lastRow, right, gathers);
    }
  };
  scope.native({
    reads,
    writes: [y],
    run: (views) => {
      const to = views[reads.length] as FloatArray;
      to.set(views[0] as FloatArray);
      if (boundaries.length > 0) atEnds(product.mask ? views[3] : null, to, views[1], views[2], false);
    },
  });
  const trained = [chainKernel, ...boundaries].some((weight) => scope.isTrainable(weight));
  const energies: Value = { ...product, form: { kind: 'floats', buffer: y }, needsGradient: product.needsGradient || trained };
  scope.backward([energies], (gradients) => {
    const dY = gradients.of(energies);
    if (!dY || !dTransitions) return;
    // The loss has written the gradient of the transitions.
    const copy = (from: PlannedBuffer, to: PlannedBuffer) =>
      emitMove(scope, { counts: [1], width: from.length, x: from, from: { strides: [0] }, y: to, to: { strides: [0] } });
    copy(dTransitions, gradients.toWeight(chainKernel));
    const dX = gradients.to(product);
    if (dX) copy(dY, dX);
    if (boundaries.length === 0) return;
    const dBoundaries = boundaries.map((weight) => gradients.toWeight(weight));
    scope.native({
      reads: [dY, ...masks],
      writes: dBoundaries,
      run: (views) => {
        const [left, right] = [views[1 + masks.length], views[2 + masks.length]] as readonly [FloatArray, FloatArray];
        left.fill(0);
        right.fill(0);
        atEnds(product.mask ? views[1] : null, views[0], left, right, true);
      },
    });
  });
  return energies;
}

/** The prediction of the layer, `[T, B, U]`. */
function emitDecoding(scope: Scope, energies: Value, transitions: PlannedBuffer, viterbi: boolean): PlannedBuffer {
  const rows = matrixRows(energies);
  const units = featuresOf(energies);
  const y = scope.floats('tags', rows * units);
  const chain = new LinearChain(rows / energies.rows, units);
  scope.native({
    reads: [scope.floatsOf(energies), transitions, ...(energies.mask ? [energies.mask] : [])],
    writes: [y],
    run: (views) => {
      const [of, pairs] = views as readonly [FloatArray, FloatArray];
      const to = (views[views.length - 1] as FloatArray).fill(0);
      if (!viterbi) chain.takeTransitions(pairs);
      for (let b = 0; b < energies.rows; b++) {
        if (!chain.takeSteps(b, rows, energies.rows, energies.mask ? (views[2] as Int32Array) : null)) continue;
        if (viterbi) chain.bestPath(of, pairs, to);
        else {
          chain.logPartition(of);
          chain.marginals(1, to, null);
        }
      }
    },
  });
  return y;
}

/**
 * Adds a boundary `[U]` to a row of energies `[N, U]`, or the row to the boundary.
 * @param gathers whether the boundary gets the sum
 */
function addAtRow(energies: FloatArray, row: number, boundary: FloatArray, gathers: boolean): void {
  const units = boundary.length;
  for (let j = 0, at = row * units; j < units; j++, at++) {
    if (gathers) boundary[j] = (boundary[j] as number) + (energies[at] as number);
    else energies[at] = (energies[at] as number) + (boundary[j] as number);
  }
}
