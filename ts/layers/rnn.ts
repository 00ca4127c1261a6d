import { ArgumentError, ShapeError } from '../core/errors.ts';
import { booleanOption } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';
import { CellLoop } from './cellLoop.ts';
import { type AnyCell, Cell, cellFromConfig, cellsOf, SEQUENCE_OPTIONS, type SequenceOptions, type StackedRNNCells } from './cells.ts';
import { inReverse } from './emitMore.ts';
import { type InputUse, type LayerConfig, type LayerOptions, requireFeatures, snakeCase } from './layer.ts';
import type { LayerConfigValue } from './layerConfig.ts';
import type { Recurrent } from './recurrent.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import { type CallConfig, PLAIN_CALL } from './symbolicTensor.ts';
import type { Value } from './value.ts';
import { Wrapper } from './wrapper.ts';

export interface RNNOptions extends LayerOptions, SequenceOptions {}

/**
 * Runs cells over sequences `[T, D]`. In every step the output of each cell is the input of the
 * next one; the output of the layer is that of the last cell. A cell runs over all steps before the
 * next one begins, with the kernel of its layer: `RNN(new LSTMCell(8))` is as fast as `LSTM(8)`.
 *
 * With `returnState` the states of all cells follow the output, in the order of the cells: h of a
 * SimpleRNNCell and a GRUCell, h and c of an LSTMCell. `initialState` has the same order.
 * Weights: those of the first cell, then those of the next.
 * https://keras.io/api/layers/recurrent_layers/rnn/
 */
export class RNN<ReturnState extends boolean = false> extends Wrapper {
  readonly className = 'RNN';
  readonly cells: readonly AnyCell[];
  readonly returnSequences: boolean;
  readonly returnState: ReturnState;
  readonly goBackwards: boolean;
  readonly zeroOutputForMask: boolean;
  readonly unroll: boolean;
  readonly truncate: number | null;
  /** The layer or loop that runs each cell. */
  readonly #runs: readonly (Recurrent<boolean> | CellLoop)[];
  readonly #stateful: boolean;

  /**
   * @param cell a cell, or several in the order in which they run
   * @throws {ArgumentError} for something that is no cell, an unknown option, or a value outside
   *   its range
   */
  constructor(
    cell: AnyCell | StackedRNNCells | readonly (AnyCell | StackedRNNCells)[],
    options?: RNNOptions & { returnState?: ReturnState },
  ) {
    const cells = cellsOf(cell, 'RNN');
    const flag = (name: Exclude<(typeof SEQUENCE_OPTIONS)[number], 'truncate'>) => booleanOption(options?.[name], false, `RNN: ${name}`);
    const truncate = options?.truncate == null ? null : positiveInteger(options.truncate, 'RNN: truncate');
    const last = cells.length - 1;
    const names = new Set<string>();
    const runs = cells.map((each, index) => {
      const sequences = {
        returnSequences: index < last || flag('returnSequences'),
        returnState: flag('returnState'),
        goBackwards: flag('goBackwards'),
        zeroOutputForMask: index === last && flag('zeroOutputForMask'),
        stateful: flag('stateful'),
        truncate,
      };
      const isOwn = !(each instanceof Cell);
      const given = isOwn && each.hasName ? each.name : null;
      const base = given ?? (isOwn ? null : each.name) ?? snakeCase(each.className);
      let name = base;
      for (let number = 1; names.has(name); number++) name = `${base}_${number}`;
      if (given !== null && name !== given)
        throw new ArgumentError(`RNN: two cells are called '${given}': give each cell a name of its own`);
      names.add(name);
      if (!isOwn) return each.layer(name, sequences);
      each.setName(name);
      return new CellLoop(each, sequences);
    });
    super(
      options,
      SEQUENCE_OPTIONS,
      'RNN',
      runs.map((run) => (run instanceof CellLoop ? run.cell : run)),
    );
    this.#runs = runs;
    this.cells = cells;
    this.returnSequences = flag('returnSequences');
    this.returnState = flag('returnState') as ReturnState;
    this.goBackwards = flag('goBackwards');
    this.zeroOutputForMask = flag('zeroOutputForMask');
    this.unroll = flag('unroll');
    this.truncate = truncate;
    this.#stateful = flag('stateful');
  }

