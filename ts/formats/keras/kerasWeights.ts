import { describe } from '../../core/describe.ts';
import { ArgumentError, FormatError } from '../../core/errors.ts';
import type { FloatArray } from '../../core/numericArray.ts';
import { formatShape, sameShape } from '../../core/shape.ts';
import type { Layer } from '../../layers/layer.ts';
import type { Weight } from '../../layers/weight.ts';
import type { WeightNames } from '../../model/weightFileOptions.ts';
import { isZip } from '../fileSignatures.ts';
import { HDF5Dataset } from '../hdf5/dataset.ts';
import { HDF5Group } from '../hdf5/group.ts';
import { readHDF5 } from '../hdf5/readHDF5.ts';
import { writeHDF5 } from '../hdf5/writeHDF5.ts';
import type { ReadWeights, WeightFormatCode, WeightsToRead, WeightsToWrite } from '../weights/weightFormat.ts';
import { fromCuDNN } from './cudnnWeights.ts';
import { kerasLayers } from './kerasGraph.ts';
import { legacyOrder } from './legacyOrder.ts';
import { listedTexts } from './listedTexts.ts';
import { openArchive } from './openArchive.ts';
import { datasetsIn, pathIn } from './readWeights.ts';
import { groupAttributes, weightPlaces } from './weightPlaces.ts';
import { kerasOrder } from './writeModel.ts';

/**
 * Weights in the HDF5 files of Keras: `.weights.h5` of Keras 3, read and written; `.h5` of Keras 2
 * and `.keras`, read.
 */
export const KERAS_WEIGHTS: WeightFormatCode = { read, write };

/** Entries of Keras besides weights: states of random numbers and metrics. */
const UNUSED = /(^|\/)(seed_generator|metrics|loss_tracker)(_\d+)?\//;
/** The most problems that a message lists. */
const MOST = 6;

/** A layer of a file: where each of the weights of a layer of the model would be. */
interface FileLayer {
  /** The layer's own name in Keras. */
  readonly name: string;
  /** The paths of the datasets, in the order of the weights of the layer. */
  pathsFor(layer: Layer): readonly string[];
}

/** The layers of a file, and what they have. */
interface WeightFile {
  readonly root: HDF5Group;
  /** The layer of the file at the place of a layer of the model; undefined when there is none. */
  atPlaceOf(layer: Layer): FileLayer | undefined;
  /** The weights of a layer of the model, in the order of the file. */
  orderOf(layer: Layer): readonly Weight[];
  /** All of them. Two may have one name. */
  readonly layers: readonly FileLayer[];
  readonly paths: readonly string[];
}

function read({ source, called, model, graph, names, skipMismatch, byName }: WeightsToRead): ReadWeights {
  if (!(source instanceof Uint8Array))
    throw new ArgumentError("loadWeights: format 'keras' is for files; give arrays by their names to setWeights");
  const bytes = isZip(source) ? openArchive(source, `loadWeights: ${called}`).read('model.weights.h5') : source;
  const all = kerasLayers(model.layers, graph);
  const layers = all.filter(({ weights }) => weights.length > 0);
  const file = weightFile(readHDF5(bytes, called, source.length), layers, all, called);
  const named = namesOf(names, layers, file);
  const left = new Set(file.paths);
  const values = new Map<Weight, FloatArray>();
  const problems: string[] = [];
  const tried = new Set<string>();
  for (const layer of layers) {
    const given = named.get(layer.name);
    const name = given ?? (byName ? layer.name : null);
    const found = name === null ? file.atPlaceOf(layer) : file.layers.find((each) => each.name === name);
    if (!found) {
      if (!byName) problems.push(`it has no ${describe(layer.className)} for ${layer.title}`);
      continue;
    }
    const weights = file.orderOf(layer);
    const paths = found.pathsFor(layer);
    for (const path of paths) tried.add(path);
    if (paths.length !== weights.length) {
      problems.push(`${describe(found.name)} has ${paths.length} weights, ${layer.title} has ${weights.length}`);
      continue;
    }
    const converted = fromCuDNN(layer, file.root, paths);
    const read = converted ?? weights.map((weight, index) => valuesOf(file.root, paths[index] as string, weight, problems));
    // A layer that fits in part would compute with weights of two models.
    if (!read.every((each) => each !== null)) continue;
    for (const [index, weight] of weights.entries()) {
      values.set(weight, read[index] as FloatArray);
      left.delete(paths[index] as string);
    }
  }
  const unexpected = [...left].filter((path) => !UNUSED.test(path));
  const untaken = unexpected.filter((path) => !tried.has(path));
  if (!byName) problems.push(...untaken.slice(0, MOST).map((path) => `no layer takes its '${path}'`));
  if (problems.length > 0 && !skipMismatch)
    throw new FormatError(
      `loadWeights: ${called} does not fit model ${model.name}: ${problems.slice(0, MOST).join('; ')}${problems.length > MOST ? '; …' : ''}. ` +
        `skipMismatch: true loads the layers that fit${byName ? '' : ', byName: true those of the same name'}. No weight has changed`,
    );
  return { values, unexpected };
}

