import type { Shape } from '../core/shape.ts';
import { emitMove } from './emitMove.ts';
import { emitReorder } from './layout.ts';
import type { Scope } from './scope.ts';
import { batchMajorStrides, stridesOf } from './strides.ts';
import type { Value } from './value.ts';
import type { Weight } from './weight.ts';

/**
 * Emits a weight as a value of one row.
 * @param as the shape of the value. Default: that of the weight; of one number `[1]`
 */
export function emitWeight(scope: Scope, weight: Weight, as: Shape = weight.shape): Value {
  const value: Value = {
    shape: as.length === 0 ? [1] : as,
    rows: 1,
    form: { kind: 'floats', buffer: scope.weight(weight) },
    mask: null,
    needsGradient: scope.isTrainable(weight),
  };
  scope.backward([value], (gradients) => {
    const dY = gradients.of(value);
    if (!dY) return;
    const y = gradients.toWeight(weight);
    emitMove(scope, { counts: [1], width: y.length, x: dY, from: { strides: [0] }, y, to: { strides: [0] } });
  });
  const { shape } = value;
  // Up to two axes lie in a value as in a weight.
  return shape.length < 3 ? value : emitReorder(scope, value, shape, batchMajorStrides(shape), stridesOf(shape, 1), value);
}
