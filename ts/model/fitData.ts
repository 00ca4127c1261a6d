import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import type { BatchesLike } from '../feed/batches.ts';
import { addTargets, checkInputs, type InputsLike, readInputs, type UnreadInputs, type WeightsLike } from '../feed/checkData.ts';
import { weighClasses } from '../feed/classWeight.ts';
import type { DataReader } from '../feed/dataReader.ts';
import { type Dataset, sliceDataset } from '../feed/dataset.ts';
import { GivenDataset, type Sequences } from '../feed/givenDataset.ts';
import type { Graph } from '../graph/graph.ts';
import type { Structure } from '../graph/structure.ts';
import type { SymbolicTensor } from '../layers/symbolicTensor.ts';
import type { OutputOptions } from '../objective/compilationTypes.ts';
import type { FitOptionsOf } from './fitOptions.ts';

/** The training data and the validation data of `fit`. */
export interface FitData {
  readonly dataset: Dataset;
  readonly validation: Dataset | null;
}

/** Validation data that is no iterable. */
type ValidationData = Exclude<NonNullable<FitOptionsOf['validationData']>, BatchesLike> | readonly [InputsLike, InputsLike, WeightsLike?];

/**
 * Checks and reads the arrays of `fit`, and splits off the validation data.
 * @param inputs `x`, whose shape was checked
 * @param validationSplit the resolved option
 * @throws {ArgumentError} for data of another kind, and options that do not fit the model
 * @throws {ShapeError} for data that does not fit the model or the other data
 * @throws {DataError} for a value that the model cannot take
 * @throws {OutOfMemoryError} when a copy for workers does not fit in memory
 */
export async function readTrainingData(
  outputs: readonly OutputOptions[],
  inputs: UnreadInputs,
  y: InputsLike | Sequences,
  options: FitOptionsOf,
  validationSplit: number,
  reader: DataReader,
): Promise<FitData> {
  const { sampleWeight, classWeight } = options;
  const { graph } = inputs;
  const all = await addTargets(await readInputs(inputs, reader), graph, outputs, y, sampleWeight ?? null, reader);
  const { dataset, validation } = validationSplit > 0 ? split(all, validationSplit) : { dataset: all, validation: null };
  if (classWeight == null) return { dataset, validation };
  if (outputs.length > 1)
    throw new ArgumentError('fit: classWeight is for models of one output: use sampleWeight, by the names of outputs');
  const classes = (graph.outputs[0] as SymbolicTensor).shape.at(-1) as number;
  const [{ loss }] = outputs as readonly [OutputOptions];
  return { dataset: await weighClasses(dataset, loss, classes, classWeight, reader), validation };
}

/**
 * Checks and reads the validation data of `fit`.
 * @param graph the graph that the data must fit
 * @throws {ArgumentError} for data of another kind, and options that do not fit the model
 * @throws {ShapeError} for data that does not fit the model or the other data
 * @throws {DataError} for a value that the model cannot take
 * @throws {OutOfMemoryError} when a copy for workers does not fit in memory
 */
export async function readValidation(
  structure: Structure,
  graph: Graph,
  outputs: readonly OutputOptions[],
  validationData: ValidationData,
  reader: DataReader,
): Promise<Dataset> {
  const given: unknown = validationData;
  if (validationData instanceof GivenDataset) {
    const inputs = await readInputs(checkInputs(structure, validationData.x, 'validationData[0]', graph), reader);
    if (validationData.y === null) throw new ArgumentError('fit: validationData has no targets: give timeseriesDatasetFromArray targets');
    return addTargets(inputs, graph, outputs, validationData.y, null, reader, 'validationData[1]');
  }
  if (!Array.isArray(given) || given.length < 2 || given.length > 3)
    throw new ArgumentError(
      `fit: validationData must be [x, y], [x, y, sampleWeight], a data set or an iterable of batches, got ${describe(given)}`,
    );
  const [x, y, weight] = validationData;
  const inputs = await readInputs(checkInputs(structure, x, 'validationData[0]', graph), reader);
  return addTargets(inputs, graph, outputs, y, weight ?? null, reader, 'validationData[1]', 'validationData[2]');
}

/** Splits off the validation samples from the end. */
function split(all: Dataset, validationSplit: number): FitData {
  const { count } = all;
  const kept = Math.floor(count * (1 - validationSplit));
  if (kept === 0 || kept === count) {
    throw new ArgumentError(
      `fit: validationSplit ${validationSplit} of ${count} samples leaves ${kept} to train on and ${count - kept} to validate on`,
    );
  }
  return { dataset: sliceDataset(all, 0, kept), validation: sliceDataset(all, kept, count) };
}
