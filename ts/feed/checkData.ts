import { ArgumentError, DataError, ShapeError } from '../core/errors.ts';
import { checkFinite, place } from '../core/finite.ts';
import { formatShape, type Shape, sizeOf } from '../core/shape.ts';
import { type Source, sourceOf, type Tensor, type TensorLike } from '../core/tensor.ts';
import type { Graph } from '../graph/graph.ts';
import { byName, type Structure } from '../graph/structure.ts';
import type { Preprocessing } from '../layers/input.ts';
import type { NestedTexts } from '../layers/texts.ts';
import type { OutputOptions } from '../objective/compilationTypes.ts';
import type { Loss } from '../objective/loss.ts';
import { type CheckValues, checkWeights, inputCheck, integerCheck, probabilityCheck } from './checkValues.ts';
import type { DataReader, UnreadColumn } from './dataReader.ts';
import { type Column, type Dataset, stepOrder } from './dataset.ts';
import { Sequences } from './givenDataset.ts';
import { givenSource } from './givenSource.ts';

/**
 * The inputs of a model: one array or, for several inputs, an array of arrays or an object by the
 * inputs' names.
 */
export type InputsLike =
  | TensorLike
  | NestedTexts
  | readonly (TensorLike | NestedTexts)[]
  | Readonly<Record<string, TensorLike | NestedTexts>>;

/** Inputs whose shapes were checked. */
export interface UnreadInputs {
  /** The graph for them: the model's graph, or the graph that the model will be built as. */
  readonly graph: Graph;
  /** N */
  readonly count: number;
  /** The shape of one sample, for each input. */
  readonly sampleShapes: readonly Shape[];
  /** A column for each feed of the graph. */
  readonly x: readonly UnreadColumn[];
}

/**
 * Checks the shapes of inputs against a model, and changes nothing.
 * @param argument the argument's name, for error messages
 * @param like a graph to check against instead of the model's own
 * @throws {DataError} when there are no inputs
 * @throws {ShapeError} when the layers do not take them
 * @throws {ArgumentError} when an input is missing
 */
export function checkInputs(structure: Structure, x: InputsLike | Sequences, argument: string, like: Graph | null = null): UnreadInputs {
  const names = (like ?? structure.graph)?.inputNames ?? ['x'];
  if (x instanceof Sequences && names.length > 1)
    throw new ArgumentError(`a timeseries data set has one input, but the model has ${names.join(', ')}: give an iterable of batches`);
  const given = byName<TensorLike | Sequences>(x, names, argument).map(([name, original], input) => {
    const called = calledIn(names.length > 1 ? `${argument}.${name}` : argument, original);
    const value = prepared(original, structure.preprocessing[input] ?? [], called);
    const source = value instanceof Sequences ? value : givenSource(value, called);
    const [count, ...sample] = source.shape;
    if (!count) throw new DataError(`${called} is empty: at least one sample is needed, got shape ${formatShape(source.shape)}`);
    if (sample.includes(0)) throw new DataError(`${called} has samples of shape ${formatShape(sample)}, which have no values`);
    return { called, source, value, count, sample };
  });
  const [{ called: first, count }] = given as [(typeof given)[number]];
  for (const other of given) {
    if (other.count !== count)
      throw new ShapeError(`${other.called} has ${other.count} samples, but ${first} has ${count}: all inputs need the same number`);
  }
  const sampleShapes = given.map(({ sample }) => sample);
  const check = (): Graph => {
    const graph = like ?? structure.graphFor(sampleShapes);
    for (const [index, { sample, called }] of given.entries()) graph.checkSample(sample, index, called);
    graph.outputShapesFor(sampleShapes);
    return graph;
  };
  const [only] = given as [(typeof given)[number]];
  const graph = names.length > 1 ? check() : withWholeShape(only, argument, check);
  const columns = graph.feeds.map(({ input, kind, layers, dtype }) => {
    const { source, called, sample } = given[input] as (typeof given)[number];
    const axes = kind === 'ids' ? sample : sample.slice(0, -1);
    const features = kind === 'ids' ? 1 : (sample[sample.length - 1] as number);
    const check = inputCheck(kind, layers, dtype);
    return { source, argument: called, check, steps: sizeOf(axes), features, order: stepOrder(axes), repeat: 1 };
  });
  return { graph, count, sampleShapes, x: columns };
}

