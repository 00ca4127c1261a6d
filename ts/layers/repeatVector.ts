import { positiveInteger } from '../core/shape.ts';
import { emitMove } from './emit.ts';
import { Layer, type LayerConfig, type LayerOptions, requireAxes } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape } from './spec.ts';
import { lengthOf, type Value } from './value.ts';

/**
 * Repeats a vector as the steps of a sequence: `[D]` becomes `[n, D]`.
 * https://keras.io/api/layers/reshaping_layers/repeat_vector/
 */
export class RepeatVector extends Layer {
  readonly className = 'RepeatVector';
  readonly n: number;

  /**
   * @param n the number of steps
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(n: number, options?: LayerOptions) {
    super(options, [], 'RepeatVector');
    this.n = positiveInteger(n, 'RepeatVector: n', 'new RepeatVector(n, options)');
  }

  override get supportsMasking(): boolean {
    return false;
  }

  protected override checkInputShape(inputShape: SampleShape): number {
    requireAxes(this, inputShape, [1], 'vectors [features]');
    return 0;
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return [this.n, ...inputShape];
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const width = lengthOf(input);
    const steps = this.n;
    const y = scope.floats('y', steps * width);
    const x = scope.floatsOf(input);
    emitMove(scope, { counts: [steps], width, x, from: { strides: [0] }, y, to: { strides: [width] } });
    const output: Value = { ...input, shape: [steps, ...input.shape], form: { kind: 'floats', buffer: y }, mask: null };
    scope.backward([output], (gradients) => {
      const dY = gradients.of(output);
      const dX = dY && gradients.to(input);
      if (!dY || !dX) return;
      const add = (start: number, count: number, accumulate: boolean) =>
        emitMove(scope, {
          counts: [count],
          width,
          x: dY,
          from: { start: start * width, strides: [width] },
          y: dX,
          to: { strides: [0] },
          accumulate,
        });
      add(0, 1, false);
      if (steps > 1) add(1, steps - 1, true);
    });
    return [output];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), n: this.n };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ n, ...options }: LayerConfig): RepeatVector {
    return new RepeatVector(n as number, options as LayerOptions);
  }
}
