import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { formatShape } from '../core/shape.ts';
import { Layer } from './layer.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import { PLAIN_CALL } from './symbolicTensor.ts';

/** The base of layers that `ops` makes: they have no weights, and take any number of inputs. */
export abstract class OperationLayer extends Layer {
  protected override checkInputShape(): number {
    return 0;
  }

  protected override featuresOf(): number {
    return 0;
  }

  override usesOf(): readonly [{ readonly kind: 'floats'; readonly layer: null }] {
    return [{ kind: 'floats', layer: null }];
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return (this.infer([{ shape: inputShape, kind: 'floats' }], PLAIN_CALL)[0] as TensorSpec).shape;
  }
}

/**
 * Checks an axis, with the batch as axis 0, negative from the last one on.
 * @throws {ArgumentError} when it is not an integer, or is the batch
 */
export function axisOption(axis: number, where: string): number {
  if (!Number.isInteger(axis) || axis === 0)
    throw new ArgumentError(`${where}: axis must be an integer, and not 0, which is the batch, got ${describe(axis)}`);
  return axis;
}

/**
 * The axis of samples that an axis with the batch as axis 0 is.
 * @throws {ShapeError} when samples do not have it, or have more than 3 axes
 */
export function sampleAxis(layer: Layer, axis: number, shape: SampleShape): number {
  const found = axis < 0 ? shape.length + axis : axis - 1;
  if (found < 0 || found >= shape.length || shape.length > 3)
    throw new ShapeError(
      `${layer.title}: axis ${axis} is not an axis of samples of shape ${formatShape(shape)} (the batch is axis 0; at most 3 axes)`,
    );
  return found;
}
