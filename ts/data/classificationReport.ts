import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import { formatShape } from '../core/shape.ts';
import { type Tensor, type TensorLike, toTensor } from '../core/tensor.ts';
import { confusionMatrix } from './confusionMatrix.ts';

/** Options of {@link classificationReport}. */
export interface ClassificationReportOptions {
  /** The names of the classes. Default: their numbers. */
  targetNames?: readonly string[];
  /** The weight of each row. Default 1. */
  sampleWeight?: TensorLike;
  /** Digits after the point in the text. Default 2. */
  digits?: number;
}

/** Scores of one class, or means of several. */
export interface ClassScores {
  /** The fraction of the rows predicted as the class that are of the class; 0 if there are none. */
  readonly precision: number;
  /** The fraction of the rows of the class that were predicted as it; 0 if there are none. */
  readonly recall: number;
  /** The harmonic mean of precision and recall; 0 if both are 0. */
  readonly f1Score: number;
  /** The rows of the class, weighted. */
  readonly support: number;
}

/** The result of {@link classificationReport}. */
export interface ClassificationReport {
  /** Scores by the names of the classes. */
  readonly classes: Readonly<Record<string, ClassScores>>;
  readonly accuracy: number;
  /** The means over the classes. */
  readonly macroAverage: ClassScores;
  /** The means over the classes, weighted by their support. */
  readonly weightedAverage: ClassScores;
  /** `[C, C]`: row i, column j counts the rows of class i that were predicted as j. */
  readonly confusionMatrix: Tensor<Float64Array>;
  /** The report as a table. */
  readonly text: string;
}

/**
 * Precision, recall and F1 score of each class, the confusion matrix, and all of it as a text:
 * scikit-learn's `classification_report`.
 *
 * Every step of sequences is a row; `sampleWeight` 0 leaves padding out:
 *
 *     classificationReport(tags, await model.predict(ids), { targetNames, sampleWeight: isWord });
 *
 * @param yTrue classes `[N]`, classes of steps `[N, T]`, or one-hot rows `[N, C]` or `[N, T, C]`. If
 *   every row of two axes is one-hot, it has classes unless `yPred` has three axes
 * @param yPred classes of the same shape, or the outputs of a model `[N, C]` or `[N, T, C]`: the
 *   largest is the class; for one output, `[…, 1]`, class 1 is above 0.5
 * @throws {ShapeError} when the numbers of rows differ, or a shape is another one
 * @throws {DataError} for a value that is not a class
 * @throws {ArgumentError} for an unknown option or a value outside its range
 */
export function classificationReport(
  yTrue: TensorLike,
  yPred: TensorLike,
  options: ClassificationReportOptions = {},
): ClassificationReport {
  const where = 'classificationReport';
  checkOptions(options, ['targetNames', 'sampleWeight', 'digits'], where);
  const { targetNames, sampleWeight, digits = 2 } = options;
  if (!Number.isInteger(digits) || digits < 0 || digits > 20)
    throw new ArgumentError(`${where}: digits must be an integer from 0 to 20, got ${describe(digits)}`);
  const isNamed = targetNames === undefined || (Array.isArray(targetNames) && targetNames.every((name) => typeof name === 'string'));
  if (!isNamed || new Set(targetNames).size !== (targetNames ?? []).length)
    throw new ArgumentError(`${where}: targetNames must be different texts, got ${describe(targetNames)}`);
  const [given, outputs] = [toTensor(yTrue, `${where}: yTrue`), toTensor(yPred, `${where}: yPred`)];
  const truth = outputs.shape.length <= given.shape.length && isOneHot(given) ? largest(given) : flat(labelsOf(given, outputs));
  // Outputs have one axis more than classes.
  const said = outputs.shape.length > truth.axes ? largest(outputs) : flat(outputs);
  for (const [name, { axes }, { shape }] of [
    ['yTrue', truth, given],
    ['yPred', said, outputs],
  ] as const)
    if (axes > 2 || axes !== truth.axes || (axes === 2 && formatShape(shape.slice(0, 2)) !== formatShape(given.shape.slice(0, 2))))
      throw new ShapeError(
        `${where}: ${name} has shape ${formatShape(shape)} beside yTrue of shape ${formatShape(given.shape)}, expected classes [N] or [N, T], or one axis more for the outputs of a model`,
      );
  const numClasses = targetNames?.length ?? Math.max(truth.count, said.count);
  const matrix = confusionMatrix(truth.classes, said.classes, {
    ...(numClasses > 0 ? { numClasses } : {}),
    ...(sampleWeight === undefined ? {} : { sampleWeight }),
  });
  const [size] = matrix.shape as readonly [number];
  const at = (row: number, column: number) => matrix.data[row * size + column] as number;
  const sum = (of: (index: number) => number) => Array.from({ length: size }, (_, index) => of(index)).reduce((a, b) => a + b, 0);
  const ratio = (part: number, of: number) => (of === 0 ? 0 : part / of);
  const scores = Array.from({ length: size }, (_, k): ClassScores => {
    const support = sum((j) => at(k, j));
    const taken = sum((i) => at(i, k));
    return {
      precision: ratio(at(k, k), taken),
      recall: ratio(at(k, k), support),
      f1Score: ratio(2 * at(k, k), support + taken),
      support,
    };
  });
  const total = sum((k) => (scores[k] as ClassScores).support);
  const mean = (weightOf: (score: ClassScores) => number): ClassScores => {
    const all = scores.reduce((a, score) => a + weightOf(score), 0);
    const of = (name: 'precision' | 'recall' | 'f1Score') =>
      ratio(
        scores.reduce((a, score) => a + weightOf(score) * score[name], 0),
        all,
      );
    return { precision: of('precision'), recall: of('recall'), f1Score: of('f1Score'), support: total };
  };
  const accuracy = ratio(
    sum((k) => at(k, k)),
    total,
  );
  const names = targetNames ?? scores.map((_, k) => String(k));
  const averages = { macroAverage: mean(() => 1), weightedAverage: mean(({ support }) => support) };
  const rows: (readonly [string, ClassScores])[] = names.map((name, k) => [name, scores[k] as ClassScores]);
  return {
    classes: Object.fromEntries(rows),
    accuracy,
    ...averages,
    confusionMatrix: matrix,
    text: textOf(rows, accuracy, averages, digits),
  };
}

