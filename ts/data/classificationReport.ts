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
 * @param yTrue classes `[N]`, or one-hot rows `[N, C]`
 * @param yPred classes `[N]`, or the outputs of a model `[N, C]`: the class with the largest counts;
 *   of one output, `[N, 1]`, above 0.5 class 1
 * @throws {ShapeError} when they do not have as many rows
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
  const [truth, said] = [classesOf(yTrue, `${where}: yTrue`), classesOf(yPred, `${where}: yPred`)];
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

/** Classes `[N]`, and how many there are at least; 0 where only the largest tells it. */
function classesOf(value: TensorLike, argument: string): { classes: Tensor; count: number } {
  const tensor = toTensor(value, argument);
  if (tensor.shape.length === 1) return { classes: tensor, count: 0 };
  if (tensor.shape.length !== 2)
    throw new ShapeError(`${argument} must have shape [rows] or [rows, classes], got ${formatShape(tensor.shape)}`);
  const [rows, width] = tensor.shape as readonly [number, number];
  const classes = Int32Array.from({ length: rows }, (_, row) => {
    const at = (column: number) => tensor.data[row * width + column] as number;
    if (width === 1) return at(0) > 0.5 ? 1 : 0;
    let largest = 0;
    for (let column = 1; column < width; column++) if (at(column) > at(largest)) largest = column;
    return largest;
  });
  return { classes: { shape: [rows], data: classes }, count: Math.max(width, 2) };
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
