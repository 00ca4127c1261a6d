import { ACTIVATIONS } from '../backend/kernels.generated.ts';
import { ShapeError } from '../core/errors.ts';
import { formatShape, type Shape } from '../core/shape.ts';
import { emitBroadcast, emitProduct } from './emitMore.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import { OperationLayer } from './operationLayer.ts';
import type { Scope } from './scope.ts';
import type { TensorSpec } from './spec.ts';
import { stridesOf } from './strides.ts';
import { featuresOf, matrixRows, type Value } from './value.ts';

/**
 * The product of samples `[..., n]` with a matrix `[n, k]`, which is a weight of a layer of one's
 * own; batched, of samples `[n, m]` and `[m, k]`, or `[h, n, m]` and `[h, m, k]`.
 */
export class MatMul extends OperationLayer {
  readonly className = 'MatMul';
  /** Whether both sides are samples. */
  readonly batched: boolean;

  constructor(batched = false, options?: LayerOptions) {
    super(options, [], 'MatMul');
    this.batched = batched;
  }

  override get needsSequences(): string | null {
    return this.batched ? 'multiplies whole sequences' : null;
  }

  override infer([left, right]: readonly TensorSpec[]): readonly TensorSpec[] {
    const [a, b] = [(left as TensorSpec).shape, (right as TensorSpec).shape];
    const [depth, rows] = [a.at(-1) ?? null, b.at(-2) ?? null];
    const heads = this.batched && a.length === 3 ? [joined(a[0], b[0])] : [];
    const axesFit = this.batched
      ? a.length === b.length && (a.length === 2 || a.length === 3)
      : b.length === 2 && [1, 2, 3].includes(a.length);
    if (!axesFit || (depth !== null && rows !== null && depth !== rows) || heads.includes(Number.NaN)) {
      const expected = this.batched ? 'samples [n, m] and [m, k], or [h, n, m] and [h, m, k]' : 'samples [..., n] and a weight [n, m]';
      throw new ShapeError(`ops.matmul takes ${expected}, got ${formatShape(a)} and ${formatShape(b)}`);
    }
    return [
      {
        shape: [...(this.batched ? heads : a.slice(0, -2)), ...a.slice(0, -1).slice(-1), b[1 + heads.length] as number | null],
        kind: 'floats',
      },
    ];
  }

  override emit(scope: Scope, [left, right]: readonly [Value, Value]): readonly Value[] {
    const inferred = this.infer([left, right].map(({ shape }) => ({ shape, kind: 'floats' })));
    const { shape } = inferred[0] as { shape: Shape };
    if (!this.batched) return [emitMatrix(scope, left, right)];
    const rows = Math.max(left.rows, right.rows);
    const heads = shape.slice(0, -2);
    const [a, b] = [left, right].map((value) => emitBroadcast(scope, value, [...heads, ...value.shape.slice(-2)], rows)) as [Value, Value];
    const places = (of: Shape) => {
      const { rows: between, axes } = stridesOf(of, rows);
      const strides: [number, number] = [heads.length > 0 ? (axes[0] as number) : 0, between];
      return { strides, rowStride: axes[heads.length] as number };
    };
    const product = emitProduct(scope, {
      counts: [heads[0] ?? 1, rows],
      rows: shape[heads.length] as number,
      depth: featuresOf(a),
      columns: featuresOf(b),
      left: { value: a, ...places(a.shape) },
      right: { value: b, ...places(b.shape) },
      places: places(shape),
      output: { shape, rows, mask: null },
    });
    return [product];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), batched: this.batched };
  }

  /** The layer that `getConfig` describes. Earlier files have no `batched`. */
  static fromConfig({ batched = false, ...options }: LayerConfig): MatMul {
    return new MatMul(batched as boolean, options as LayerOptions);
  }
}

/** The common one of two sizes: 1 stands for any, null is free. NaN where they differ. */
function joined(a: number | null | undefined = null, b: number | null | undefined = null): number | null {
  if (a === b || b === 1) return a;
  if (a === 1 || a === null) return b;
  return b === null ? a : Number.NaN;
}

/** Emits the product of each row of samples with one matrix. */
function emitMatrix(scope: Scope, input: Value, matrix: Value): Value {
  const [rows, units] = [matrixRows(input), featuresOf(matrix)];
  const y = scope.floats('y', rows * units);
  const shared = {
    rows,
    features: featuresOf(input),
    units,
    activation: ACTIVATIONS.linear,
    x: scope.floatsOf(input),
    ids: null,
    kernel: scope.floatsOf(matrix),
  };
  scope.call('denseForward', { ...shared, bias: null, y });
  const output: Value = {
    shape: [...input.shape.slice(0, -1), units],
    rows: input.rows,
    form: { kind: 'floats', buffer: y },
    mask: null,
    needsGradient: input.needsGradient || matrix.needsGradient,
  };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    if (!dY) return;
    const dKernel = gradients.to(matrix) ?? scope.floats('dFrozen', shared.kernel.length);
    scope.call('denseBackward', { ...shared, y, dY, dKernel, dBias: null, dX: gradients.to(input) });
  });
  return output;
}
