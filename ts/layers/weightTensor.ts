import { ArgumentError } from '../core/errors.ts';
import { emitWeight } from './emitMore.ts';
import type { Scope } from './scope.ts';
import type { TensorSpec } from './spec.ts';
import { PLAIN_CALL, SymbolicTensor } from './symbolicTensor.ts';
import { isTracing } from './tracing.ts';
import type { Value } from './value.ts';
import { Weight } from './weight.ts';

/**
 * The tensor of an argument of an operation; null for a number.
 * @throws {ArgumentError} when it is neither a tensor, a weight of a layer in its `call`, nor a
 *   number
 */
export function tensorOf(value: unknown, operation: string): SymbolicTensor | null {
  if (value instanceof SymbolicTensor) return value;
  if (typeof value === 'number') return null;
  if (!(value instanceof Weight))
    throw new ArgumentError(`ops.${operation} takes symbolic tensors, weights and numbers; data becomes a tensor by Input`);
  if (!isTracing())
    throw new ArgumentError(
      `ops.${operation}: the weight ${value.name} is a value only inside the method call of a custom layer: write a CustomLayer`,
    );
  const outputs: SymbolicTensor[] = [];
  outputs.push(new SymbolicTensor(specOf(value), { layer: new WeightUse(value), inputs: [], call: PLAIN_CALL, outputs }, 0));
  return outputs[0] as SymbolicTensor;
}

function specOf({ shape }: Weight): TensorSpec {
  return { shape, kind: 'floats' };
}

/** A weight as a value of one row, in the place of a layer without inputs. */
class WeightUse {
  readonly #weight: Weight;

  constructor(weight: Weight) {
    this.#weight = weight;
  }

  get name(): string {
    return this.#weight.name;
  }

  get title(): string {
    return `weight ${this.name}`;
  }

  get needsSequences(): null {
    return null;
  }

  inferUse(): readonly TensorSpec[] {
    return [specOf(this.#weight)];
  }

  emitUse(scope: Scope): readonly Value[] {
    return [emitWeight(scope, this.#weight)];
  }
}
