import { ArgumentError } from '../core/errors.ts';
import type { SymbolicTensor } from './symbolicTensor.ts';
import { TracedLayer } from './tracedLayer.ts';

/** What `call` takes: one tensor, or an array for a layer of several inputs. */
export type CallInputs = SymbolicTensor | readonly SymbolicTensor[];

/**
 * The base of layers of one's own. `build` makes the weights, and `call` says what the layer
 * computes, of operations (`ops`) and other layers, which are properties of it.
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
   * What the layer computes. It is called for every length of sequences that the layer is used
   * with, and must do the same each time. A layer that overrides `emit` and `outputShape` has none.
   * @throws {ArgumentError} when the layer has neither
   */
  call(_inputs: Inputs): SymbolicTensor | readonly SymbolicTensor[] {
    throw new ArgumentError(`${this.title} computes nothing: write its method call`);
  }

  protected override callWith(inputs: readonly SymbolicTensor[]): unknown {
    return this.call((inputs.length === 1 ? inputs[0] : inputs) as Inputs);
  }
}
