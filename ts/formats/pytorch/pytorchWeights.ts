import { ArgumentError, FormatError } from '../../core/errors.ts';
import { type FloatArray, isFloatArray } from '../../core/numericArray.ts';
import type { Tensor } from '../../core/tensor.ts';
import { warn } from '../../core/warnings.ts';
import type { Weight } from '../../layers/weight.ts';
import { encodeSafetensors, readSafetensors } from '../safetensors.ts';
import type { ReadWeights, WeightFormatCode, WeightsToRead, WeightsToWrite } from '../weights/weightFormat.ts';
import { type ForeignTensor, readFloats, rowMajor } from './foreignTensor.ts';
import { type LayerPart, partsOf, readPart, writePart } from './layerParts.ts';
import { matchModules, mismatchError, mismatches, partsNamed } from './matchModules.ts';
import { modulesOf } from './modules.ts';
import { readStateDict } from './stateDict.ts';

/** Weights as PyTorch names and orders them: state_dicts, in safetensors files too. */
export const PYTORCH_WEIGHTS: WeightFormatCode = { read, write };

function read({ source, called, model, names, skipMismatch, byName }: WeightsToRead): ReadWeights {
  if (byName) throw new ArgumentError("loadWeights: byName is not for PyTorch's files: say which layer takes which module by names");
  const { tensors, isOrdered } = tensorsOf(source, called);
  const matches = matchModules(partsOf(model), modulesOf(tensors, called), names, isOrdered, called);
  const problems: string[] = [];
  const values = new Map<Weight, FloatArray>();
  const unexpected = new Set(matches.modules.flatMap((module) => [...module.tensors.values()].map(({ name }) => name)));
  const loaded: LayerPart[] = [];
  for (const [part, module] of matches.pairs) {
    const found = mismatches(part, module);
    problems.push(...found);
    if (found.length > 0) {
      for (const { name } of module.tensors.values()) unexpected.add(name);
      continue;
    }
    // The shapes are those of the weights, so what is read is as large as the model.
    const arrays = readPart(part, (suffix) => (module.tensors.get(suffix) as ForeignTensor).read());
    for (const [index, weight] of part.weights.entries()) values.set(weight, arrays[index] as FloatArray);
    loaded.push(part);
  }
  if (!skipMismatch && problems.length + matches.parts.length + matches.modules.length > 0) throw mismatchError(problems, matches, called);
  const differences = loaded.flatMap(({ difference }) => difference ?? []);
  return {
    values,
    unexpected: [...unexpected],
    warn() {
      for (const difference of differences) warn('PYTORCH_DIFFERS', `loadWeights: ${difference}`, model, difference);
    },
  };
}

function tensorsOf(source: WeightsToRead['source'], called: string): { tensors: readonly ForeignTensor[]; isOrdered: boolean } {
  if (!(source instanceof Uint8Array))
    return {
      tensors: [...source].map(([name, tensor]) => ({ name, shape: tensor.shape, read: () => floatsOf(tensor, name) })),
      isOrdered: true,
    };
  // Zip archives begin with 'PK', pickles with 0x80; safetensors files with their header's length.
  if (source[0] === 0x80 || (source[0] === 0x50 && source[1] === 0x4b)) return { tensors: readStateDict(source, called), isOrdered: true };
  const { entries } = readSafetensors(source, called);
  const tensors = entries.map(({ name, type, shape, bytes }) => {
    const where = `loadWeights: ${called}: tensor '${name}'`;
    return { name, shape, read: () => readFloats(bytes, type, shape, 0, rowMajor(shape), where) };
  });
  // Programs that write such files sort the tensors.
  return { tensors, isOrdered: false };
}

function floatsOf({ data }: Tensor, name: string): FloatArray {
  if (isFloatArray(data)) return data.slice();
  throw new FormatError(`loadWeights: '${name}' holds integers, expected a Float32Array or a Float64Array`);
}

function write({ model, values, names }: WeightsToWrite): Uint8Array {
  const parts = partsOf(model);
  const named = new Map<LayerPart, { module: string; level: number }>();
  for (const [module, own] of Object.entries(names)) {
    const layers = partsNamed(parts, own, 'saveWeights');
    for (const [level, part] of layers.entries()) {
      if (named.has(part)) throw new ArgumentError(`saveWeights: names has ${part.title} twice`);
      if (layers.length > 1 && !part.isNumbered)
        throw new ArgumentError(
          `saveWeights: names has several layers for '${module}', but ${part.title} is no layer of a recurrent module`,
        );
      named.set(part, { module, level });
    }
  }
  const tensors = parts.flatMap((part) => {
    const { module, level } = named.get(part) ?? { module: part.path.replaceAll('/', '.'), level: 0 };
    return writePart(part, (weight) => values.get(weight) as FloatArray).map(({ suffix, shape, data }) => ({
      name: [...(module === '' ? [] : [module]), part.isNumbered ? numbered(suffix, level) : suffix].join('.'),
      shape,
      data,
    }));
  });
  // The metadata that safetensors.torch writes and other programs require.
  return encodeSafetensors({ tensors, metadata: { format: 'pt' } });
}

/** `weight_ih_l1_reverse` of `weight_ih_reverse`. */
function numbered(suffix: string, level: number): string {
  return suffix.replace(/^(\w+?_[ih]h)/, `$1_l${level}`);
}
