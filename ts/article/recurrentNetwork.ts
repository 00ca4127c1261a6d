import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError, StateError } from '../core/errors.ts';
import { allFinite } from '../core/finite.ts';
import { checkOptions } from '../core/options.ts';
import { RandomSequence } from '../core/random.ts';
import { positiveInteger } from '../core/shape.ts';
import { type Tensor, type TensorLike, tensorOf } from '../core/tensor.ts';
import { warn } from '../core/warnings.ts';
import { crossEntropy, forward, lossAndGradients, type Samples, sigmoid } from './backpropagation.ts';
import { readLabels } from './labels.ts';
import { type OneHotSequences, readSequences, type Sequences } from './sequences.ts';
import { descend, fromTensors, initialWeights, toTensors, type Weights, type WeightTensors } from './weights.ts';

export interface RecurrentNetworkOptions {
  /** H, the number of cells. Default 10. */
  nCells?: number;
  /** B, the samples of a batch. Default 32. */
  batchSize?: number;
  /** Step size of gradient descent. Default 0.1. */
  learningRate?: number;
  /**
   * Number of steps that gradients go back in time, counted from the last step; `null` for all.
   * Default 10.
   */
  truncate?: number | null;
  /** Seed of the start values and of the order of samples. Default 42. */
  seed?: number | bigint;
}

export interface RecurrentNetworkFitOptions {
  /** Passes over the data. Default 100. */
  epochs?: number;
  /** Samples for validation after each epoch. Needs `yVal`. */
  xVal?: TensorLike | OneHotSequences;
  yVal?: TensorLike;
  /** Called after each batch. Numbers count from 1. */
  onBatch?: (batch: { epoch: number; batch: number; batches: number; loss: number }) => void;
  /**
   * Called after each epoch. Numbers count from 1; `valLoss` is null without validation samples.
   */
  onEpoch?: (epoch: { epoch: number; epochs: number; loss: number; valLoss: number | null }) => void;
}

/** The random subsequences of the start values and of the order of samples. */
const WEIGHT_SUBSEQUENCE = 1;
const ORDER_SUBSEQUENCE = 2;

/**
 * A recurrent network from first principles, written for readers: one layer of tanh cells over a
 * sequence and one sigmoid output after the last step, trained by truncated back-propagation
 * through time and plain gradient descent. It uses only the errors, warnings and the random numbers
 * of the rest of Backtime, computes in float64, and learns the same as
 * `Sequential([SimpleRNN(nCells, { truncate: 10 }), Dense(1, { activation: 'sigmoid' })])`.
 *
 * B batch · T steps · D features · H cells; `d` before a name is the gradient of the loss
 *
 *     h[0] = 0                                      h  [B, H]
 *     h[t] = tanh(x[t] · w1x + h[t-1] · w1h + b1)   w1x [D, H], w1h [H, H], b1 [H]
 *     z2   = h[T] · w2 + b2                         w2 [H, 1], b2 [1]
 *     a    = sigmoid(z2)                            the probability of label 1
 *     loss = mean(-y log a - (1 - y) log(1 - a))
 *
 * The gradient goes back in time by `dh[t-1] = dz1[t] · w1hᵀ`. The class this one follows, from the
 * article that Backtime started from, multiplies by `w1h` itself there, which is not the
 * derivative. Here it is the transpose; a test compares every gradient with central differences of
 * the loss.
 */
export class RecurrentNetwork {
  readonly nCells: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly truncate: number | null;
  /** Mean loss of the batches of every epoch, each computed before its update. */
  readonly losses: number[] = [];
  /** Loss of the validation samples after every epoch that had validation samples. */
  readonly valLosses: number[] = [];
  #weights: Weights | null = null;
  readonly #weightNumbers: RandomSequence;
  readonly #orderNumbers: RandomSequence;

