import { ArgumentError, DataError, ShapeError } from '../core/errors.ts';
import { checkFinite, place } from '../core/finite.ts';
import { booleanOption, checkOptions, oneOf } from '../core/options.ts';
import { formatShape, nonNegativeInteger, positiveInteger } from '../core/shape.ts';
import { type TensorLike, toTensor } from '../core/tensor.ts';

/** Options of {@link ctcDecode}. */
export interface CTCDecodeOptions {
  /**
   * 'greedy': the most probable class of each step, read as one path. 'beamSearch': the readings
   * with the largest probability, summed over all paths with the same reading. Default 'greedy'.
   */
  strategy?: 'greedy' | 'beamSearch';
  /** `[N]`: the number of valid steps of each sample, from the first one on. Default: all. */
  sequenceLengths?: readonly number[];
  /** Beam search: the number of beginnings of readings that are kept at each step. Default 100. */
  beamWidth?: number;
  /** Beam search: the largest number of readings to return. Default 1. */
  topPaths?: number;
  /**
   * Greedy: whether equal classes of steps next to each other are one label. Default true. Beam
   * search always merges them.
   */
  mergeRepeated?: boolean;
  /** The class of the blank. Default 0. */
  maskIndex?: number;
  /**
   * Whether the outputs are scores before the softmax, as `CTC` takes them. Default true, as in
   * Keras; false for probabilities.
   */
  fromLogits?: boolean;
}

/** A reading of a sample. */
export interface CTCPath {
  /** The labels without blanks. */
  readonly labels: number[];
  /**
   * Beam search: the logarithm of the probability of the reading. Greedy: the negative sum of the
   * outputs of the most probable classes, as in Keras.
   */
  readonly score: number;
}

/**
 * Reads the outputs of a model that was trained with `CTC`.
 * https://keras.io/api/ops/nn/#ctc_decode-function
 *
 *     const paths = ctcDecode(await model.predict(x), { strategy: 'beamSearch' });
 *     paths[0][0].labels;   // those of the first sample
 *
 * @param outputs `[N, steps, classes]`
 * @returns for each sample its readings, the most probable first
 * @throws {ShapeError} for outputs of another shape
 * @throws {ArgumentError} for an unknown option or a value outside its range
 * @throws {DataError} for an output that is not finite, and without `fromLogits` for one below 0
 */
export function ctcDecode(outputs: TensorLike, options: CTCDecodeOptions = {}): CTCPath[][] {
  const known = ['strategy', 'sequenceLengths', 'beamWidth', 'topPaths', 'mergeRepeated', 'maskIndex', 'fromLogits'];
  checkOptions(options, known, 'ctcDecode');
  const tensor = toTensor(outputs, 'outputs');
  const [count, steps, classes] = tensor.shape as readonly [number, number, number];
  if (tensor.shape.length !== 3)
    throw new ShapeError(`ctcDecode: outputs must have shape [samples, steps, classes], got ${formatShape(tensor.shape)}`);
  checkFinite(tensor, 'outputs');
  const strategy = oneOf(options.strategy ?? 'greedy', ['greedy', 'beamSearch'], 'ctcDecode: strategy');
  const maskIndex = nonNegativeInteger(options.maskIndex ?? 0, 'ctcDecode: maskIndex');
  if (maskIndex >= classes)
    throw new ArgumentError(`ctcDecode: maskIndex must be one of the classes 0 to ${classes - 1}, got ${maskIndex}`);
  const beamWidth = positiveInteger(options.beamWidth ?? 100, 'ctcDecode: beamWidth');
  const topPaths = positiveInteger(options.topPaths ?? 1, 'ctcDecode: topPaths');
  if (strategy === 'greedy' && topPaths > 1)
    throw new ArgumentError(`ctcDecode: topPaths is ${topPaths}, but the strategy 'greedy' has one path: use strategy 'beamSearch'`);
  const mergeRepeated = booleanOption(options.mergeRepeated, true, 'ctcDecode: mergeRepeated');
  if (strategy === 'beamSearch' && !mergeRepeated)
    throw new ArgumentError("ctcDecode: the strategy 'beamSearch' merges repeated classes: mergeRepeated: false is for 'greedy'");
  const fromLogits = booleanOption(options.fromLogits, true, 'ctcDecode: fromLogits');
  const lengths = lengthsOf(options.sequenceLengths, count, steps);
  return Array.from({ length: count }, (_, sample) => {
    const rows = Array.from({ length: lengths[sample] as number }, (_, step) => {
      const start = (sample * steps + step) * classes;
      const row = Float64Array.from(tensor.data.subarray(start, start + classes));
      if (fromLogits) return row;
      const negative = row.findIndex((value) => value < 0);
      if (negative >= 0)
        throw new DataError(
          `${place('outputs', tensor.shape, start + negative)} is ${row[negative]}, but fromLogits is false: outputs are probabilities then`,
        );
      return row.map(Math.log);
    });
    if (strategy === 'greedy') return [greedy(rows, maskIndex, mergeRepeated)];
    return beamSearch(fromLogits ? rows.map(logSoftmax) : rows, maskIndex, beamWidth, topPaths);
  });
}

