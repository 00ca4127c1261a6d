import { describe } from '../../core/describe.ts';
import { ArgumentError, FormatError, StateError } from '../../core/errors.ts';
import type { FloatArray } from '../../core/numericArray.ts';
import { booleanOption, checkOptions, oneOf } from '../../core/options.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import { isURL, tagOf } from '../../core/tags.ts';
import { type Tensor, type TensorLike, toTensor } from '../../core/tensor.ts';
import { warn as warnOnce } from '../../core/warnings.ts';
import type { Weight } from '../../layers/weight.ts';
import { loadBackend } from '../../model/loadBackend.ts';
import type { Model } from '../../model/model.ts';
import type { ModelState } from '../../model/modelState.ts';
import type { Session } from '../../model/session.ts';
import type { LoadedWeights, LoadWeightsOptions, SaveWeightsOptions, WeightNames, WeightsSource } from '../../model/weightFileOptions.ts';
import { beginningOf, isJSON, isONNX } from '../fileSignatures.ts';
import { readSource } from '../files.ts';
import { writeFileAtomically } from '../writeFile.ts';
import { unitsOf } from './layerUnits.ts';
import { WEIGHT_FORMATS } from './weightFormats.ts';

const NAMES = WEIGHT_FORMATS.map(({ name }) => name);

/** The code of `loadWeights` of a model. */
export async function loadWeights(
  model: Model,
  session: Session,
  source: WeightsSource,
  options?: LoadWeightsOptions,
): Promise<LoadedWeights> {
  session.weights('loadWeights');
  session.requireFloats('loadWeights');
  checkOptions(options, ['format', 'names', 'skipMismatch', 'byName'], 'loadWeights');
  const { format: given } = options ?? {};
  if (given !== undefined) oneOf(given, NAMES, 'loadWeights: format');
  const names = checkedNames(options?.names, 'loadWeights');
  const skipMismatch = booleanOption(options?.skipMismatch, false, 'loadWeights: skipMismatch');
  const byName = booleanOption(options?.byName, false, 'loadWeights: byName');
  const tensors = namedTensors(source);
  const content = tensors ?? (await readSource(source as Exclude<WeightsSource, Readonly<Record<string, TensorLike>>>, 'loadWeights'));
  const format = WEIGHT_FORMATS.find(({ name, recognises }) =>
    given === undefined ? content instanceof Uint8Array && recognises(content) : name === given,
  );
  const called = typeof source === 'string' || isURL(source) ? String(source) : tensors ? 'the object of arrays' : 'the file';
  if (!format) throw content instanceof Uint8Array ? notWeights(content, called) : namelessFormat();
  const code = await format.load();
  // From here on nothing is awaited, so that the model that was checked is the one that is written.
  const { values, unexpected, warn } = code.read({
    source: content,
    called,
    model,
    graph: session.builtGraph('loadWeights'),
    names,
    skipMismatch,
    byName,
  });
  for (const [weight, data] of values) requireLength(weight, data, called);
  for (const [weight, data] of values) session.memory.write(weight, data);
  warn?.();
  if (values.size === 0 && (byName || skipMismatch) && model.weights.length > 0)
    warnOnce(
      'NOTHING_LOADED',
      `loadWeights: ${called} has no weights that model ${model.name} takes${byName ? ' by the names of its layers' : ''}, so nothing was loaded. The option names says which layer takes which.`,
      model,
    );
  const paths = unitsOf(model).flatMap((unit) => unit.weights.map((weight) => [weight, unit.pathOf(weight)] as const));
  const pathsWhere = (isLoaded: boolean) => paths.flatMap(([weight, path]) => (values.has(weight) === isLoaded ? [path] : []));
  return { loaded: pathsWhere(true), missing: pathsWhere(false), unexpected };
}

/**
 * The code of `saveWeights` of a model.
 * @param state what is saved; null for the present state
 */