  /** @throws {ArgumentError} when an option is unknown or outside its range */
  constructor(options: RecurrentNetworkOptions = {}) {
    checkOptions(options, ['nCells', 'batchSize', 'learningRate', 'truncate', 'seed'], 'RecurrentNetwork');
    const { nCells = 10, batchSize = 32, learningRate = 0.1, truncate = 10, seed = 42 } = options;
    if (typeof learningRate !== 'number' || !(learningRate > 0 && learningRate < Infinity)) {
      throw new ArgumentError(`RecurrentNetwork: learningRate must be a finite number above 0, got ${describe(learningRate)}`);
    }
    this.nCells = positiveInteger(nCells, 'RecurrentNetwork: nCells');
    this.batchSize = positiveInteger(batchSize, 'RecurrentNetwork: batchSize');
    this.learningRate = learningRate;
    this.truncate = truncate === null ? null : positiveInteger(truncate, 'RecurrentNetwork: truncate');
    this.#weightNumbers = new RandomSequence(seed, WEIGHT_SUBSEQUENCE);
    this.#orderNumbers = new RandomSequence(seed, ORDER_SUBSEQUENCE);
  }

  /**
   * Trains. The first call draws the weights, unless they were set. A later call continues from the
   * present weights.
   * @param x `[N, T, D]`, or ids `[N, T]` with the depth of their one-hot rows
   * @param y labels `[N]` or `[N, 1]`, 0 to 1
   * @throws {ShapeError} when x and y do not fit each other or the weights, which do not change
   * @throws {DataError} for a value that is not finite or outside its range, likewise
   * @throws {ArgumentError} for an unknown option or a value outside its range, likewise
   */
  fit(x: TensorLike | OneHotSequences, y: TensorLike, options: RecurrentNetworkFitOptions = {}): this {
    checkOptions(options, ['epochs', 'xVal', 'yVal', 'onBatch', 'onEpoch'], 'RecurrentNetwork.fit');
    const epochs = positiveInteger(options.epochs ?? 100, 'RecurrentNetwork.fit: epochs');
    for (const name of ['onBatch', 'onEpoch'] as const) {
      const called: unknown = options[name] ?? null;
      if (called !== null && typeof called !== 'function')
        throw new ArgumentError(`RecurrentNetwork.fit: ${name} must be a function, got ${describe(called)}`);
    }
    const train = this.#readSamples(x, y, 'x', 'y');
    const validation = this.#readValidation(options, train.sequences.features);
    this.#weights ??= initialWeights(train.sequences.features, this.nCells, this.#weightNumbers);

    for (let epoch = 1; epoch <= epochs; epoch++) {
      const loss = this.#learnEpoch(train, (batch) => options.onBatch?.({ epoch, ...batch }));
      this.losses.push(loss);
      if (!Object.values(this.#weights).every(allFinite)) this.#warnOfDivergence(epoch, loss);
      const valLoss = validation && this.#loss(validation);
      if (valLoss !== null) this.valLosses.push(valLoss);
      options.onEpoch?.({ epoch, epochs, loss, valLoss });
    }
    return this;
  }

  /** Predicts the label of each sequence: `[N, 1]` of 0 and 1. */
  predict(x: TensorLike | OneHotSequences): Tensor<Uint8Array> {
    const scores = this.#scores(this.#readInput(x, 'x'));
    return tensorOf(
      [scores.length, 1],
      Uint8Array.from(scores, (z2) => (z2 > 0 ? 1 : 0)),
    );
  }

  /** Predicts the probability of label 1 for each sequence, `[N, 1]`. */
  predictProbabilities(x: TensorLike | OneHotSequences): Tensor<Float64Array> {
    const scores = this.#scores(this.#readInput(x, 'x'));
    return tensorOf([scores.length, 1], scores.map(sigmoid));
  }

  /** The accuracy: the fraction of sequences with the right predicted label. */
  score(x: TensorLike | OneHotSequences, y: TensorLike): number {
    const predicted = this.predict(x).data;
    const labels = readLabels(y, predicted.length, 'y');
    return predicted.reduce((right, label, sample) => right + (label === labels[sample] ? 1 : 0), 0) / predicted.length;
  }

  /**
   * The loss of all samples as one batch, and its gradients with respect to the weights, without an
   * update.
   */
  lossAndGradients(x: TensorLike | OneHotSequences, y: TensorLike): { loss: number; gradients: WeightTensors } {
    const samples = this.#readSamples(x, y, 'x', 'y');
    const { loss, gradients } = lossAndGradients(this.#builtWeights(), samples, allRows(samples.sequences), this.nCells, this.truncate);
    return { loss, gradients: toTensors(gradients, this.nCells) };
  }

  /** Copies of the weights. @throws {StateError} before `fit` or `setWeights` */
  getWeights(): WeightTensors {
    return toTensors(this.#builtWeights(), this.nCells);
  }

  /**
   * Sets the weights to copies of these.
   * @throws {ShapeError} when a weight has another shape; no weight has changed then
   * @throws {DataError} for a value that is not finite; no weight has changed then
   */
  setWeights(weights: { readonly [name in keyof Weights]: TensorLike }): void {
    this.#weights = fromTensors(weights, this.nCells);
  }

  /**
   * Called by `JSON.stringify`.
   * @throws {ArgumentError} always: what JSON would show of the object does not have the weights
   */
  toJSON(): never {
    throw new ArgumentError('JSON.stringify cannot write a RecurrentNetwork: give it network.getWeights()');
  }

  /** The number of trained numbers: `D H + H² + H + H + 1`. */
  countParams(): number {
    return Object.values(this.#builtWeights()).reduce((count: number, values: Float64Array) => count + values.length, 0);
  }

  /** Trains on all samples once in random order. Returns the mean loss of the batches. */
  #learnEpoch(samples: Samples, onBatch: (batch: { batch: number; batches: number; loss: number }) => void): number {
    const weights = this.#builtWeights();
    const order = this.#orderNumbers.permutation(samples.sequences.samples);
    const batches = Math.ceil(order.length / this.batchSize);
    let sum = 0;
    for (let batch = 0; batch < batches; batch++) {
      const rows = order.subarray(batch * this.batchSize, (batch + 1) * this.batchSize);
      const { loss, gradients } = lossAndGradients(weights, samples, rows, this.nCells, this.truncate);
      descend(weights, gradients, this.learningRate);
      sum += loss;
      onBatch({ batch: batch + 1, batches, loss });
    }
    return sum / batches;
  }

  #warnOfDivergence(epoch: number, loss: number): void {
    const what = `training diverged in epoch ${epoch} (loss ${loss}), and the weights are not finite any more`;
    const remedy = `Make a new network with a lower learningRate than ${this.learningRate}, or scale x to about -1 to 1`;
    warn('DIVERGED', `RecurrentNetwork.fit: ${what}. ${remedy}.`, this);
  }

  #loss({ sequences, labels }: Samples): number {
    const scores = this.#scores(sequences);
    return scores.reduce((sum, z2, sample) => sum + crossEntropy(sigmoid(z2), labels[sample]), 0) / scores.length;
  }

  /**
   * z2 of every sample, `[N]`; computed by batches, because a forward pass stores T hidden states.
   */
  #scores(sequences: Sequences): Float64Array {
    const weights = this.#builtWeights();
    const rows = allRows(sequences);
    const scores = new Float64Array(rows.length);
    for (let start = 0; start < rows.length; start += this.batchSize) {
      scores.set(forward(weights, sequences, rows.subarray(start, start + this.batchSize), this.nCells).z2, start);
    }
    return scores;
  }

  #builtWeights(): Weights {
    if (this.#weights === null) throw new StateError('RecurrentNetwork: there are no weights yet, call fit or setWeights first');
    return this.#weights;
  }

  #readInput(x: TensorLike | OneHotSequences, name: string): Sequences {
    const sequences = readSequences(x, name);
    const expected = this.#weights === null ? sequences.features : this.#weights.w1x.length / this.nCells;
    if (sequences.features !== expected) {
      throw new ShapeError(`RecurrentNetwork: ${name} must have ${expected} features as w1x has rows, got ${sequences.features}`);
    }
    return sequences;
  }

  #readSamples(x: TensorLike | OneHotSequences, y: TensorLike, xName: string, yName: string): Samples {
    const sequences = this.#readInput(x, xName);
    return { sequences, labels: readLabels(y, sequences.samples, yName) };
  }

  #readValidation({ xVal, yVal }: RecurrentNetworkFitOptions, features: number): Samples | null {
    if (xVal === undefined && yVal === undefined) return null;
    if (xVal === undefined || yVal === undefined) throw new ArgumentError('RecurrentNetwork.fit: xVal and yVal must be given together');
    const validation = this.#readSamples(xVal, yVal, 'xVal', 'yVal');
    if (validation.sequences.features !== features) {
      throw new ShapeError(`RecurrentNetwork.fit: xVal must have ${features} features as x has, got ${validation.sequences.features}`);
    }
    return validation;
  }
}

function allRows(sequences: Sequences): Int32Array {
  return Int32Array.from({ length: sequences.samples }, (_, row) => row);
}
