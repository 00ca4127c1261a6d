import { emitMove } from './emitMove.ts';
import { batchMajorStrides, emitReorder, stridesOf } from './layout.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';
import type { Weight } from './weight.ts';

/** Emits a weight as a value of one row, and notes that its gradient is the weight's. */
export function emitWeight(scope: Scope, weight: Weight): Value {
  const { shape } = weight;
  const value: Value = {
    shape,
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
  // Up to two axes lie in a value as in a weight.
  return shape.length < 3 ? value : emitReorder(scope, value, shape, batchMajorStrides(shape), stridesOf(shape, 1), value);
}
