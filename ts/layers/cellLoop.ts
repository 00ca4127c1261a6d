import { ShapeError } from '../core/errors.ts';
import { formatShape } from '../core/shape.ts';
import { copy, emitSteps } from './emit.ts';
import type { StepsOptions } from './emitSteps.ts';
import { emitInside, emitWeights, type InnerGraph } from './innerGraph.ts';
import type { InputUse, Layer } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import { type CallConfig, PLAIN_CALL } from './symbolicTensor.ts';
import type { Value } from './value.ts';

/** A custom cell, a `CustomCell`: a layer that computes one step. */
export interface OwnCell extends Layer {
  readonly stateSize: number | readonly number[];
  readonly stateSizes: readonly number[];
  stepGraph(inputs: readonly Value[], training: boolean): InnerGraph | null;
}

/** Options of a loop over a cell. */
export interface CellLoopOptions extends StepsOptions {
  readonly returnState: boolean;
  readonly stateful: boolean;
}

/** Runs a custom cell over sequences, as a recurrent layer runs a built-in one. */
export class CellLoop {
  readonly cell: OwnCell;
  readonly #options: CellLoopOptions;

  constructor(cell: OwnCell, options: CellLoopOptions) {
    this.cell = cell;
    this.#options = options;
  }

  get name(): string {
    return this.cell.name;
  }

  get stateCount(): number {
    return this.cell.stateSizes.length;
  }

  get needsSequences(): string | null {
    return this.#options.goBackwards ? 'has goBackwards: true, so it begins with the last step' : null;
  }

  usesOf(): readonly InputUse[] {
    return [{ kind: 'floats', layer: this.cell }];
  }

  infer([first, ...states]: readonly [TensorSpec, ...TensorSpec[]], call: CallConfig): readonly TensorSpec[] {
    const { title } = this.cell;
    for (const [index, size] of states.length > 0 ? this.cell.stateSizes.entries() : []) {
      const { shape } = states[index] as TensorSpec;
      if (shape.length !== 1 || shape[0] !== size)
        throw new ShapeError(`${title}: initialState[${index}] must have shape [${size}], got ${formatShape(shape)}`);
    }
    const [output, ...after] = this.cell.infer(this.#specs(first.shape), { ...call, states: 0 }) as readonly [TensorSpec, ...TensorSpec[]];
    const { returnSequences, returnState } = this.#options;
    const sequence = returnSequences ? { ...output, shape: [first.shape[0] as number | null, ...output.shape] } : output;
    return returnState ? [sequence, ...after] : [sequence];
  }

  declare([first]: readonly [TensorSpec]): void {
    this.cell.declare(this.#specs(first.shape));
  }

  /** The input and the states of one step of sequences of a shape. */
  #specs([, ...step]: SampleShape): readonly TensorSpec[] {
    return [step, ...this.cell.stateSizes.map((size) => [size])].map((shape) => ({ shape, kind: 'floats' }));
  }

  /** Emits the cell at every step. @returns the output and, with `returnState`, the states */
  emitUse(scope: Scope, [input, ...given]: readonly [Value, ...Value[]]): readonly Value[] {
    const { cell } = this;
    const { rows } = input;
    const sizes = cell.stateSizes;
    const carried = sizes.map((size, index) => scope.state(`state${index}`, rows * size, this.#options.stateful));
    const initial = sizes.map((size, index): Value => {
      const buffer = carried[index]?.before ?? scope.zeros(rows * size);
      return given[index] ?? { shape: [size], rows, form: { kind: 'floats', buffer }, mask: null, needsGradient: false };
    });
    let graph: InnerGraph | null = null;
    let weights: ReadonlyMap<object, Value> | null = null;
    const [output, ...states] = emitSteps(scope, {
      options: this.#options,
      inputs: [input],
      initial,
      mask: input.mask,
      needsGradient:
        [input, ...initial].some(({ needsGradient }) => needsGradient) || cell.weights.some((weight) => scope.isTrainable(weight)),
      step: (inner, [x], before) => {
        const inputs = [x as Value, ...before];
        if (!weights) {
          graph = cell.stepGraph(inputs, scope.drops);
          weights = graph ? emitWeights(scope, graph) : new Map();
        }
        return graph ? emitInside(inner, graph, inputs, weights as never) : cell.emitUse(inner, inputs, PLAIN_CALL);
      },
    }) as readonly [Value, ...Value[]];
    for (const [index, state] of carried.entries()) if (state) copy(scope, scope.floatsOf(states[index] as Value), state.after);
    return this.#options.returnState ? [output, ...states] : [output];
  }
}
