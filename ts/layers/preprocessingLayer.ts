import { ArgumentError, InternalError } from '../core/errors.ts';
import type { Tensor } from '../core/tensor.ts';
import { InputLayer } from './input.ts';
import { Layer, type LayerOptions, snakeCase } from './layer.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import type { Node, SymbolicTensor } from './symbolicTensor.ts';
import type { Value } from './value.ts';

/**
 * A layer that transforms the data before the graph: between an `Input` and the first computing
 * layer, or first in a `Sequential`. It is saved with the model, has no weights, and is never part
 * of a program. For the rest of the model, an `Input` with such layers is an input of their
 * outputs.
 */
export abstract class PreprocessingLayer extends Layer {
  /** Whether it takes texts; else numbers. */
  abstract readonly takesTexts: boolean;

  protected constructor(options: LayerOptions | undefined, known: readonly string[], className: string) {
    super(options, known, className);
  }

  override get preprocesses(): true {
    return true;
  }

  /**
   * Prepares samples.
   * @param data nested arrays of texts, or a tensor
   * @param argument the argument's name, for error messages
   */
  abstract process(data: unknown, argument: string): Tensor;

  /** The shape and the kind of what it gives for a sample. */
  protected abstract processedSpec(sample: SampleShape): TensorSpec;

  /**
   * Makes the input of the rest of the model.
   * @throws {ArgumentError} when the tensor is not an input's
   */
  override use(inputs: readonly SymbolicTensor[]): Node {
    const [input, another] = inputs as readonly [SymbolicTensor, SymbolicTensor?];
    const maker = input.node.layer as Layer;
    if (another || !(maker instanceof InputLayer))
      throw new ArgumentError(
        `${this.title} is a preprocessing layer, so it stands only between an Input and the first computing layer; it was ` +
          `given ${another ? `${inputs.length} tensors` : `an output of ${maker.title}`}`,
      );
    const isText = maker.dtype === 'string';
    if (this.takesTexts !== (isText && maker.preprocessing.length === 0))
      throw new ArgumentError(
        `${this.title} takes ${this.takesTexts ? "texts, an Input of dtype 'string'" : 'numbers'}, but ${maker.title} has dtype ` +
          `'${maker.dtype ?? 'float32'}'`,
      );
    if (!this.hasName) this.setName(snakeCase(this.className));
    return maker.prepared(this, this.processedSpec(input.shape)).use([]);
  }

  override declare(): void {}

  protected override checkInputShape(): number {
    return 0;
  }

  protected override featuresOf(): number {
    return 0;
  }

  override outputShape(sample: SampleShape): SampleShape {
    return this.processedSpec(sample).shape;
  }

  /** Never called: the graph begins with what the layer gives. */
  override emit(): readonly Value[] {
    throw new InternalError(`${this.title} is not part of programs`);
  }
}