  /** Number of the states of all cells. */
  get stateCount(): number {
    return this.#runs.reduce((sum, { stateCount }) => sum + stateCount, 0);
  }

  override get needsSequences(): string | null {
    return this.#runs[0]?.needsSequences ?? null;
  }

  override get stateful(): boolean {
    return this.#stateful;
  }

  override get gradientSteps(): number | null {
    return this.truncate;
  }

  override usesOf(place: number): readonly InputUse[] {
    return (this.#runs[0] as Recurrent<boolean> | CellLoop).usesOf(place);
  }

  override infer([first, ...states]: readonly [TensorSpec, ...TensorSpec[]], call: CallConfig): readonly TensorSpec[] {
    requireFeatures(this, first.shape, [2], 'sequences [steps, features]');
    if (states.length > 0 && states.length !== this.stateCount)
      throw new ShapeError(
        `${this.title}: initialState must be ${this.stateCount} tensors, those of the first cell first, got ${states.length}`,
      );
    let spec = first;
    const split = this.#split(states);
    const finalStates = this.#runs.flatMap((run, index) => {
      const initial = split[index] as readonly TensorSpec[];
      const [output, ...ofCell] = run.infer([spec, ...initial], { ...call, states: initial.length });
      spec = output as TensorSpec;
      return ofCell;
    });
    return [spec, ...finalStates];
  }

  protected override buildInside([first]: readonly [TensorSpec]): void {
    let spec = first;
    for (const run of this.#runs) {
      run.declare([spec]);
      spec = run.infer([spec], PLAIN_CALL)[0] as TensorSpec;
    }
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return (this.infer([{ shape: inputShape, kind: 'floats' }], PLAIN_CALL)[0] as TensorSpec).shape;
  }

  override emit(scope: Scope, [input, ...states]: readonly [Value, ...Value[]]): readonly Value[] {
    const split = this.#split(states);
    let value = input;
    const finalStates = this.#runs.flatMap((run, index) => {
      // The outputs of the cell before are in the order of processing, and the mask is not.
      if (index > 0 && this.goBackwards) value = inReverse(scope, value);
      const initial = split[index] as readonly Value[];
      const [output, ...ofCell] = run.emitUse(scope.inner(run.name), [value, ...initial], PLAIN_CALL);
      value = output as Value;
      return ofCell;
    });
    return [value, ...finalStates];
  }

  /** The states of each cell; none if there are none. */
  #split<T>(states: readonly T[]): readonly (readonly T[])[] {
    let start = 0;
    return this.#runs.map(({ stateCount }) => {
      const own = states.slice(start, start + stateCount);
      start += stateCount;
      return own;
    });
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      cells: this.cells.map((cell) => ({ className: cell instanceof Cell ? cell.className : cell.savedAs, config: cell.getConfig() })),
      ...this.#options,
    };
  }

  get #options() {
    const { returnSequences, returnState, goBackwards, zeroOutputForMask, unroll, truncate } = this;
    return { returnSequences, returnState, goBackwards, zeroOutputForMask, stateful: this.#stateful, unroll, truncate };
  }

  protected override copyOf(options: LayerOptions): RNN<boolean> {
    return this.copyWith(options);
  }

  /** An RNN with equal cells and other options, without weights. */
  copyWith(options: RNNOptions): RNN<boolean> {
    const cells = this.cells.map((cell) => (cell instanceof Cell ? cell : cell.copyWithoutWeights()));
    return new RNN<boolean>(cells, { ...this.#options, ...options });
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig({ cells, ...options }: LayerConfig): RNN<boolean> {
    return new RNN<boolean>((cells as readonly LayerConfigValue[]).map(cellFromConfig), options as RNNOptions);
  }
}
