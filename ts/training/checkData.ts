import { DataError, ShapeError } from '../core/errors.ts';
import { checkFinite, LARGEST_FLOAT32 } from '../core/finite.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import { type Tensor, type TensorLike, toTensor } from '../core/tensor.ts';
import type { Graph } from '../model/graph.ts';
import { checkIntegers, checkProbabilities, checkValues } from './checkValues.ts';
import type { Column, Dataset } from './dataset.ts';
import type { Loss } from './losses/loss.ts';

/**
 * Checks inputs against a graph, which is built for them when it is not built yet.
 * @param argument the name for error messages: `x`, `validationData[0]`
 * @throws {DataError} when empty, or for a value that is not finite or an id outside the vocabulary; {ShapeError} when
 *   ragged or not what the first layer takes
 */
export function checkInputs(graph: Graph, x: TensorLike, argument: string): Dataset {
  const tensor = toTensor(x, argument);
  const [count, ...sample] = tensor.shape;
  if (!count) throw new DataError(`${argument} is empty: at least one sample is needed, got shape ${formatShape(tensor.shape)}`);
  if (sample.includes(0)) throw new DataError(`${argument} has samples of shape ${formatShape(sample)}, which hold nothing`);
  const features = graph.inputKind === 'ids' ? [] : sample.slice(-1);
  if (graph.built) withWholeShape(tensor, argument, () => graph.checkSample(sample, argument));
  checkValues(graph.layers[0], tensor, argument);
  // Last, so that data with other faults does not decide what the model is built for.
  if (!graph.built) withWholeShape(tensor, argument, () => graph.build(sample));
  const stepShape = features.length ? sample.slice(0, -1) : sample;
  return {
    count,
    sampleShape: sample,
    x: { data: tensor.data, steps: sizeOf(stepShape), features: sizeOf(features) },
    y: null,
    weight: null,
  };
}

/** Adds to an error about samples the shape that the user gave. */
function withWholeShape({ shape }: Tensor, argument: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof ShapeError)
      throw new ShapeError(`${error.message} (${argument} has shape ${formatShape(shape)})`, { cause: error });
    throw error;
  }
}

/**
 * Checks targets (and weights) for a model's output and adds them to checked inputs.
 * @throws {ShapeError} when they do not fit the output; {DataError} for values the loss cannot take
 */
export function addTargets(
  dataset: Dataset,
  graph: Graph,
  loss: Loss,
  y: TensorLike,
  sampleWeight: TensorLike | null,
  argument: string,
  weightArgument = 'sampleWeight',
): Dataset {
  const output = graph.outputShapeFor(dataset.sampleShape);
  const classes = output[output.length - 1] as number;
  const stepShape = output.slice(0, -1);
  const steps = sizeOf(stepShape);
  const tensor = toTensor(y, argument);
  const full = [dataset.count, ...(loss.targetKind === 'labels' ? stepShape : output)];
  const accepted = loss.targetKind === 'labels' ? [full, [...full, 1]] : classes === 1 ? [full, full.slice(0, -1)] : [full];
  if (!accepted.some((shape) => formatShape(shape) === formatShape(tensor.shape))) {
    throw new ShapeError(
      `${argument} has shape ${formatShape(tensor.shape)}, but ${dataset.count} samples with outputs of shape ${formatShape(output)} and loss '${loss.name}' ` +
        `take targets of shape ${accepted.map(formatShape).join(' or ')}`,
    );
  }
  if (loss.targetKind === 'labels') checkIntegers(tensor, classes, argument, `a class of the output: whole numbers 0 to ${classes - 1}`);
  else if (loss.probabilityTargets) checkProbabilities(tensor, argument, loss.name);
  else checkFinite(tensor, argument);
  const y0 = { data: tensor.data, steps, features: loss.targetKind === 'labels' ? 1 : classes };
  return { ...dataset, y: y0, weight: sampleWeight === null ? null : checkWeights(sampleWeight, dataset.count, steps, weightArgument) };
}

function checkWeights(sampleWeight: TensorLike, count: number, steps: number, argument: string): Column {
  const { shape, data } = toTensor(sampleWeight, argument);
  const perSample = shape.length === 1 && shape[0] === count;
  if (!perSample && !(shape.length === 2 && shape[0] === count && shape[1] === steps)) {
    throw new ShapeError(`${argument} must have shape [${count}]${steps > 1 ? ` or [${count}, ${steps}]` : ''}, got ${formatShape(shape)}`);
  }
  for (const value of data)
    if (!(value >= 0 && value <= LARGEST_FLOAT32)) throw new DataError(`${argument} holds ${value}: weights are finite and not negative`);
  const values = perSample ? Float64Array.from({ length: count * steps }, (_, index) => data[Math.floor(index / steps)] as number) : data;
  return { data: values, steps, features: 1 };
}
