import { encodeText } from '../../core/nodeGlobals.ts';
import { writeZip } from '../../data/writeZip.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Weight } from '../../layers/weight.ts';
import { compiledFromState } from '../../model/compilation.ts';
import type { ModelState, NamedArray } from '../../model/modelState.ts';
import { structureOf } from '../../model/restoreStructure.ts';
import { slotPath } from '../../model/savedArrays.ts';
import { type WrittenDataset, writeHDF5 } from '../hdf5/writeHDF5.ts';
import { joinedBytes } from '../joinedBytes.ts';
import { writeCompileConfig } from './compileConfig.ts';
import { kerasJSON } from './kerasJSON.ts';
import { convertSlot, extraValues, nadamProduct } from './optimizers.ts';
import { slotOrder } from './readOptimizerState.ts';
import { groupAttributes, weightPlaces } from './weightPlaces.ts';
import { writeLearned } from './writeLearned.ts';
import { kerasOrder, withoutMaskNames, writeModel } from './writeModel.ts';

/** The version of Keras whose form the files have. */
const KERAS_VERSION = '3.15.1';

/**
 * Writes a `.keras` file.
 * @throws {ArgumentError} for a layer, an option or an optimizer that Keras does not have
 */
export function encodeArchive(given: ModelState): Uint8Array {
  const state = withoutMaskNames(given);
  const { graph, layers } = structureOf(state);
  const built = graph as Graph;
  const described = kerasOrder(state);
  const arrays = new Map(state.weights.map((array) => [array.name, array]));
  const places = weightPlaces(layers, 'layers', described);
  const datasets: WrittenDataset[] = places.map(({ path, weight }) => {
    const { shape, data } = arrays.get(built.pathOf(weight)) as NamedArray;
    return { path, shape, data };
  });
  const learned = writeLearned(described);
  datasets.push(...learned.datasets);
  const { compile } = state;
  if (compile)
    datasets.push(
      ...optimizerDatasets(
        state,
        built,
        places.map(({ weight }) => weight),
      ),
    );
  const config = { ...writeModel(state), compile_config: compile ? writeCompileConfig(compile) : null };
  const date = new Date().toISOString();
  const metadata = {
    keras_version: KERAS_VERSION,
    date_saved: `${date.slice(0, 10)}@${date.slice(11, 19)}`,
    ...(Object.keys(state.metadata ?? {}).length > 0 ? { backtime: state.metadata } : {}),
  };
  return joinedBytes(
    writeZip(
      [
        ['metadata.json', encodeText(JSON.stringify(metadata))],
        ['config.json', encodeText(kerasJSON(config))],
        ['model.weights.h5', writeHDF5(datasets, ['layers', 'vars'], groupAttributes(state.name, layers, places))],
        ...learned.assets,
      ],
      'save',
    ),
  );
}

/** The variables of the optimizer, as Keras numbers them. */
function optimizerDatasets({ compile }: ModelState, graph: Graph, weights: readonly Weight[]): WrittenDataset[] {
  const { optimizer: described, iteration, slots } = compile as NonNullable<ModelState['compile']>;
  const { optimizer, trainable } = compiledFromState(compile as NonNullable<ModelState['compile']>, graph);
  const trained = new Set(graph.weightsOf(trainable));
  const kept = new Map(slots.map((slot) => [slot.name, slot]));
  const updates = optimizer.updatesAfter(iteration);
  const single = (value: number, isInteger = false) => ({ shape: [], data: isInteger ? Int32Array.of(value) : Float32Array.of(value) });
  const values: Omit<WrittenDataset, 'path'>[] = [single(iteration, true)];
  const { learningRate } = described.config;
  if (typeof learningRate === 'number') values.push(single(learningRate));
  const order = slotOrder(
    optimizer,
    described,
    weights.filter((weight) => trained.has(weight)),
  );
  for (const { slot, weight } of order) {
    // Before the first step nothing is kept: zeros in Backtime.
    const found = kept.get(slotPath(graph, weight, slot))?.data.slice() ?? new Float32Array(weight.shape.reduce((a, b) => a * b, 1));
    convertSlot(described, slot, found, updates, 'keras');
    values.push({ shape: weight.shape, data: found });
  }
  if (extraValues(described) > 0) values.push(single(nadamProduct(described, updates)));
  return values.map((value, index) => ({ path: `optimizer/vars/${index}`, ...value }));
}
