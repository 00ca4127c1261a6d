import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { formatShape, positiveInteger, type Shape, sizeOf } from '../core/shape.ts';
import { emitReorder } from './emitMore.ts';
import { Layer, type LayerConfig, type LayerOptions } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape } from './spec.ts';
import { batchMajorStrides, stridesOf } from './strides.ts';
import type { Value } from './value.ts';

const STEPS_REMEDY = 'give the number of steps, as in Input({ shape: [10, 3] })';

/** The base of layers that put a sample's numbers in another shape. They take no mask on. */
abstract class Reshaping extends Layer {
  override get supportsMasking(): boolean {
    return false;
  }

  protected override checkInputShape(inputShape: SampleShape): number {
    this.outputShape(inputShape);
    return 0;
  }

  protected override featuresOf(): number {
    return 0;
  }

  /** The error of a free size that the last axis of the output would get. */
  protected refuseFree(shape: SampleShape, remedy: string): ShapeError {
    return new ShapeError(`${this.title} needs samples of known sizes, got ${formatShape(shape)}: ${remedy}`);
  }
}

/**
 * Flattens each sample to one axis. The output has no mask.
 * https://keras.io/api/layers/reshaping_layers/flatten/
 */
export class Flatten extends Reshaping {
  readonly className = 'Flatten';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: LayerOptions) {
    super(options, [], 'Flatten');
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    if (inputShape.includes(null)) throw this.refuseFree(inputShape, STEPS_REMEDY);
    return [sizeOf(inputShape as Shape)];
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    return [flattened(scope, input)];
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): Flatten {
    return new Flatten(config as LayerOptions);
  }
}

/** Reshapes samples, in row-major order. https://keras.io/api/layers/reshaping_layers/reshape/ */
export class Reshape extends Reshaping {
  readonly className = 'Reshape';
  readonly targetShape: readonly number[];

  /**
   * @param targetShape one sample's shape; one size may be -1 and is inferred. If a size of the
   *   samples is free, so is this one, and it cannot be the last
   * @throws {ArgumentError} for an unknown option or a shape that is none
   */
  constructor(targetShape: readonly number[], options?: LayerOptions) {
    super(options, [], 'Reshape');
    if (!Array.isArray(targetShape) || targetShape.length === 0)
      throw new ArgumentError(`Reshape: targetShape must be an array of sizes, got ${describe(targetShape)}`);
    for (const [axis, size] of targetShape.entries()) if (size !== -1) positiveInteger(size, `Reshape: targetShape[${axis}]`);
    if (targetShape.filter((size) => size === -1).length > 1)
      throw new ArgumentError(`Reshape: targetShape has more than one -1, got ${formatShape(targetShape)}`);
    this.targetShape = [...targetShape];
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    // What is known of both: the sizes that are left over have to make them equal.
    const given = sizeOf(inputShape.filter((size) => size !== null));
    const made = sizeOf(this.targetShape.filter((size) => size !== -1));
    const [isFree, hasRest] = [inputShape.includes(null), this.targetShape.includes(-1)];
    const fits = isFree ? hasRest || made % given === 0 : hasRest ? given % made === 0 : made === given;
    if (!fits) {
      const values = isFree ? `a multiple of the ${given}` : `the ${given}`;
      throw new ShapeError(
        `${this.title} makes samples of shape ${formatShape(this.targetShape)}, which do not have ${values} values of samples of shape ${formatShape(inputShape)}`,
      );
    }
    if (isFree && this.targetShape.at(-1) === -1)
      throw this.refuseFree(inputShape, `${STEPS_REMEDY}; or give the last size of targetShape, which may have -1 before`);
    return this.targetShape.map((size) => (size !== -1 ? size : isFree ? null : given / made));
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const shape = this.outputShape(input.shape) as Shape;
    const flat = flattened(scope, input);
    if (shape.length === 1) return [flat];
    return [emitReorder(scope, flat, shape, batchMajorStrides(shape), stridesOf(shape, input.rows), { ...flat, shape })];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), targetShape: this.targetShape };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ targetShape, ...options }: LayerConfig): Reshape {
    return new Reshape(targetShape as readonly number[], options as LayerOptions);
  }
}

/** Permutes the axes of a sample. https://keras.io/api/layers/reshaping_layers/permute/ */
export class Permute extends Reshaping {
  readonly className = 'Permute';
  readonly dims: readonly number[];

  /**
   * @param dims for each axis of the output the axis of the input, counted from 1: `[2, 1]` swaps
   *   steps and features
   * @throws {ArgumentError} for an unknown option, or when the axes are not 1 to their number
   */
  constructor(dims: readonly number[], options?: LayerOptions) {
    super(options, [], 'Permute');
    const isOrder = Array.isArray(dims) && [...dims].sort((a, b) => a - b).every((axis, index) => axis === index + 1);
    if (!isOrder || dims.length === 0 || dims.length > 3)
      throw new ArgumentError(`Permute: dims must be the axes 1 to 2, or 1 to 3, in another order, got ${describe(dims)}`);
    this.dims = [...dims];
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    if (inputShape.length !== this.dims.length)
      throw new ShapeError(`${this.title} takes samples of ${this.dims.length} axes, got samples of shape ${formatShape(inputShape)}`);
    return this.dims.map((axis) => inputShape[axis - 1] as number | null);
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const shape = this.outputShape(input.shape) as Shape;
    const from = stridesOf(input.shape, input.rows);
    const axes = this.dims.map((axis) => from.axes[axis - 1] as number);
    const output = { ...input, shape, mask: null };
    return [emitReorder(scope, input, shape, { rows: from.rows, axes }, stridesOf(shape, input.rows), output)];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), dims: this.dims };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ dims, ...options }: LayerConfig): Permute {
    return new Permute(dims as readonly number[], options as LayerOptions);
  }
}

/** A value as one axis, sample after sample. */
function flattened(scope: Scope, input: Value): Value {
  const shape = [sizeOf(input.shape)];
  if (input.shape.length === 1) return input;
  return emitReorder(scope, input, input.shape, stridesOf(input.shape, input.rows), batchMajorStrides(input.shape), {
    ...input,
    shape,
    mask: null,
  });
}
