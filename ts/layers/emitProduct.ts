import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import { lengthOf, type Value } from './value.ts';

/** Where the matrices of a value lie. */
export interface Places {
  /** Elements from one matrix to the next, along each of the two axes of products. */
  readonly strides: readonly [number, number];
  /** Elements from one stored row to the next. The elements of a row lie side by side. */
  readonly rowStride: number;
  /** Whether the matrices are the transposes of what is stored. Default false. */
  readonly transposed?: boolean;
}

/** Matrices that are multiplied: all elements of a value, each in one of them. */
export interface Matrices extends Places {
  readonly value: Value;
}

/** Products `[rows, depth] · [depth, columns]`, as many as the product of the counts. */
export interface Product {
  readonly counts: readonly [number, number];
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
  readonly left: Matrices;
  readonly right: Matrices;
  /** Where the products lie. */
  readonly places: Places;
  /** The value that the products become. */
  readonly output: Pick<Value, 'shape' | 'rows' | 'mask'>;
}

/** Emits products of matrices, and notes how gradients pass back to both sides. */
export function emitProduct(scope: Scope, { counts, rows, depth, columns, left, right, places, output }: Product): Value {
  const y = scope.floats('y', lengthOf({ ...left.value, ...output }));
  const needsGradient = left.value.needsGradient || right.value.needsGradient;
  const product: Value = { ...output, form: { kind: 'floats', buffer: y }, needsGradient };
  const [a, b] = [left, right].map(({ value, ...where }) => ({ ...where, buffer: scope.floatsOf(value) })) as [Stored, Stored];
  emitCall(scope, counts, [rows, depth, columns], a, b, { ...places, buffer: y });
  scope.backward([product], (gradients) => {
    const buffer = gradients.of(product);
    if (!buffer) return;
    const dY = { ...places, buffer };
    // Of a side that is stored transposed, the gradient is the transposed product.
    const dLeft = gradients.to(left.value);
    if (dLeft && a.transposed) emitCall(scope, counts, [depth, columns, rows], b, flipped(dY), { ...a, buffer: dLeft });
    else if (dLeft) emitCall(scope, counts, [rows, columns, depth], dY, flipped(b), { ...a, buffer: dLeft });
    const dRight = gradients.to(right.value);
    if (dRight && b.transposed) emitCall(scope, counts, [columns, rows, depth], flipped(dY), a, { ...b, buffer: dRight });
    else if (dRight) emitCall(scope, counts, [depth, rows, columns], flipped(a), dY, { ...b, buffer: dRight });
  });
  return product;
}

/** Matrices in a buffer. */
interface Stored extends Places {
  readonly buffer: PlannedBuffer;
}

function flipped(matrices: Stored): Stored {
  return { ...matrices, transposed: !matrices.transposed };
}

function emitCall(
  scope: Scope,
  [count0, count1]: readonly [number, number],
  [rows, depth, columns]: readonly [number, number, number],
  left: Stored,
  right: Stored,
  y: Stored,
): void {
  scope.call('batchedProduct', {
    leftLength: left.buffer.length,
    rightLength: right.buffer.length,
    yLength: y.buffer.length,
    count0,
    count1,
    rows,
    depth,
    columns,
    leftStride0: left.strides[0],
    leftStride1: left.strides[1],
    leftRowStride: left.rowStride,
    leftTransposed: left.transposed ? 1 : 0,
    rightStride0: right.strides[0],
    rightStride1: right.strides[1],
    rightRowStride: right.rowStride,
    rightTransposed: right.transposed ? 1 : 0,
    yStride0: y.strides[0],
    yStride1: y.strides[1],
    yRowStride: y.rowStride,
    accumulate: 0,
    left: left.buffer,
    right: right.buffer,
    y: y.buffer,
  });
}