export async function saveWeights(
  model: Model,
  file: string | URL,
  options: SaveWeightsOptions | undefined,
  state: ModelState | null,
): Promise<void> {
  checkOptions(options, ['format', 'names'], 'saveWeights');
  if (model.quantised)
    throw new StateError(
      `saveWeights: model ${model.name} is quantised to ${model.quantised}: save the whole model, or the weights of the model that quantize was called on`,
    );
  const name = oneOf(options?.format ?? 'backtime', NAMES, 'saveWeights: format');
  const format = WEIGHT_FORMATS.find((each) => each.name === name) as (typeof WEIGHT_FORMATS)[number];
  const names = checkedNames(options?.names, 'saveWeights');
  const isName = typeof file === 'string' || isURL(file);
  if (!isName || !format.extensions.some((extension) => String(file).endsWith(extension)))
    throw new ArgumentError(
      `saveWeights takes a file name, or the URL of a file, that ends in ${format.extensions.join(' or ')}, got ${describe(isName ? String(file) : file)}${endingHint(String(file), name)}`,
    );
  if (!state && model.weights.some(({ known }) => !known)) await loadBackend();
  const { weights } = state ?? model.getState(false);
  const own = model.weights;
  const code = await format.load();
  if (model.weights.length !== own.length || own.some((weight, index) => model.weights[index] !== weight))
    throw new StateError(`saveWeights: the layers of model ${model.name} changed while it was saved: await it first`);
  const values = new Map(own.map((weight, index) => [weight, (weights[index] as { data: FloatArray }).data]));
  await writeFileAtomically(file, code.write({ model, values, names }));
}

const namelessFormat = () => new ArgumentError("loadWeights: arrays by their names need the option format, such as format: 'pytorch'");

/** The remedy for a name with the ending of another format. */
function endingHint(file: string, given: string): string {
  const other = WEIGHT_FORMATS.find(({ name, extensions }) => name !== given && extensions.some((extension) => file.endsWith(extension)));
  if (other) return `: format: '${other.name}' writes such files`;
  return /\.(pt|pth|bin)$/.test(file) ? ": format: 'pytorch' writes weights with PyTorch's names as .safetensors" : '';
}

/** The error for bytes of no format. */
function notWeights(bytes: Uint8Array, called: string): FormatError {
  if (isONNX(bytes) || isJSON(bytes))
    return new FormatError(
      `loadWeights: ${called} holds a whole model, not weights alone: load it with loadModel, and pass its weights on: model.setWeights(loaded.getWeights())`,
    );
  return new FormatError(
    `loadWeights: ${called} has no weights that it reads: .safetensors of Backtime or PyTorch, .weights.h5, .h5 and .keras of Keras, .pt of PyTorch; ${beginningOf(bytes)}`,
  );
}

/** Checks values before the first weight is written. @throws {FormatError} for another number */
function requireLength({ path, shape }: Weight, { length }: FloatArray, called: string): void {
  if (length !== sizeOf(shape))
    throw new FormatError(
      `loadWeights: ${called} does not fit: weight ${path} has shape ${formatShape(shape)}, ${sizeOf(shape)} values, got ${length}. No weight has changed`,
    );
}

/** @throws {ArgumentError} when it is no object of strings and arrays of them */
function checkedNames(names: unknown, where: string): WeightNames {
  if (names === undefined) return {};
  const isNames = (value: unknown) => [value].flat().length > 0 && [value].flat().every((each) => typeof each === 'string' && each !== '');
  if (typeof names !== 'object' || names === null || tagOf(names) !== 'Object' || !Object.values(names).every(isNames))
    throw new ArgumentError(
      `${where}: names must be an object of the file's names and of layers, such as { encoder: 'lstm', fc: 'dense' }, got ${describe(names)}`,
    );
  return names as WeightNames;
}

/** The arrays of a source that is an object of them; null for others. */
function namedTensors(source: WeightsSource): ReadonlyMap<string, Tensor> | null {
  if (tagOf(source) !== 'Object') return null;
  return new Map(Object.entries(source).map(([name, value]) => [name, toTensor(value as TensorLike, `loadWeights: '${name}'`)]));
}
