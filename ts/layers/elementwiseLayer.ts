import { emitFunction } from './emit.ts';
import { type Expression, input as inputOf } from './expression.ts';
import { Layer } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape } from './spec.ts';
import type { Value } from './value.ts';

/**
 * The base of layers that compute each element separately: samples may have any shape. The output
 * has the shape and the mask of the input.
 */
export abstract class ElementwiseLayer extends Layer {
  override get needsSequences(): string | null {
    return null;
  }

  protected override checkInputShape(_inputShape: SampleShape): number {
    return 0;
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return inputShape;
  }

  /** The function of an element. Default: the identity. */
  formula(x: Expression): Expression {
    return x;
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    return [emitFunction(scope, this.formula(inputOf(0)), [input], input)];
  }
}
