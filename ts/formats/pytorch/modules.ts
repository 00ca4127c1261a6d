import { FormatError } from '../../core/errors.ts';
import type { ForeignTensor } from './foreignTensor.ts';

/**
 * A layer of a PyTorch module: the module itself, or one of several in `nn.LSTM(…, num_layers=2)`.
 */
export interface ModuleLayer {
  /** The module's name in the state_dict: `encoder.rnn`; empty for the tensors of the root. */
  readonly module: string;
  /** Its place in the module; null in modules that do not number their layers. */
  readonly level: number | null;
  /** By the suffix of their name, without the number of the layer: `weight_ih_reverse`. */
  readonly tensors: ReadonlyMap<string, ForeignTensor>;
}

/** A buffer of modules that no layer needs. */
const UNUSED = 'num_batches_tracked';

/**
 * The modules of a state_dict that have tensors, in its order.
 * @throws {FormatError} for an `nn.LSTM` with `proj_size`
 */
export function modulesOf(tensors: readonly ForeignTensor[], called: string): readonly ModuleLayer[] {
  const found = new Map<string, { module: string; level: number | null; tensors: Map<string, ForeignTensor> }>();
  for (const tensor of tensors) {
    const dot = tensor.name.lastIndexOf('.');
    const module = tensor.name.slice(0, Math.max(0, dot));
    const suffix = tensor.name.slice(dot + 1);
    if (suffix === UNUSED) continue;
    const numbered = /^((?:weight|bias)_(?:ih|hh|hr))_l(0|[1-9]\d{0,8})(_reverse)?$/.exec(suffix);
    const name = numbered ? `${numbered[1]}${numbered[3] ?? ''}` : suffix;
    if (name.startsWith('weight_hr'))
      throw new FormatError(
        `loadWeights: ${called} has ${tensor.name}, of an nn.LSTM with proj_size, which Backtime does not have: train it without proj_size`,
      );
    const level = numbered ? Number(numbered[2]) : null;
    const key = `${level ?? ''} ${module}`;
    const layer = found.get(key) ?? { module, level, tensors: new Map() };
    layer.tensors.set(name, tensor);
    found.set(key, layer);
  }
  return inOrder([...found.values()]);
}

/** The layers of each module by their number; modules as they come. */
function inOrder(layers: readonly ModuleLayer[]): readonly ModuleLayer[] {
  const byModule = grouped(layers, ({ module }) => module);
  return [...byModule.values()].flatMap((each) => [...each].sort((a, b) => (a.level ?? -1) - (b.level ?? -1)));
}

/** Values by a key, in their order. */
export function grouped<T>(values: Iterable<T>, keyOf: (value: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

/** How messages name it: `'rnn'`, `layer 1 of 'rnn'`. */
export function titleOf({ module, level }: ModuleLayer): string {
  return level === null || level === 0 ? `module '${module}'` : `layer ${level} of module '${module}'`;
}
