import { DataError, ShapeError } from '../core/errors.ts';
import { checkFinite } from '../core/finite.ts';
import { formatShape, type Shape, sizeOf } from '../core/shape.ts';
import { type Source, sourceOf, type TensorLike } from '../core/tensor.ts';
import type { Graph } from '../model/graph.ts';
import { type CheckValues, checkWeights, inputCheck, integerCheck, probabilityCheck } from './checkValues.ts';
import type { DataReader } from './dataReader.ts';
import type { Dataset } from './dataset.ts';
import type { Loss } from './losses/loss.ts';

/** An array whose shape was checked. Its values have not been read or checked yet. */
export interface UnreadColumn {
  readonly source: Source;
  /** The argument's name, for error messages: `x`, `validationData[0]`. */
  readonly argument: string;
  readonly check: CheckValues;
  /** T, as in `Column`. */
  readonly steps: number;
  readonly features: number;
  /** The number of times that the column repeats each value. */
  readonly repeat: number;
}

/** Inputs whose shape was checked. */
export interface UnreadInputs {
  /** N */
  readonly count: number;
  /** One sample's shape. */
  readonly sampleShape: Shape;
  readonly x: UnreadColumn;
}

/**
 * Checks the shape of inputs against a graph, and changes nothing.
 * @param argument the argument's name, for error messages
 * @param builtFor the shape of one sample that a graph will be built for, if it is not built. Default: the shape of these inputs
 * @throws {DataError} when there are no inputs
 * @throws {ShapeError} when the first layer does not take them
 */
export function checkInputs(graph: Graph, x: TensorLike, argument: string, builtFor: Shape | null = null): UnreadInputs {
  const source = sourceOf(x, argument);
  const [count, ...sample] = source.shape;
  if (!count) throw new DataError(`${argument} is empty: at least one sample is needed, got shape ${formatShape(source.shape)}`);
  if (sample.includes(0)) throw new DataError(`${argument} has samples of shape ${formatShape(sample)}, which have no values`);
  const features = graph.inputKind === 'ids' ? [] : sample.slice(-1);
  const stepShape = features.length ? sample.slice(0, -1) : sample;
  withWholeShape(source.shape, argument, () => {
    graph.asIfBuilt(builtFor ?? sample, () => graph.checkSample(sample, argument));
  });
  const check = inputCheck(graph.layers[0]);
  return { count, sampleShape: sample, x: { source, argument, check, steps: sizeOf(stepShape), features: sizeOf(features), repeat: 1 } };
}

/** Reads inputs and checks their values. @throws the errors of `DataReader.read` */
export async function readInputs({ count, sampleShape, x }: UnreadInputs, reader: DataReader): Promise<Dataset> {
  return { count, sampleShape, x: await reader.read(x), y: null, weight: null };
}

/** Adds the shape of the user's array to an error about samples. */
function withWholeShape(shape: Shape, argument: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof ShapeError)
      throw new ShapeError(`${error.message} (${argument} has shape ${formatShape(shape)})`, { cause: error });
    throw error;
  }
}

/**
 * Checks and reads targets (and weights) for a model's output, and adds them to checked inputs.
 * @throws {ShapeError} when they do not fit the output
 * @throws the errors of `DataReader.read`
 */
export async function addTargets(
  dataset: Dataset,
  graph: Graph,
  loss: Loss,
  y: TensorLike,
  sampleWeight: TensorLike | null,
  reader: DataReader,
  argument = 'y',
  weightArgument = 'sampleWeight',
): Promise<Dataset> {
  const { count, sampleShape } = dataset;
  const output = graph.asIfBuilt(sampleShape, () => graph.outputShapeFor(sampleShape));
  const targets = await reader.read(targetsOf(y, count, output, loss, argument));
  if (sampleWeight === null) return { ...dataset, y: targets };
  return { ...dataset, y: targets, weight: await reader.read(weightsOf(sampleWeight, count, targets.steps, weightArgument)) };
}

function targetsOf(y: TensorLike, count: number, output: Shape, loss: Loss, argument: string): UnreadColumn {
  const classes = output[output.length - 1] as number;
  const stepShape = output.slice(0, -1);
  const source = sourceOf(y, argument);
  const full = [count, ...(loss.targetKind === 'labels' ? stepShape : output)];
  const accepted = loss.targetKind === 'labels' ? [full, [...full, 1]] : classes === 1 ? [full, full.slice(0, -1)] : [full];
  if (!accepted.some((shape) => formatShape(shape) === formatShape(source.shape))) {
    throw new ShapeError(
      `${argument} has shape ${formatShape(source.shape)}, but ${count} samples with outputs of shape ${formatShape(output)} and loss '${loss.name}' ` +
        `take targets of shape ${accepted.map(formatShape).join(' or ')}`,
    );
  }
  const features = loss.targetKind === 'labels' ? 1 : classes;
  return { source, argument, check: targetCheck(loss, classes), steps: sizeOf(stepShape), features, repeat: 1 };
}

function targetCheck(loss: Loss, classes: number): CheckValues {
  if (loss.targetKind === 'labels') return integerCheck(classes, `a class of the output: whole numbers 0 to ${classes - 1}`);
  return loss.probabilityTargets ? probabilityCheck(loss.name) : checkFinite;
}

function weightsOf(sampleWeight: TensorLike, count: number, steps: number, argument: string): UnreadColumn {
  const source = sourceOf(sampleWeight, argument);
  const { shape } = source;
  const perSample = shape.length === 1 && shape[0] === count;
  if (!perSample && !(shape.length === 2 && shape[0] === count && shape[1] === steps)) {
    throw new ShapeError(`${argument} must have shape [${count}]${steps > 1 ? ` or [${count}, ${steps}]` : ''}, got ${formatShape(shape)}`);
  }
  return { source, argument, check: checkWeights, steps, features: 1, repeat: perSample ? steps : 1 };
}