function lengthsOf(given: unknown, count: number, steps: number): readonly number[] {
  if (given === undefined) return new Array<number>(count).fill(steps);
  const lengths = Array.from(toTensor(given as TensorLike, 'sequenceLengths').data);
  if (lengths.length !== count)
    throw new ArgumentError(`ctcDecode: sequenceLengths must have a length for each of ${count} samples, got ${lengths.length}`);
  for (const [sample, length] of lengths.entries())
    if (!(Number.isInteger(length) && length >= 0 && length <= steps))
      throw new ArgumentError(`ctcDecode: sequenceLengths[${sample}] must be an integer from 0 to ${steps}, got ${length}`);
  return lengths;
}

/** `log(exp(a) + exp(b))` */
function logAdd(a: number, b: number): number {
  const largest = Math.max(a, b);
  return largest === Number.NEGATIVE_INFINITY ? largest : largest + Math.log(Math.exp(a - largest) + Math.exp(b - largest));
}

function logSoftmax(scores: Float64Array): Float64Array {
  const sum = scores.reduce(logAdd);
  return scores.map((score) => score - sum);
}

function greedy(rows: readonly Float64Array[], blank: number, mergeRepeated: boolean): CTCPath {
  const labels: number[] = [];
  let score = 0;
  let before = blank;
  for (const row of rows) {
    let best = 0;
    for (let k = 1; k < row.length; k++) if ((row[k] as number) > (row[best] as number)) best = k;
    score -= row[best] as number;
    if (best !== blank && !(mergeRepeated && best === before)) labels.push(best);
    before = best;
  }
  return { labels, score };
}

/** The beginning of a reading, as a tree: its last label, and the beginning before that. */
interface Prefix {
  readonly before: Prefix | null;
  /** -1 of the empty beginning. */
  readonly label: number;
  readonly longer: Map<number, Prefix>;
  /** Log probabilities of the paths to it that end with a blank, and with its last label. */
  blank: number;
  repeated: number;
}

/** Hannun et al. 2014, "First-Pass Large Vocabulary Continuous Speech Recognition". */
function beamSearch(rows: readonly Float64Array[], blank: number, beamWidth: number, topPaths: number): CTCPath[] {
  const NEVER = Number.NEGATIVE_INFINITY;
  const total = (prefix: Prefix) => logAdd(prefix.blank, prefix.repeated);
  let beam: Prefix[] = [{ before: null, label: -1, longer: new Map(), blank: 0, repeated: NEVER }];
  for (const row of rows) {
    // Each beginning with its probabilities after this step.
    const next = new Map<Prefix, { blank: number; repeated: number }>();
    const at = (prefix: Prefix) => {
      const found = next.get(prefix) ?? { blank: NEVER, repeated: NEVER };
      next.set(prefix, found);
      return found;
    };
    for (const prefix of beam) {
      const both = total(prefix);
      const same = at(prefix);
      same.blank = logAdd(same.blank, both + (row[blank] as number));
      if (prefix.label >= 0) same.repeated = logAdd(same.repeated, prefix.repeated + (row[prefix.label] as number));
      for (let label = 0; label < row.length; label++) {
        if (label === blank) continue;
        // The last label again is a new label only after a blank.
        const come = (label === prefix.label ? prefix.blank : both) + (row[label] as number);
        if (come === NEVER) continue;
        const longer = prefix.longer.get(label) ?? { before: prefix, label, longer: new Map(), blank: NEVER, repeated: NEVER };
        prefix.longer.set(label, longer);
        const reached = at(longer);
        reached.repeated = logAdd(reached.repeated, come);
      }
    }
    for (const [prefix, probabilities] of next) Object.assign(prefix, probabilities);
    beam = [...next.keys()].sort((a, b) => total(b) - total(a)).slice(0, beamWidth);
  }
  return beam.slice(0, topPaths).map((prefix) => ({ labels: labelsOf(prefix), score: total(prefix) }));
}

function labelsOf(prefix: Prefix): number[] {
  const labels: number[] = [];
  for (let at: Prefix | null = prefix; at && at.label >= 0; at = at.before) labels.unshift(at.label);
  return labels;
}
