import { FormatError } from '../../core/errors.ts';
import type { FloatArray } from '../../core/numericArray.ts';
import { formatShape, sameShape } from '../../core/shape.ts';
import type { Layer } from '../../layers/layer.ts';
import type { Weight } from '../../layers/weight.ts';
import { HDF5Dataset } from '../hdf5/dataset.ts';
import type { HDF5Group } from '../hdf5/group.ts';
import type { DescribedLayer } from './readLayer.ts';
import { weightPlaces } from './weightPlaces.ts';

/**
 * Groups of states that Backtime makes again, what dropout draws and sums of metrics, and what
 * preprocessing layers have learned, which is part of their configuration.
 */
const SKIPPED = /(^|\/)(seed_generator|metrics|loss_tracker|normalization)(_\d+)?\/|\/idf_weights$/;

/**
 * Reads the weights of layers from a file of Keras 3.
 * @param described the layers in Keras's order, as configurations
 * @returns the values by their weights
 * @throws {FormatError} naming a weight that is missing, has another shape or is left over
 */
export function readWeights(
  file: HDF5Group,
  layers: readonly Layer[],
  described: readonly DescribedLayer[],
  source: string,
): ReadonlyMap<Weight, FloatArray> {
  const root = groupOfLayers(file);
  const values = new Map<Weight, FloatArray>();
  const taken = new Set<string>();
  for (const { path: written, weight } of weightPlaces(layers, root, described)) {
    const path = pathIn(file, written);
    values.set(weight, valuesAt(file, path, weight, source));
    taken.add(path);
  }
  for (const path of datasetsIn(file.get(root), root)) {
    if (!taken.has(path) && !SKIPPED.test(path)) {
      throw new FormatError(`${source}: the weights '${path}' match no layer of the model: its configuration is of another model`);
    }
  }
  return values;
}

/** The group of the layers, which Keras 2.12 and 2.13 called otherwise. */
export function groupOfLayers(file: HDF5Group): string {
  return file.get('layers') ? 'layers' : '_layer_checkpoint_dependencies';
}

/** Where a file has a dataset: groups inside of attention begin with `_` in tf-keras. */
export function pathIn(file: HDF5Group, path: string): string {
  if (file.get(path)) return path;
  const ofKeras2 = path.replace(/(?<=\/)(?=(query|key|value|output)_dense\/vars\/\d+$)/, '_');
  return file.get(ofKeras2) ? ofKeras2 : path;
}

/** The values of a weight. Its shape is checked before memory is taken. @throws {FormatError} */
export function valuesAt(file: HDF5Group, path: string, weight: Weight, source: string): FloatArray {
  const found = file.get(path);
  if (!(found instanceof HDF5Dataset)) throw new FormatError(`${source} has no weights '${path}', which are ${weight.path}`);
  if (!sameShape(found.shape, weight.shape))
    throw new FormatError(
      `${source}: '${path}' has shape ${formatShape(found.shape)}, but ${weight.path} has ${formatShape(weight.shape)}`,
    );
  return found.read();
}

/** The most groups and datasets that are gone through: groups may be inside of several others. */
const MOST_PATHS = 100_000;

/**
 * The paths of the datasets of a group and of those inside.
 * @throws {FormatError} when there are more than 100,000 paths
 */
export function datasetsIn(root: ReturnType<HDF5Group['get']>, rootPath: string): string[] {
  const paths: string[] = [];
  let count = 0;
  const walk = (found: ReturnType<HDF5Group['get']>, path: string): void => {
    if (++count > MOST_PATHS) throw new FormatError(`${rootPath} has more than ${MOST_PATHS} groups and datasets inside`);
    if (found instanceof HDF5Dataset) paths.push(path);
    else for (const name of found?.names ?? []) walk(found?.get(name) ?? null, path === '' ? name : `${path}/${name}`);
  };
  walk(root, rootPath);
  return paths;
}