/** Writes `.weights.h5`, as `model.save_weights` of Keras 3 does. */
function write({ model, values, names }: WeightsToWrite): Uint8Array {
  const state = model.getState(false);
  const places = weightPlaces(model.layers, 'layers', kerasOrder(state));
  const datasets = places.map(({ path, weight }) => ({ path, shape: weight.shape, data: values.get(weight) as FloatArray }));
  const inFile = new Map<string, string>();
  for (const [name, own] of Object.entries(names)) {
    if (typeof own !== 'string' || !model.layers.some((layer) => layer.name === own))
      throw new ArgumentError(`saveWeights: names.${name} must be the name of one layer of the model, got ${describe(own)}`);
    inFile.set(own, name);
  }
  const attributes = groupAttributes(model.name, model.layers, places, (name) => inFile.get(name) ?? name);
  return writeHDF5(datasets, ['layers', 'vars'], attributes);
}

/** Values of a weight; null after noting a problem. Shapes are compared before memory is taken. */
function valuesOf(root: HDF5Group, path: string, weight: Weight, problems: string[]): FloatArray | null {
  const found = root.get(path);
  const fail = (problem: string) => {
    problems.push(problem);
    return null;
  };
  if (!(found instanceof HDF5Dataset)) return fail(`it has no '${path}' of shape ${formatShape(weight.shape)}, for ${weight.path}`);
  if (!sameShape(found.shape, weight.shape))
    return fail(`'${path}' has shape ${formatShape(found.shape)}, but ${weight.path} has ${formatShape(weight.shape)}`);
  return found.read();
}

function weightFile(root: HDF5Group, layers: readonly Layer[], all: readonly Layer[], called: string): WeightFile {
  const group = ['layers', '_layer_checkpoint_dependencies'].find((name) => root.get(name) instanceof HDF5Group);
  if (group !== undefined) return fileOfKeras3(root, group, all);
  const inside = root.get('model_weights');
  const weights = inside instanceof HDF5Group ? inside : root;
  if (!weights.attributes.has('layer_names') && !weights.attributes.has('layer_names0'))
    throw new FormatError(`loadWeights: ${called} is an HDF5 file, but none of Keras with weights: it has neither layers nor layer_names`);
  return fileOfKeras2(weights, layers, called);
}

/** In Keras 3 each layer has a group by its class and its place, with its name as an attribute. */
function fileOfKeras3(root: HDF5Group, group: string, all: readonly Layer[]): WeightFile {
  const own = new Map<Weight, string>(weightPlaces(all, group).map(({ path, weight }) => [weight, path]));
  const inFile = root.get(group) as HDF5Group;
  /** The first two names of a path: `layers/lstm_1`. */
  const groupOf = (path: string) => path.split('/').slice(0, 2).join('/');
  const fileLayer = (place: string): FileLayer => ({
    name: String(nameOf(root, place)),
    pathsFor: ({ weights }) =>
      weights.map((weight) => pathIn(root, place + (own.get(weight) as string).slice(groupOf(own.get(weight) as string).length))),
  });
  const places = inFile.names.map((name) => `${group}/${name}`);
  return {
    root,
    atPlaceOf: ({ weights }) => {
      const place = groupOf(own.get(weights[0] as Weight) as string);
      return places.includes(place) ? fileLayer(place) : undefined;
    },
    orderOf: ({ weights }) => weights,
    layers: places.map(fileLayer),
    paths: datasetsIn(inFile, group),
  };
}

function nameOf(root: HDF5Group, place: string): string | number | undefined {
  const found = root.get(`${place}/vars`);
  return found instanceof HDF5Group ? found.attributes.get('name')?.[0] : undefined;
}

/** In Keras 2 attributes list the layers and the datasets of each, in the order of the model. */
function fileOfKeras2(root: HDF5Group, layers: readonly Layer[], called: string): WeightFile {
  const inFile = listedTexts(root, 'layer_names').flatMap((name) => {
    const group = root.get(name);
    if (!(group instanceof HDF5Group))
      throw new FormatError(`loadWeights: ${called} is damaged: it lists a layer ${describe(name)}, but has none`);
    const paths = listedTexts(group, 'weight_names').map((weight) => `${name}/${weight}`);
    return paths.length > 0 ? [{ name, paths, pathsFor: () => paths }] : [];
  });
  return {
    root,
    atPlaceOf: (layer) => (inFile.length === layers.length ? inFile[layers.indexOf(layer)] : undefined),
    orderOf: legacyOrder,
    layers: inFile,
    paths: inFile.flatMap(({ paths }) => paths),
  };
}

/** The names in the file that a user gave to layers. @throws {ArgumentError} for unknown ones */
function namesOf(names: WeightNames, layers: readonly Layer[], file: WeightFile): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(names).map(([inFile, own]) => {
      if (typeof own !== 'string')
        throw new ArgumentError(`loadWeights: names.${inFile} must be the name of one layer, got ${describe(own)}`);
      if (!layers.some(({ name }) => name === own))
        throw new ArgumentError(`loadWeights: names has the layer ${describe(own)}, but the model has no such layer with weights`);
      if (!file.layers.some(({ name }) => name === inFile))
        throw new ArgumentError(
          `loadWeights: names has ${describe(inFile)}, but the file has no such layer; it has ${file.layers.map(({ name }) => name).join(', ')}`,
        );
      return [own, inFile];
    }),
  );
}
