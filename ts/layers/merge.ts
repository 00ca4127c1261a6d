import { ShapeError } from '../core/errors.ts';
import { formatShape } from '../core/shape.ts';
import { emitFunction } from './emit.ts';
import { maskAsFloats, mergedMask } from './emitMore.ts';
import { add, divide, type Expression, input as inputOf, less, maximum, minimum, multiply, subtract, where } from './expression.ts';
import { Layer, type LayerConfig, type LayerOptions } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import type { CallConfig } from './symbolicTensor.ts';
import type { Value } from './value.ts';

const [X, Z] = [inputOf(0), inputOf(1)];

/**
 * The base of layers that combine inputs of the same shape element by element. A step counts if it
 * counts in any input, as in Keras; if an input has no mask, all steps count.
 */
export abstract class Merge extends Layer {
  /** Combines two inputs, from the first on: `x` is the result so far, `z` the next input. */
  protected abstract combine(x: Expression, z: Expression): Expression;

  /** The final function, for `_count` inputs. */
  protected finish(x: Expression, _count: number): Expression {
    return x;
  }

  override get needsSequences(): null {
    return null;
  }

  override infer(inputs: readonly TensorSpec[], _call: CallConfig): readonly TensorSpec[] {
    if (inputs.length < 2) throw new ShapeError(`${this.title} takes an array of at least two inputs, got ${inputs.length}`);
    const [{ shape: first }] = inputs as readonly [TensorSpec];
    const shape = inputs.slice(1).reduce<SampleShape>((common, { shape: other }) => {
      const fits =
        other.length === common.length && other.every((size, axis) => size === null || common[axis] === null || size === common[axis]);
      if (!fits)
        throw new ShapeError(
          `${this.title} takes inputs of one shape, got ${inputs.map((input) => formatShape(input.shape)).join(' and ')}`,
        );
      return common.map((size, axis) => size ?? (other[axis] as number | null));
    }, first);
    return [{ shape, kind: 'floats' }];
  }

  protected override checkInputShape(): number {
    return 0;
  }

  protected override featuresOf(): number {
    return 0;
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return inputShape;
  }

  override usesOf(): readonly [{ readonly kind: 'floats'; readonly layer: null }] {
    return [{ kind: 'floats', layer: null }];
  }

  override emit(scope: Scope, inputs: readonly [Value, ...Value[]]): readonly Value[] {
    const mask = mergedMask(scope, inputs);
    const [first, ...others] = inputs;
    let merged: Value = first;
    for (const [index, next] of others.entries()) {
      const combined = this.combine(X, Z);
      const result = index === others.length - 1 ? this.finish(combined, inputs.length) : combined;
      merged = emitFunction(scope, result, [merged, next], { ...first, mask });
    }
    return [merged];
  }
}

/** The sum of its inputs. https://keras.io/api/layers/merging_layers/add/ */
export class Add extends Merge {
  readonly className = 'Add';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: LayerOptions) {
    super(options, [], 'Add');
  }

  protected override combine(x: Expression, z: Expression): Expression {
    return add(x, z);
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): Add {
    return new Add(config as LayerOptions);
  }
}

/** The first input minus the second. https://keras.io/api/layers/merging_layers/subtract/ */
export class Subtract extends Merge {
  readonly className = 'Subtract';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: LayerOptions) {
    super(options, [], 'Subtract');
  }

  override infer(inputs: readonly TensorSpec[], call: CallConfig): readonly TensorSpec[] {
    if (inputs.length !== 2) throw new ShapeError(`${this.title} takes an array of two inputs, got ${inputs.length}`);
    return super.infer(inputs, call);
  }

  protected override combine(x: Expression, z: Expression): Expression {
    return subtract(x, z);
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): Subtract {
    return new Subtract(config as LayerOptions);
  }
}

/**
 * The product of its inputs, element by element.
 * https://keras.io/api/layers/merging_layers/multiply/
 */
export class Multiply extends Merge {
  readonly className = 'Multiply';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: LayerOptions) {
    super(options, [], 'Multiply');
  }

  protected override combine(x: Expression, z: Expression): Expression {
    return multiply(x, z);
  }

  /**
   * Steps that do not count in an input are ones in the product; steps that count in none are
   * zeros, as in Keras.
   */
  override emit(scope: Scope, inputs: readonly [Value, ...Value[]]): readonly Value[] {
    const ones = inputs.map((input) =>
      input.mask ? emitFunction(scope, where(less(0, Z), X, 1), [input, maskAsFloats(scope, input.mask, input)], input) : input,
    ) as unknown as readonly [Value, ...Value[]];
    const [product] = super.emit(scope, ones) as readonly [Value];
    if (!product.mask) return [product];
    return [emitFunction(scope, where(less(0, Z), X, 0), [product, maskAsFloats(scope, product.mask, product)], product)];
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): Multiply {
    return new Multiply(config as LayerOptions);
  }
}

/** The mean of its inputs. https://keras.io/api/layers/merging_layers/average/ */
export class Average extends Merge {
  readonly className = 'Average';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: LayerOptions) {
    super(options, [], 'Average');
  }

  protected override combine(x: Expression, z: Expression): Expression {
    return add(x, z);
  }

  protected override finish(x: Expression, count: number): Expression {
    return divide(x, count);
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): Average {
    return new Average(config as LayerOptions);
  }
}

/**
 * The base of the largest and the smallest: steps that do not count in an input are those of the
 * others, as in Keras.
 */
abstract class Extreme extends Merge {
  override emit(scope: Scope, inputs: readonly [Value, ...Value[]]): readonly Value[] {
    const [first, ...others] = inputs;
    let merged: Value = first;
    for (const next of others) {
      const masks = [merged.mask, next.mask].map((mask) => mask && maskAsFloats(scope, mask, first));
      const values = [merged, next, ...masks.filter((mask) => mask !== null)];
      const [ofMerged, ofNext] = [masks[0] ? inputOf(2) : null, masks[1] ? inputOf(masks[0] ? 3 : 2) : null];
      const right = ofNext ? where(less(0, ofNext), Z, X) : Z;
      const left = ofMerged ? where(less(0, ofMerged), X, right) : X;
      merged = emitFunction(scope, this.combine(left, right), values, { ...first, mask: mergedMask(scope, [merged, next]) });
    }
    return [merged];
  }
}

/**
 * The largest of its inputs, element by element.
 * https://keras.io/api/layers/merging_layers/maximum/
 */
export class Maximum extends Extreme {
  readonly className = 'Maximum';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: LayerOptions) {
    super(options, [], 'Maximum');
  }

  protected override combine(x: Expression, z: Expression): Expression {
    return maximum(x, z);
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): Maximum {
    return new Maximum(config as LayerOptions);
  }
}

/**
 * The smallest of its inputs, element by element.
 * https://keras.io/api/layers/merging_layers/minimum/
 */
export class Minimum extends Extreme {
  readonly className = 'Minimum';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: LayerOptions) {
    super(options, [], 'Minimum');
  }

  protected override combine(x: Expression, z: Expression): Expression {
    return minimum(x, z);
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): Minimum {
    return new Minimum(config as LayerOptions);
  }
}
