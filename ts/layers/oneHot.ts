import { positiveInteger } from '../core/shape.ts';
import { idsOf, Layer, type LayerConfig, type LayerOptions, requireIds } from './layer.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

/**
 * Turns ids `[T]` into one-hot rows `[T, depth]`. A recurrent or dense layer above gathers rows of
 * its kernel instead of expanding the one-hot rows, so a large depth costs no time. (Keras:
 * `CategoryEncoding(depth, output_mode='one_hot')` or `one_hot`.)
 */
export class OneHot extends Layer {
  readonly className = 'OneHot';
  override readonly inputKind = 'ids';
  override readonly idLimit: number;
  readonly depth: number;

  /**
   * @param depth size of each row: ids are 0 to depth - 1
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(depth: number, options?: LayerOptions) {
    super(options, [], 'OneHot');
    this.depth = positiveInteger(depth, 'OneHot: depth', 'new OneHot(depth, options)');
    this.idLimit = this.depth;
  }

  override get needsSequences(): null {
    return null;
  }

  protected override checkInputShape(inputShape: readonly (number | null)[]): number {
    requireIds(this, inputShape);
    return this.depth;
  }

  override outputShape(inputShape: readonly (number | null)[]): readonly (number | null)[] {
    return [...inputShape, this.depth];
  }

  override emit(_scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const form = { kind: 'rows', ids: idsOf(this, input), table: null } as const;
    return [{ ...input, shape: [...input.shape, this.depth], form, mask: null, needsGradient: false }];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), depth: this.depth };
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig({ depth, ...options }: LayerConfig): OneHot {
    return new OneHot(depth as number, options as LayerOptions);
  }
}