/** Classes, flat, and how many there are at least; 0 where only the largest tells it. */
interface Classes {
  readonly classes: Tensor;
  readonly count: number;
  /** 1 for samples, 2 for steps of sequences. */
  readonly axes: number;
}

const flat = ({ shape, data }: Tensor): Classes => ({ classes: { shape: [data.length], data }, count: 0, axes: shape.length });

/** Classes `[N, 1]`, as `fit` takes them, are those of N samples. */
function labelsOf({ shape, data }: Tensor, outputs: Tensor): Tensor {
  return shape.length === 2 && shape[1] === 1 && outputs.shape.length < 3 ? { shape: [data.length], data } : { shape, data };
}

/** Whether the rows along the last axis are those of `toCategorical`, or 0 and 1 alone. */
function isOneHot({ shape, data }: Tensor): boolean {
  const width = shape.at(-1) as number;
  if (shape.length < 2) return false;
  for (let start = 0; start < data.length; start += width) {
    let ones = 0;
    for (let column = 0; column < width; column++) {
      const value = data[start + column];
      if (value !== 0 && value !== 1) return false;
      ones += value;
    }
    if (ones !== 1 && width > 1) return false;
  }
  return true;
}

/**
 * The place of the largest number along the last axis; of a single one, whether it is above 0.5.
 */
function largest({ shape, data }: Tensor): Classes {
  const width = shape.at(-1) as number;
  const classes = Int32Array.from({ length: data.length / width }, (_, row) => {
    const at = (column: number) => data[row * width + column] as number;
    if (width === 1) return at(0) > 0.5 ? 1 : 0;
    let place = 0;
    for (let column = 1; column < width; column++) if (at(column) > at(place)) place = column;
    return place;
  });
  return { classes: { shape: [classes.length], data: classes }, count: Math.max(width, 2), axes: shape.length - 1 };
}

function textOf(
  rows: readonly (readonly [string, ClassScores])[],
  accuracy: number,
  { macroAverage, weightedAverage }: Pick<ClassificationReport, 'macroAverage' | 'weightedAverage'>,
  digits: number,
): string {
  const first = Math.max(...rows.map(([name]) => name.length), 'weighted avg'.length);
  const width = Math.max(digits + 8, 'precision'.length + 1);
  const line = (name: string, cells: readonly string[]) =>
    `${name.padStart(first)} ${cells.map((cell) => cell.padStart(width)).join('')}`.trimEnd();
  const cellsOf = ({ precision, recall, f1Score, support }: ClassScores) => [
    ...[precision, recall, f1Score].map((score) => score.toFixed(digits)),
    String(Number(support.toFixed(6))),
  ];
  return [
    line('', ['precision', 'recall', 'f1-score', 'support']),
    '',
    ...rows.map(([name, scores]) => line(name, cellsOf(scores))),
    '',
    line('accuracy', ['', '', accuracy.toFixed(digits), cellsOf(macroAverage)[3] as string]),
    line('macro avg', cellsOf(macroAverage)),
    line('weighted avg', cellsOf(weightedAverage)),
  ].join('\n');
}
