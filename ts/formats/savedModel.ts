import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { booleanOption, checkOptions } from '../core/options.ts';
import { type CustomObjects, withCustomObjects } from '../core/registerClass.ts';
import { loadAllClasses } from '../model/allClasses.ts';
import { loadBackend } from '../model/loadBackend.ts';
import { Model } from '../model/model.ts';
import type { ModelState } from '../model/modelState.ts';
import { loadForIntegers } from '../model/quantisedWeights.ts';
import type { SaveOptions } from '../model/saveOptions.ts';
import { checkMetadata } from './checkMetadata.ts';
import { readSource } from './files.ts';
import { HTML_FILES } from './html/htmlPart.ts';
import type { HTMLOptions } from './html/modelToHTML.ts';
import type { ModelFormat, ModelSource } from './modelFormat.ts';
import { formatFor, formatNamed, formatOf } from './modelFormats.ts';
import { mainFile, nameOf } from './modelSource.ts';
import { writeFileAtomically } from './writeFile.ts';

export { quantizeModel } from './quantizeModel.ts';
export { loadWeights, saveWeights } from './weights/weightFiles.ts';

/** Options of `loadModel`. */
export interface LoadOptions {
  /**
   * Classes and custom functions that the file names, by name, beside those of
   * `registerClass`.
   */
  customObjects?: CustomObjects;
  /**
   * Whether the model is compiled as the saved one was, with the state of its optimizer. False also
   * loads a file whose loss, metric or optimizer Backtime does not have. Default true.
   */
  compile?: boolean;
}

/**
 * The state that a file holds.
 * @param given the state of the model that is saved; null for the present one
 * @throws {StateError} before the model is built
 * @throws {ArgumentError} when the value is not a model, or an option is unknown or wrong
 */
function stateFor(model: Model, options: SaveOptions | undefined, given: ModelState | null, where: string): ModelState {
  if (!(model instanceof Model)) throw new ArgumentError(`${where} takes a model, got ${describe(model)}`);
  checkOptions(options, ['includeOptimizer', 'metadata', ...(where === 'modelToBytes' ? ['format'] : [])], 'save');
  const { includeOptimizer, metadata = given?.metadata ?? model.metadata } = options ?? {};
  const saved = checkMetadata(metadata, 'save: metadata', ArgumentError);
  const withOptimizer = booleanOption(includeOptimizer, true, 'save: includeOptimizer');
  return { ...(given ?? model.getState(withOptimizer)), metadata: saved };
}

/**
 * Saves a model to a file, in the format that its name says. The file is replaced only when
 * everything is written.
 * @throws {FileError} when it cannot be written
 * @throws {ArgumentError} when the format cannot hold the model
 */
export async function saveModel(model: Model, file: string | URL, options?: SaveOptions, state: ModelState | null = null): Promise<void> {
  const format = formatFor(file);
  await writeFileAtomically(file, await encoded(model, format, 'save', options, state));
}

/** The bytes of a model, after weights without values got their start values from a backend. */
export async function modelToBytes(model: Model, options?: SaveOptions, state: ModelState | null = null): Promise<Uint8Array> {
  const format = formatNamed(options?.format ?? 'safetensors', 'modelToBytes: format');
  return encoded(model, format, 'modelToBytes', options, state);
}

/** A page with a model, after weights without values got their start values from a backend. */
export async function modelToHTML(model: Model, options?: HTMLOptions, state: ModelState | null = null): Promise<string> {
  if (!state) await requireValues(model);
  const { pageOf } = await HTML_FILES.load();
  return pageOf(stateFor(model, { includeOptimizer: false }, state, 'modelToHTML'), options);
}

async function requireValues(model: Model): Promise<void> {
  if (model instanceof Model && model.weights.some(({ known }) => !known)) await loadBackend();
}

async function encoded(
  model: Model,
  format: ModelFormat,
  where: string,
  options?: SaveOptions,
  state: ModelState | null = null,
): Promise<Uint8Array> {
  if (!state) await requireValues(model);
  const saved = stateFor(model, options, state, where);
  if (saved.quantised && format.name !== 'safetensors')
    throw new ArgumentError(
      `${where}: model ${model.name} is quantised to ${model.quantised}, which only .safetensors files hold: save the model that quantize was called on as ${format.name}`,
    );
  // Files of other programs are written from a new model, made from the state.
  if (format.name !== 'safetensors') await loadAllClasses();
  return ((await format.load()).encode as (state: ModelState) => Uint8Array)(saved);
}

/**
 * Loads a model from a file, an address or bytes, in the format that the bytes have.
 * @throws {FileError} when the source cannot be read
 * @throws {FormatError} when it is not a complete saved model, or names a class or a function of
 *   one's own that is not registered
 * @throws {ArgumentError} for an unknown option
 */
export async function loadModel(source: ModelSource, options?: LoadOptions): Promise<Model> {
  checkOptions(options, ['customObjects', 'compile'], 'loadModel');
  const compile = booleanOption(options?.compile, true, 'loadModel: compile');
  const file = mainFile(source);
  const bytes = await readSource(file);
  const format = await formatOf(bytes, nameOf(file) ?? 'the saved model').load();
  await loadAllClasses();
  const prepared = await format.prepare?.(bytes, source);
  const model = withCustomObjects(options?.customObjects ?? {}, () => format.decode(bytes, { source: nameOf(file), compile, prepared }));
  // So that its streams need not wait.
  if (model.quantised) await loadForIntegers();
  return model;
}
