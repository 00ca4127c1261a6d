import { describe } from '../../core/describe.ts';
import { ArgumentError, FormatError } from '../../core/errors.ts';
import { formatShape, type Shape } from '../../core/shape.ts';
import type { WeightNames } from '../../model/weightFileOptions.ts';
import { type LayerPart, tensorsOf } from './layerParts.ts';
import { grouped, type ModuleLayer, titleOf } from './modules.ts';

/** Which layer takes which module, and what is left. */
export interface Matches {
  readonly pairs: readonly (readonly [LayerPart, ModuleLayer])[];
  /** Parts without a module. */
  readonly parts: readonly LayerPart[];
  /** Modules that no part takes. */
  readonly modules: readonly ModuleLayer[];
}

/** How many problems a message lists. */
const MOST = 6;

/**
 * Finds the layer for each module: as `names` says, then of the same name, then, if the file tells
 * the order of its modules, all others in order, then by their tensors where only one layer fits.
 * @param isOrdered whether the modules are in the order of the model
 * @param called the name of the source, for error messages
 * @throws {ArgumentError} for names that the file or the model does not have
 * @throws {FormatError} when several layers fit a module
 */
export function matchModules(
  parts: readonly LayerPart[],
  modules: readonly ModuleLayer[],
  names: WeightNames,
  isOrdered: boolean,
  called: string,
): Matches {
  const pairs: [LayerPart, ModuleLayer][] = [];
  const [freeParts, freeModules] = [new Set(parts), new Set(modules)];
  const pair = (part: LayerPart, module: ModuleLayer) => {
    pairs.push([part, module]);
    freeParts.delete(part);
    freeModules.delete(module);
  };
  for (const [name, own] of Object.entries(names)) {
    const named = modules.filter(({ module }) => module === name);
    if (named.length === 0)
      throw new ArgumentError(
        `loadWeights: names has ${describe(name)}, but ${called} has no such module; it has ${listed(modules.map(({ module }) => module))}`,
      );
    const layers = partsNamed(parts, own, 'loadWeights');
    if (layers.length !== named.length)
      throw new ArgumentError(
        `loadWeights: names gives module ${describe(name)} ${layers.length} layers, but it has ${named.length}: give an array of ${named.length} names`,
      );
    for (const [index, part] of layers.entries()) {
      if (!freeParts.has(part)) throw new ArgumentError(`loadWeights: names has ${part.title} twice`);
      pair(part, named[index] as ModuleLayer);
    }
  }
  const byModule = grouped(freeModules, ({ module }) => module);
  for (const part of [...freeParts]) {
    const [module, ...others] = byModule.get(part.path.replaceAll('/', '.')) ?? [];
    if (module && others.length === 0 && fits(part, module)) pair(part, module);
  }
  const [restParts, restModules] = [[...freeParts], [...freeModules]];
  const areInOrder =
    restParts.length === restModules.length && restParts.every((part, index) => fits(part, restModules[index] as ModuleLayer));
  if (isOrdered && areInOrder) for (const [index, part] of restParts.entries()) pair(part, restModules[index] as ModuleLayer);
  const bySignature = grouped(freeModules, signatureOfModule);
  for (const [signature, same] of grouped(freeParts, signatureOfPart)) {
    const fitting = bySignature.get(signature) ?? [];
    const [part, module] = [same[0] as LayerPart, fitting[0]];
    if (!module) continue;
    if (same.length > 1 || fitting.length > 1)
      throw new FormatError(
        `loadWeights: ${called}: ${listed(fitting.map(titleOf))} fit ${listed(same.map(({ title }) => title))} equally well. ` +
          `Say which is which: names: { ${fitting.length > 0 ? describe((fitting[0] as ModuleLayer).module) : ''}: ${describe(part.path)}, … }`,
      );
    pair(part, module);
  }
  return { pairs, parts: [...freeParts], modules: [...freeModules] };
}

/**
 * The parts of a name: a layer, or all layers with weights inside of it.
 * @throws {ArgumentError} when the model has no such layer
 */
export function partsNamed(parts: readonly LayerPart[], names: string | readonly string[], method: string): readonly LayerPart[] {
  return [names].flat().flatMap((name) => {
    const found = parts.filter(({ path }) => path === name || path.startsWith(`${name}/`));
    if (found.length > 0) return found;
    throw new ArgumentError(
      `${method}: names has the layer ${describe(name)}, but the model has no such layer with weights; it has ${listed(parts.map(({ path }) => path))}`,
    );
  });
}

/** Why a module's tensors do not fit a part; empty when they do. */
export function mismatches(part: LayerPart, module: ModuleLayer): string[] {
  if (!part.conversions) return [`${part.title} ${part.refusal}`];
  const expected = tensorsOf(part);
  const own = new Set(expected.map(({ suffix }) => suffix));
  const different = expected.flatMap(({ suffix, shape }) => {
    const found = module.tensors.get(suffix);
    if (!found)
      return [`${titleOf(module)} has no ${suffix} of shape ${formatShape(shape)}, which ${part.title} needs${biasHint(suffix, false)}`];
    return formatShape(found.shape) === formatShape(shape)
      ? []
      : [`'${found.name}' has shape ${formatShape(found.shape)}, but ${part.title} needs ${formatShape(shape)}`];
  });
  const unused = [...module.tensors].flatMap(([suffix, { name }]) =>
    own.has(suffix) ? [] : [`${part.title} has no use for '${name}'${biasHint(suffix, true)}`],
  );
  return [...different, ...unused];
}

/** The error about what is left, and about pairs that do not fit. */
export function mismatchError(problems: readonly string[], { parts, modules }: Matches, called: string): FormatError {
  const shapes = (tensors: Iterable<readonly [string, Shape]>) =>
    [...tensors].map(([name, shape]) => `${name} ${formatShape(shape)}`).join(', ');
  const all = [
    ...problems,
    ...modules.map(
      (module) => `no layer takes ${titleOf(module)} with ${shapes([...module.tensors].map(([suffix, { shape }]) => [suffix, shape]))}`,
    ),
    ...parts.map((part) =>
      part.conversions
        ? `no module fits ${part.title}, which needs ${shapes(tensorsOf(part).map(({ suffix, shape }) => [suffix, shape]))}`
        : `${part.title} ${part.refusal}`,
    ),
  ];
  return new FormatError(
    `loadWeights: ${called} does not fit the model: ${all.slice(0, MOST).join('; ')}${all.length > MOST ? `; and ${all.length - MOST} more` : ''}. ` +
      "names: { 'module': 'layer', … } says which layer takes which module, and skipMismatch: true loads what fits. No weight has changed",
  );
}

const fits = (part: LayerPart, module: ModuleLayer) => signatureOfPart(part) === signatureOfModule(module);

function biasHint(suffix: string, isInFile: boolean): string {
  return suffix.startsWith('bias') ? `: give the layer useBias: ${isInFile}, if it has that option` : '';
}

function signatureOfPart(part: LayerPart): string {
  return part.conversions ? signature(tensorsOf(part).map(({ suffix, shape }) => [suffix, shape])) : part.path;
}

function signatureOfModule({ tensors }: ModuleLayer): string {
  return signature([...tensors].map(([suffix, { shape }]) => [suffix, shape]));
}

function signature(tensors: readonly (readonly [string, Shape])[]): string {
  return JSON.stringify(tensors.map(([suffix, shape]) => `${suffix} ${shape.join(' ')}`).sort());
}

function listed(names: readonly string[]): string {
  const different = [...new Set(names)];
  return different.slice(0, 12).join(', ') + (different.length > 12 ? ', …' : '');
}
