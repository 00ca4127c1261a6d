import { describe, quoted } from '../../core/describe.ts';
import { ArgumentError, FormatError } from '../../core/errors.ts';
import { type FloatArray, isFloatArray } from '../../core/numericArray.ts';
import { formatShape, sameShape } from '../../core/shape.ts';
import type { Weight } from '../../layers/weight.ts';
import type { WeightNames } from '../../model/weightFileOptions.ts';
import { modelChecksum } from '../checksum.ts';
import { decodeSafetensors, encodeSafetensors } from '../safetensors.ts';
import { unitsOf } from './layerUnits.ts';
import type { ReadWeights, WeightFormatCode, WeightsToRead, WeightsToWrite } from './weightFormat.ts';

/** The format in the metadata of a file of weights; that of a whole model is 'backtime'. */
const FORMAT = 'backtime-weights';
const VERSION = '1';

/** Weights as Backtime names and orders them, in a file of weights or of a whole model. */
export const BACKTIME_WEIGHTS: WeightFormatCode = { read, write };

function write({ model, values, names }: WeightsToWrite): Uint8Array {
  const inFile = fileNames(names, 'saveWeights');
  const tensors = unitsOf(model).flatMap((unit) =>
    unit.weights.map((weight) => {
      const { shape } = weight;
      return { name: inFile.nameOf(unit.pathOf(weight)), shape, data: values.get(weight) as FloatArray };
    }),
  );
  inFile.requireUsed(model.name);
  const metadata = { format: FORMAT, version: VERSION, checksum: modelChecksum('', tensors) };
  return encodeSafetensors({ tensors, metadata });
}

function read({ source, called, model, names, skipMismatch, byName }: WeightsToRead): ReadWeights {
  const inFile = fileNames(names, 'loadWeights');
  const { arrays, isModel } = arraysOf(source, called);
  const left = new Set(arrays.keys());
  const values = new Map<Weight, FloatArray>();
  const problems: string[] = [];
  /** The weights of the file that fit a layer which has another problem. */
  const refused = new Set<string>();
  const layersInFile = new Set([...arrays.keys()].map(layerOf));
  for (const unit of unitsOf(model)) {
    for (const weight of unit.weights) {
      const name = inFile.nameOf(unit.pathOf(weight));
      const found = arrays.get(name);
      if (found) refused.add(name);
      if (!found) {
        // By name, only a layer that the file does not have at all may be left out.
        if (!byName || layersInFile.has(layerOf(name))) problems.push(`it has no ${quoted(name)} of shape ${formatShape(weight.shape)}`);
      } else if (!sameShape(found.shape, weight.shape))
        problems.push(`${quoted(name)} has shape ${formatShape(found.shape)}, the layer's has ${formatShape(weight.shape)}`);
      else if (!isFloatArray(found.data)) problems.push(`${quoted(name)} holds integers`);
      else {
        values.set(weight, found.data);
        left.delete(name);
      }
    }
  }
  inFile.requireUsed(model.name);
  const unexpected = [...left].filter((name) => !(isModel && name.startsWith('optimizer/')));
  if (!byName) for (const name of unexpected) if (!refused.has(name)) problems.push(`no layer takes its ${quoted(name)}`);
  if (problems.length > 0 && !skipMismatch)
    throw new FormatError(
      `loadWeights: ${called} does not fit model ${model.name}: ${problems.slice(0, 8).join('; ')}${problems.length > 8 ? '; …' : ''}. ` +
        'skipMismatch: true loads what fits, and names: { … } says which layer is called how in the file. No weight has changed',
    );
  return { values, unexpected };
}

/** `bidirectional/forward_lstm` of `bidirectional/forward_lstm/kernel`. */
function layerOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')));
}

function arraysOf(source: WeightsToRead['source'], called: string) {
  if (!(source instanceof Uint8Array)) return { arrays: source, isModel: false };
  const { tensors, metadata } = decodeSafetensors(source, called);
  const { format, version, checksum, model: description = '' } = metadata;
  if (format !== FORMAT && format !== 'backtime')
    throw new FormatError(
      `loadWeights: ${called} is a safetensors file, but Backtime did not write it: its metadata has no format '${FORMAT}'. For one of PyTorch give format: 'pytorch'`,
    );
  if (format === FORMAT && version !== VERSION)
    throw new FormatError(`${called} has version ${describe(version)} of the format of weights; this release reads version ${VERSION}`);
  if (checksum !== undefined && checksum !== modelChecksum(description, tensors))
    throw new FormatError(
      `${called} is corrupt: its contents do not have the checksum '${checksum}' that they were saved with. A program that changes them on purpose removes 'checksum' from the metadata`,
    );
  return { arrays: new Map(tensors.map((tensor) => [tensor.name, tensor])), isModel: format === 'backtime' };
}

/** How a user's `names` change the names of weights. */
function fileNames(names: WeightNames, method: string) {
  const entries = Object.entries(names).map(([file, own]) => {
    if (typeof own === 'string') return { file, own, used: false };
    throw new ArgumentError(
      `${method}: names.${file} must be the name of one layer, got ${describe(own)}: only PyTorch's modules have several`,
    );
  });
  return {
    nameOf(path: string): string {
      const entry = entries.find(({ own }) => path.startsWith(`${own}/`));
      if (!entry) return path;
      entry.used = true;
      return entry.file + path.slice(entry.own.length);
    },
    requireUsed(model: string): void {
      const unused = entries.find(({ used }) => !used);
      if (unused)
        throw new ArgumentError(
          `${method}: names gives ${quoted(unused.file)} to ${quoted(unused.own)}, but model ${model} has no layer of this name with weights`,
        );
    },
  };
}