/** The data of an input after its preprocessing layers. */
function prepared(value: TensorLike | Sequences, layers: readonly Preprocessing[], argument: string): TensorLike | Sequences {
  if (layers.length === 0) return value;
  const process = (data: unknown) => layers.reduce((made, layer) => layer.process(made, argument), data) as Tensor;
  return value instanceof Sequences ? value.prepared(process) : process(value);
}

/** The name of data for error messages. @param argument the argument that it was given as */
function calledIn(argument: string, value: unknown): string {
  return value instanceof Sequences ? value.calledIn(argument) : argument;
}

/** Reads inputs and checks their values. @throws the errors of `DataReader.read` */
export async function readInputs({ count, sampleShapes, x }: UnreadInputs, reader: DataReader): Promise<Dataset> {
  const columns: Column[] = [];
  for (const column of x) columns.push(await reader.read(column));
  return { count, sampleShapes, x: columns, y: [], weight: [] };
}

/** Adds the shape of the user's array to an error about samples. */
function withWholeShape<T>(
  { source: { shape }, value }: { source: Source | Sequences; value: unknown },
  argument: string,
  check: () => T,
): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof ShapeError) {
      const remedy =
        value instanceof Sequences && shape.length === 2
          ? `: give timeseriesDatasetFromArray a series of one feature as [rows, 1], { shape: [rows, 1], data }`
          : '';
      throw new ShapeError(`${error.message} (${argument} has shape ${formatShape(shape)})${remedy}`, { cause: error });
    }
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
  outputs: readonly OutputOptions[],
  y: InputsLike | Sequences,
  sampleWeight: WeightsLike | null,
  reader: DataReader,
  argument = 'y',
  weightArgument = 'sampleWeight',
): Promise<Dataset> {
  const { count, sampleShapes } = dataset;
  const names = graph.outputNames;
  const shapes = graph.outputShapesFor(sampleShapes);
  const targets: Column[] = [];
  const called = (base: string, name: string) => (names.length > 1 ? `${base}.${name}` : base);
  for (const [index, [name, of]] of byName<TensorLike | Sequences>(y, names, argument).entries()) {
    const { loss } = outputs[index] as OutputOptions;
    targets.push(await reader.read(targetsOf(of, count, shapes[index] as Shape, loss, calledIn(called(argument, name), of))));
  }
  const weight: (Column | null)[] = [];
  for (const [index, of] of weightsFor(sampleWeight, names).entries()) {
    const target = targets[index] as Column;
    weight.push(of === null ? null : await reader.read(weightsOf(of, count, target, called(weightArgument, names[index] as string))));
  }
  return { ...dataset, y: targets, weight };
}

/** Weights for all outputs, or an object of those of some outputs by their names. */
export type WeightsLike = TensorLike | Readonly<Record<string, TensorLike>>;

/** The weights of each output. @throws {ArgumentError} for a name that is no output's */
function weightsFor(sampleWeight: WeightsLike | null, names: readonly string[]): readonly (TensorLike | null)[] {
  const isRecord =
    typeof sampleWeight === 'object' &&
    sampleWeight !== null &&
    !Array.isArray(sampleWeight) &&
    !ArrayBuffer.isView(sampleWeight) &&
    !('data' in sampleWeight);
  if (!isRecord) return names.map(() => sampleWeight as TensorLike | null);
  for (const name of Object.keys(sampleWeight))
    if (!names.includes(name)) throw new ArgumentError(`sampleWeight has '${name}', expected one of the outputs ${names.join(', ')}`);
  return names.map((name) => (Object.hasOwn(sampleWeight, name) ? ((sampleWeight as Record<string, TensorLike>)[name] ?? null) : null));
}

/** The loss that takes the targets: they are one-hot and should be classes, or the other way. */
function otherLoss(shape: Shape, full: Shape, classes: number, { name }: Loss): string {
  const isShape = (of: Shape) => formatShape(of) === formatShape(shape);
  if (name === 'sparseCategoricalCrossentropy')
    return isShape([...full, classes]) ? ": for one-hot targets use 'categoricalCrossentropy'" : '';
  const ofLabels = name === 'categoricalCrossentropy' && (isShape(full.slice(0, -1)) || isShape([...full.slice(0, -1), 1]));
  return ofLabels ? ": for indices of classes use 'sparseCategoricalCrossentropy'" : '';
}

