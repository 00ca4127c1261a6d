import { ArgumentError } from '../core/errors.ts';
import { describe } from '../core/shape.ts';
import type { TensorLike } from '../core/tensor.ts';
import type { Graph } from '../model/graph.ts';
import { addTargets, checkInputs, readInputs, type UnreadInputs } from './checkData.ts';
import { weighClasses } from './classWeight.ts';
import type { DataReader } from './dataReader.ts';
import { type Dataset, sliceDataset } from './dataset.ts';
import type { FitOptions } from './fitOptions.ts';
import type { Loss } from './losses/loss.ts';

/** What `fit` trains on, and what it validates on. */
export interface FitData {
  readonly dataset: Dataset;
  readonly validation: Dataset | null;
}

/**
 * Checks and reads all data that `fit` was given.
 * @param inputs its `x`, whose shape was checked
 * @param validationSplit what the option comes to
 * @throws {ArgumentError | ShapeError | DataError | OutOfMemoryError}
 */
export async function readFitData(
  graph: Graph,
  loss: Loss,
  inputs: UnreadInputs,
  y: TensorLike,
  options: FitOptions,
  validationSplit: number,
  reader: DataReader,
): Promise<FitData> {
  const { sampleWeight, classWeight, validationData } = options;
  const { sampleShape } = inputs;
  let all = await addTargets(await readInputs(inputs, reader), graph, loss, y, sampleWeight ?? null, reader);
  if (classWeight) {
    const classes = graph.asIfBuilt(sampleShape, () => graph.outputShapeFor(sampleShape)).at(-1) as number;
    all = await weighClasses(all, loss, classes, classWeight, reader);
  }
  if (validationData) {
    const given: unknown = validationData;
    if (!Array.isArray(given) || given.length < 2 || given.length > 3)
      throw new ArgumentError(`fit: validationData must be [x, y] or [x, y, sampleWeight], got ${describe(given)}`);
    const [x, yVal, weight] = validationData;
    const read = await readInputs(checkInputs(graph, x, 'validationData[0]', sampleShape), reader);
    const names = ['validationData[1]', 'validationData[2]'] as const;
    return { dataset: all, validation: await addTargets(read, graph, loss, yVal, weight ?? null, reader, ...names) };
  }
  return validationSplit > 0 ? split(all, validationSplit, Boolean(classWeight)) : { dataset: all, validation: null };
}

/** Takes the samples to validate on from the end. */
function split(all: Dataset, validationSplit: number, classesWeighed: boolean): FitData {
  const { count } = all;
  const kept = Math.floor(count * (1 - validationSplit));
  if (kept === 0 || kept === count) {
    throw new ArgumentError(
      `fit: validationSplit ${validationSplit} of ${count} samples leaves ${kept} to train on and ${count - kept} to validate on`,
    );
  }
  const validation = sliceDataset(all, kept, count);
  // Class weights are for training only, as in Keras.
  return { dataset: sliceDataset(all, 0, kept), validation: classesWeighed ? { ...validation, weight: null } : validation };
}
