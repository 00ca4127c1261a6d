import { moduleURL, readModuleBytes } from '../../backend/wasm/instance.ts';
import { quantisedModuleURL } from '../../backend/wasm/quantisedKernels.ts';
import { describe } from '../../core/describe.ts';
import { ArgumentError, FileError } from '../../core/errors.ts';
import { checkOptions } from '../../core/options.ts';
import { loadAllLayers } from '../../layers/registry.ts';
import type { ModelState } from '../../model/modelState.ts';
import { structureOf } from '../../model/restoreStructure.ts';
import { readSource } from '../files.ts';
import { encodeState } from '../safetensorsState.ts';
import { ownClassIn } from './ownClasses.ts';
import type { InputSettings, PageSettings } from './pageSettings.ts';

/** What is said of an input on the page of `modelToHTML`. */
export interface HTMLInput {
  /** What stands above its field. Default: what it takes and, where there are several, its name. */
  label?: string;
  /**
   * For an input of one whole number, such as one that an `Embedding` looks up: the names of 0, 1,
   * …, of which one is chosen from a list for all samples. Default: numbers are typed.
   */
  choices?: readonly string[];
  /**
   * What stands in the field at first, as it would be typed. Several are for the choices of another
   * input, in their order: the field holds that of what is chosen, until something else is typed.
   * Default: nothing.
   */
  examples?: readonly string[];
}

/** Options of `modelToHTML`. */
export interface HTMLOptions {
  /** The heading of the page. Default: the model's name. */
  title?: string;
  /** A sentence below the heading. Default none. */
  description?: string;
  /**
   * The names of the classes, in the order of the output; for one output of 0 to 1 two names.
   * Default: the array `labels` or `classNames` of the model's metadata, if there is one.
   */
  classNames?: readonly string[];
  /** What is said of the inputs, by their names. Default: their names. */
  inputs?: Readonly<Record<string, HTMLInput>>;
}

/** The address of the page without a model; a literal, because bundlers find no other. */
const page = () => new URL('./page.html', import.meta.url);

/** The ends of the tags behind which the parts come. A heading must not be empty: it is a word. */
const PLACES = /id="(title|heading|description|settings|kernels|quantised|model)">(?:Model)?/;

/** Letters that are turned into base64 at once: a multiple of three bytes. */
const PIECE = 0x6000;

/**
 * Makes the page of a model's state.
 * @throws {ArgumentError} for an unknown option or a wrong value, and for a layer or a function of
 *   one's own, whose code the page does not have
 * @throws {FileError} when a file of the package cannot be loaded
 */
export async function pageOf(state: ModelState, options: HTMLOptions = {}): Promise<string> {
  checkOptions(options, ['title', 'description', 'classNames', 'inputs'], 'modelToHTML');
  const { title = state.name, description = '' } = options;
  for (const [name, value] of Object.entries({ title, description }))
    if (typeof value !== 'string') throw new ArgumentError(`modelToHTML: ${name} must be a string, got ${describe(value)}`);
  // What is said of outputs and inputs is compared with them, which takes the classes of layers.
  if (options.classNames !== undefined || options.inputs !== undefined) await loadAllLayers();
  const settings: PageSettings = { classNames: classNamesOf(options, state), inputs: inputsOf(options, state) };
  const own = ownClassIn(state.layers);
  if (own !== null)
    throw new ArgumentError(`modelToHTML: the model uses '${own}', which is custom code: the page has only classes of Backtime`);
  const parts: Readonly<Record<string, string>> = {
    title: escaped(title),
    heading: escaped(title),
    description: escaped(description),
    // The parser of HTML ends a script at </script, wherever it stands.
    settings: JSON.stringify(settings).replaceAll('<', '\\u003c'),
    kernels: base64(await readModuleBytes(moduleURL('simd128'))),
    quantised: state.quantised ? base64(await readModuleBytes(quantisedModuleURL('simd128'))) : '',
    model: base64(encodeState({ ...state, compile: null })),
  };
  const template = new TextDecoder().decode(await readSource(page(), 'modelToHTML'));
  const pieces = template.split(PLACES);
  const found = pieces.filter((_, index) => index % 2 === 1);
  if (found.length !== Object.keys(parts).length) throw new FileError(`modelToHTML: ${page().href} is not the page of the package`);
  return pieces.map((piece, index) => (index % 2 === 1 ? `id="${piece}">${parts[piece]}` : piece)).join('');
}

/** @throws {ArgumentError} when they are not strings, or do not fit the output */
function classNamesOf({ classNames }: HTMLOptions, state: ModelState): readonly string[] | null {
  const { metadata = {} } = state;
  if (classNames === undefined) return [metadata.labels, metadata.classNames].find(areNames) ?? null;
  if (!areNames(classNames))
    throw new ArgumentError(`modelToHTML: classNames must be an array of at least two strings, got ${describe(classNames)}`);
  const counts = (structureOf(state).graph?.outputs ?? []).map((output) => output.shape.at(-1) ?? null);
  // A number alone is the probability of the second of two classes.
  const fits = counts.some((count) => count === null || (count === 1 ? 2 : count) === classNames.length);
  if (!fits)
    throw new ArgumentError(
      `modelToHTML: classNames has ${classNames.length} names, but the outputs of the model have ${counts.join(' and ')} numbers: give one name for each`,
    );
  return classNames;
}

/** @throws {ArgumentError} for an input that there is none of, and for what does not fit it */
function inputsOf({ inputs = {} }: HTMLOptions, state: ModelState): Readonly<Record<string, InputSettings>> {
  const given = Object.entries(inputs);
  const graph = given.length === 0 ? null : structureOf(state).graph;
  for (const [name, settings] of given) {
    const index = graph?.inputNames.indexOf(name) ?? -1;
    if (index === -1)
      throw new ArgumentError(
        `modelToHTML: inputs has '${name}', but the model has no such input: its inputs are ${graph?.inputNames.join(', ') ?? 'not known'}`,
      );
    checkOptions(settings, ['label', 'choices', 'examples'], `modelToHTML: inputs.${name}`);
    const { label, choices } = settings;
    if (label !== undefined && typeof label !== 'string')
      throw new ArgumentError(`modelToHTML: inputs.${name}.label must be a string, got ${describe(label)}`);
    for (const option of ['choices', 'examples'] as const) {
      const texts: unknown = settings[option];
      if (texts !== undefined && (!Array.isArray(texts) || texts.length === 0 || texts.some((text) => typeof text !== 'string')))
        throw new ArgumentError(`modelToHTML: inputs.${name}.${option} must be an array of strings, got ${describe(texts)}`);
    }
    if (choices === undefined) continue;
    const isOne = graph?.inputs[index]?.shape.every((size) => size === 1);
    const isId = graph?.feeds.some((feed) => feed.input === index && feed.kind === 'ids');
    if (!isOne || !isId)
      throw new ArgumentError(
        `modelToHTML: inputs.${name}.choices is for an input of one whole number, of shape [1], that an Embedding or a OneHot layer takes; '${name}' is none`,
      );
  }
  return inputs;
}

const areNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 1 && value.every((name) => typeof name === 'string');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string) => text.replaceAll(/[&<>"]/g, (letter) => ENTITIES[letter] as string);

function base64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += PIECE) parts.push(btoa(String.fromCharCode(...bytes.subarray(start, start + PIECE))));
  return parts.join('');
}
