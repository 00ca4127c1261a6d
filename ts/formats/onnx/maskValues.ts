import type { Layer } from '../../layers/layer.ts';
import { Elementwise } from '../../layers/operations.ts';
import { Reduce } from '../../layers/reduce.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import type { MaskValue } from './readValues.ts';

/** 1 where a tensor is not 0. */
const isNotZero = (tensor: SymbolicTensor) => new Elementwise('less', [0, null]).apply(new Elementwise('abs', [null]).apply(tensor));

/** A function that makes a value once. */
function once(make: () => SymbolicTensor): () => SymbolicTensor {
  let made: SymbolicTensor | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

/**
 * The mask that an input is: the steps count where it is not 0.
 * @param asMask the input where layers take it as their mask; null where it is ids
 */
export function inputMask(input: SymbolicTensor, asMask: SymbolicTensor | null): MaskValue {
  return { kind: 'mask', sources: (input.node.layer as Layer).name, input: asMask, asTensor: once(() => isNotZero(input)) };
}

/** The mask of a Masking layer: the steps count in which a feature has another value. */
export function maskingMask(layer: Layer, input: SymbolicTensor, maskValue: number): MaskValue {
  const asTensor = once(() =>
    isNotZero(new Reduce('max', -1, false).apply(isNotZero(new Elementwise('subtract', [null, maskValue]).apply(input)))),
  );
  return { kind: 'mask', sources: layer.name, input: null, asTensor };
}

/** The steps that count in any of two masks. */
export function eitherMask(a: MaskValue, b: MaskValue): MaskValue {
  const sources = [...new Set([...a.sources.split('\n'), ...b.sources.split('\n')])].sort().join('\n');
  return {
    kind: 'mask',
    sources,
    input: null,
    asTensor: once(() => new Elementwise('maximum', [null, null]).apply([a.asTensor(), b.asTensor()])),
  };
}
