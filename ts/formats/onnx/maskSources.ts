import { Bidirectional } from '../../layers/bidirectional.ts';
import type { Embedding } from '../../layers/embedding.ts';
import type { Layer } from '../../layers/layer.ts';
import { Elementwise } from '../../layers/operations.ts';
import { Recurrent } from '../../layers/recurrent.ts';
import { RNN } from '../../layers/rnn.ts';
import { SymbolicTensor } from '../../layers/symbolicTensor.ts';

/** Layers that pass the mask of their input on. */
const PASSING = new Set([
  'Activation',
  'BatchNormalization',
  'Dense',
  'Dropout',
  'ELU',
  'Flip',
  'GroupNormalization',
  'LayerNormalization',
  'LeakyReLU',
  'PReLU',
  'ReLU',
  'Rescaling',
  'Softmax',
  'UnitNormalization',
]);
/** Layers of several inputs: a step counts where it counts in any; all count if one has no mask. */
const MERGING = new Set(['Add', 'Concatenate', 'Subtract']);

/** The earlier results, so that a graph is visited once. */
const known = new WeakMap<SymbolicTensor, { readonly sources: string | null }>();

/**
 * The sources of the mask of a tensor: the names of the inputs and layers that make the mask,
 * sorted; null without a mask.
 */
export function maskSources(tensor: SymbolicTensor): string | null {
  const chain: SymbolicTensor[] = [];
  let at = tensor;
  let found = known.get(at);
  while (!found) {
    chain.push(at);
    const next = ownSources(at);
    if (next instanceof SymbolicTensor) at = next;
    found = next instanceof SymbolicTensor ? known.get(at) : { sources: next };
  }
  for (const each of chain) known.set(each, found);
  return found.sources;
}

/** The sources of a tensor's mask, or the tensor that has the same. */
function ownSources({ node, port }: SymbolicTensor): SymbolicTensor | string | null {
  const layer = node.layer as Layer;
  const { className } = layer;
  const [input] = node.inputs;
  if (className === 'Embedding') return (layer as Embedding).maskZero ? nameOf(input) : null;
  if (className === 'Masking') return layer.name;
  if (node.call.mask) return passes(layer, port) ? nameOf(node.inputs.at(-1)) : null;
  if (MERGING.has(className)) {
    const all = node.inputs.map(maskSources);
    return all.includes(null) ? null : [...new Set(all.flatMap((names) => (names as string).split('\n')))].sort().join('\n');
  }
  return input && (PASSING.has(className) || passes(layer, port)) ? input : null;
}

function nameOf(tensor: SymbolicTensor | undefined): string {
  return tensor ? (tensor.node.layer as Layer).name : '';
}

/** Whether a recurrent layer passes the mask on with an output: with sequences, not with states. */
function passes(layer: Layer, port: number): boolean {
  if (layer instanceof Recurrent || layer instanceof RNN) return layer.returnSequences && port === 0;
  if (layer instanceof Bidirectional) return layer.forwardLayer.returnSequences && port < (layer.mergeMode === null ? 2 : 1);
  return false;
}

/** The same values without a mask: operations of `ops` have none. */
export function withoutMask(tensor: SymbolicTensor): SymbolicTensor {
  return new Elementwise('add', [null, 0]).apply(tensor);
}