function targetsOf(y: TensorLike | Sequences, count: number, output: Shape, loss: Loss, argument: string): UnreadColumn {
  const classes = output[output.length - 1] as number;
  const stepShape = output.slice(0, -1);
  const source = y instanceof Sequences ? y : givenSource(y, argument, true);
  if (loss.targetKind === 'labelSequences') return labelSequencesOf(source, count, output, loss, argument);
  const units = loss.targetUnits ?? classes;
  const full = [count, ...stepShape, ...(loss.targetKind === 'labels' ? [] : [units])];
  const accepted = loss.targetKind === 'labels' ? [full, [...full, 1]] : units === 1 ? [full, full.slice(0, -1)] : [full];
  if (!accepted.some((shape) => formatShape(shape) === formatShape(source.shape))) {
    throw new ShapeError(
      `${argument} has shape ${formatShape(source.shape)}, but ${count} samples with outputs of shape ${formatShape(output)} and loss '${loss.name}' ` +
        `take targets of shape ${accepted.map(formatShape).join(' or ')}${otherLoss(source.shape, full, classes, loss)}`,
    );
  }
  const features = loss.targetKind === 'labels' ? 1 : units;
  return {
    source,
    argument,
    check: targetCheck(loss, classes),
    steps: sizeOf(stepShape),
    features,
    order: stepOrder(stepShape),
    repeat: 1,
  };
}

/** The labels of whole samples, as a column of the output's steps. */
function labelSequencesOf(
  source: Source | Sequences,
  count: number,
  [steps, classes]: Shape,
  { name, padding }: Loss,
  argument: string,
): UnreadColumn {
  const { shape } = source;
  if (source instanceof Sequences || shape.length !== 2 || shape[0] !== count)
    throw new ShapeError(
      `${argument} has shape ${formatShape(shape)}, but ${count} samples and loss '${name}' take sequences of labels, [${count}, labels]`,
    );
  const isLabel = integerCheck(classes as number, `a class of the output: integers 0 to ${(classes as number) - 1}`);
  const length = shape[1] as number;
  const check: CheckValues = (tensor, called, start = 0, end = tensor.data.length) => {
    isLabel(tensor, called, start, end);
    for (let index = start; length > (steps as number) && index < end; index++)
      if (index % length >= (steps as number) && tensor.data[index] !== padding)
        throw new DataError(
          `${place(called, tensor.shape, index)} is the label ${tensor.data[index]}, but the output has ${steps} steps and cannot have more labels: ` +
            `only padding (${padding}) may come after them`,
        );
  };
  return { source, argument, check, steps: steps as number, features: 1, order: null, repeat: 1, padding };
}

function targetCheck(loss: Loss, classes: number): CheckValues {
  if (loss.anyLabels) return integerCheck(2 ** 31, 'a label: integers of at least 0');
  if (loss.targetKind === 'labels') {
    const { ignoreClass } = loss;
    const orIgnored =
      ignoreClass !== null
        ? `, or ignoreClass, ${ignoreClass}`
        : loss.perSample
          ? '; those of masked steps do not count, so pad with 0'
          : '';
    return integerCheck(classes, `a class of the output: integers 0 to ${classes - 1}${orIgnored}`, ignoreClass);
  }
  return loss.probabilityTargets ? probabilityCheck(loss.name) : checkFinite;
}

function weightsOf(sampleWeight: TensorLike, count: number, { steps, order }: Column, argument: string): UnreadColumn {
  const source = sourceOf(sampleWeight, argument);
  const { shape } = source;
  const perSample = shape.length === 1 && shape[0] === count;
  if (!perSample && !(shape.length === 2 && shape[0] === count && shape[1] === steps)) {
    throw new ShapeError(`${argument} must have shape [${count}]${steps > 1 ? ` or [${count}, ${steps}]` : ''}, got ${formatShape(shape)}`);
  }
  return { source, argument, check: checkWeights, steps, features: 1, order, repeat: perSample ? steps : 1 };
}
