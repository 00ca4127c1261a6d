import { ArgumentError } from '../core/errors.ts';
import type { SymbolicTensor } from './symbolicTensor.ts';
import { type Masks, TracedLayer } from './tracedLayer.ts';

/** The inputs of `call`: one tensor, or an array for a layer with several inputs. */
export type CallInputs = SymbolicTensor | readonly SymbolicTensor[];

/**
 * The masks of the inputs of `call`: the mask of one tensor, or an array of masks. A mask is a
 * tensor `[steps, 1]` of 1 at the steps that count and 0 at those to skip, with as many axes as its
 * input; null for an input without one.
 */
export type CallMask<Inputs extends CallInputs> = Inputs extends SymbolicTensor ? SymbolicTensor | null : Masks;

/** Options of `call`. */
export interface CallOptions<Inputs extends CallInputs = SymbolicTensor> {
  readonly mask: CallMask<Inputs>;
  /** Whether dropout is active. */
  readonly training: boolean;
}

/**
 * The base of custom layers. `build` makes the weights, and `call` defines the computation with
 * operations (`ops`) and other layers, which are properties of the layer.
 * https://keras.io/guides/making_new_layers_and_models_via_subclassing/
 *
 *     class Scale extends CustomLayer {
 *       static className = 'Scale';
 *       scale!: Weight;
 *       build([features]: SampleShape) {
 *         this.scale = this.addWeight({ name: 'scale', shape: [features as number], initializer: 'ones' });
 *       }
 *       call(input: SymbolicTensor) {
 *         return ops.multiply(input, this.scale);
 *       }
 *     }
 *     registerClass(Scale);
 */
export abstract class CustomLayer<Inputs extends CallInputs = SymbolicTensor> extends TracedLayer {
  /**
   * Defines the computation. It is called for every length of sequences that the layer is used
   * with, with and without masks, and must compute the same each time. A layer that overrides
   * `emit` and `outputShape` has none.
   * @throws {ArgumentError} when the layer has neither
   */
  call(_inputs: Inputs, _options: CallOptions<Inputs>): SymbolicTensor | readonly SymbolicTensor[] {
    throw new ArgumentError(`${this.title} computes nothing: write its method call`);
  }

  /**
   * The mask of the outputs: a tensor `[steps, 1]`, 0 at the steps to skip, or null for none.
   * `return mask` keeps the mask of the input, which is right for a layer that computes each step
   * separately. For several outputs, it is the mask of each output that has steps; an array has a
   * mask or null for each output. By default the outputs have the masks that the last layers in
   * `call` give them; an operation of `ops` gives none.
   */
  computeMask(_inputs: Inputs, _mask: CallMask<Inputs>): SymbolicTensor | Masks | null | undefined {
    return undefined;
  }

  protected override callWith(inputs: readonly SymbolicTensor[], training: boolean, masks: Masks): unknown {
    return this.call(onlyOf(inputs) as Inputs, { mask: onlyOf(masks) as CallMask<Inputs>, training });
  }

  protected override maskWith(inputs: readonly SymbolicTensor[], masks: Masks): unknown {
    return this.computeMask(onlyOf(inputs) as Inputs, onlyOf(masks) as CallMask<Inputs>);
  }
}

/** The only one, or all. */
function onlyOf<T>(all: readonly T[]): T | readonly T[] {
  return all.length === 1 ? (all[0] as T) : all;
}
