import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { formatShape, positiveInteger } from '../core/shape.ts';
import type { InnerGraph } from './innerGraph.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import type { CallConfig, SymbolicTensor } from './symbolicTensor.ts';
import { TracedLayer } from './tracedLayer.ts';
import type { Value } from './value.ts';

/** Options of `call` of a cell. */
export interface CellCallOptions {
  /** Whether the step is one of training, in which dropout is active. */
  readonly training: boolean;
}

/**
 * The result of one step: the output, and the states after the step in the order of `stateSize`.
 */
export type CellResult = readonly [output: SymbolicTensor, states: readonly SymbolicTensor[]];

/**
 * The base of custom cells, which `RNN` runs over sequences. `build` makes the weights, and
 * `call` computes one step, of operations (`ops`) and layers, which are properties of the cell.
 * https://keras.io/api/layers/recurrent_layers/rnn/
 *
 *     class MinimalCell extends CustomCell {
 *       static className = 'MinimalCell';
 *       readonly stateSize = 8;
 *       readonly fromInput = new Dense(8);
 *       readonly fromState = new Dense(8, { useBias: false });
 *       call(x: SymbolicTensor, [h]: readonly [SymbolicTensor]): CellResult {
 *         const output = ops.tanh(ops.add(this.fromInput.apply(x), this.fromState.apply(h)));
 *         return [output, [output]];
 *       }
 *     }
 *     registerClass(MinimalCell);
 *     new RNN(new MinimalCell());
 *
 * A cell is a layer too: `cell.applyAll([x, h])` makes one step, without `RNN`.
 */
export abstract class CustomCell extends TracedLayer {
  /** Size of the state, or the sizes of several states. */
  abstract readonly stateSize: number | readonly number[];
  /** Size of the output. Default: that of the first state. */
  readonly outputSize: number | undefined = undefined;

  /** The sizes of the states. @throws {ArgumentError} when `stateSize` has none */
  get stateSizes(): readonly number[] {
    const sizes = [this.stateSize ?? []].flat() as readonly number[];
    if (sizes.length === 0)
      throw new ArgumentError(`${this.title}: stateSize must be a size or an array of sizes, got ${describe(this.stateSize)}`);
    for (const [index, size] of sizes.entries()) positiveInteger(size, `${this.title}: stateSize[${index}]`);
    return sizes;
  }

  /**
   * Computes one step. It must compute the same each time it is called.
   * @param _x the input of the step, `[D]` of each sample
   * @param _states the states before the step, in the order of `stateSize`
   * @throws {ArgumentError} when the cell has neither this method nor `emit`
   */
  call(_x: SymbolicTensor, _states: readonly SymbolicTensor[], _options: CellCallOptions): CellResult {
    throw new ArgumentError(`${this.title} computes nothing: write its method call`);
  }

  protected override callWith([x, ...states]: readonly [SymbolicTensor, ...SymbolicTensor[]], training: boolean): unknown {
    const result: unknown = this.call(x, states, { training });
    if (!Array.isArray(result) || result.length !== 2 || !Array.isArray(result[1]))
      throw new ArgumentError(`${this.title}: call must return [output, states], with the states as an array, got ${describe(result)}`);
    return [result[0], ...result[1]];
  }

  /** The graph of one step; null for a cell that overrides `emit`. Called by `RNN`. */
  stepGraph(inputs: readonly Value[], training: boolean): InnerGraph | null {
    return this.graphFor(inputs, training);
  }

  override infer(inputs: readonly TensorSpec[], call: CallConfig): readonly TensorSpec[] {
    const sizes = this.stateSizes;
    const [first, ...states] = inputs as readonly [TensorSpec, ...TensorSpec[]];
    const vectors = (shapes: readonly SampleShape[]) => shapes.map(formatShape).join(', ');
    const wrong = states.some(({ shape }, index) => shape.length !== 1 || shape[0] !== sizes[index]);
    if (states.length !== sizes.length || wrong)
      throw new ShapeError(
        `${this.title} takes an input and states ${vectors(sizes.map((size) => [size]))}, got states ${vectors(states.map(({ shape }) => shape)) || 'none'}`,
      );
    if (first.shape.length !== 1 || first.shape[0] === null)
      throw new ShapeError(`${this.title} takes one step [features], got samples of shape ${formatShape(first.shape)}`);
    const outputs = super.infer(inputs, call);
    const expected = [this.outputSize ?? sizes[0], ...sizes];
    const given = outputs.map(({ shape }) => shape);
    if (given.length !== expected.length || given.some((shape, index) => shape.length !== 1 || shape[0] !== expected[index]))
      throw new ShapeError(
        `${this.title}: call must return an output [${expected[0]}] and states ${vectors(sizes.map((size) => [size]))}, ` +
          `as outputSize and stateSize say, got ${vectors(given)}`,
      );
    return outputs;
  }

  protected override outputsWithoutCall(): readonly TensorSpec[] {
    const sizes = this.stateSizes;
    return [this.outputSize ?? (sizes[0] as number), ...sizes].map((size) => ({ shape: [size], kind: 'floats' }));
  }
}
