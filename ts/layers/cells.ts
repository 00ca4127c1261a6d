import { describe } from '../core/describe.ts';
import { ArgumentError, FormatError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import { isRegisteredName, notExtended, registeredInstance } from '../core/registerClass.ts';
import type { OwnCell } from './cellLoop.ts';
import { GRU, type GRUOptions } from './gru.ts';
import { Layer, snakeCase } from './layer.ts';
import type { LayerConfig, LayerConfigValue } from './layerConfig.ts';
import { LSTM, type LSTMOptions } from './lstm.ts';
import { RECURRENT_OPTIONS, type Recurrent, type RecurrentOptions } from './recurrent.ts';
import { MORE_LAYERS } from './registry.ts';
import { SimpleRNN } from './simpleRNN.ts';

/** Options about whole sequences: those of `RNN`, and not of its cells. */
export const SEQUENCE_OPTIONS = [
  'returnSequences',
  'returnState',
  'goBackwards',
  'zeroOutputForMask',
  'stateful',
  'unroll',
  'truncate',
] as const;

type SequenceOption = (typeof SEQUENCE_OPTIONS)[number];

/** Options of the sequences that a cell runs over. */
export type SequenceOptions = Pick<RecurrentOptions, SequenceOption>;

type NotOfCells = SequenceOption | 'inputShape' | 'activityRegularizer' | 'trainable';

/** Options of {@link SimpleRNNCell}: those of `SimpleRNN` without those of sequences. */
export type SimpleRNNCellOptions = Omit<RecurrentOptions, NotOfCells>;
/** Options of {@link LSTMCell}: those of `LSTM` without those of sequences. */
export type LSTMCellOptions = Omit<LSTMOptions, NotOfCells>;
/** Options of {@link GRUCell}: those of `GRU` without those of sequences. */
export type GRUCellOptions = Omit<GRUOptions, NotOfCells>;

const CELL_OPTIONS = ['name', ...RECURRENT_OPTIONS.filter((option) => !SEQUENCE_OPTIONS.some((other) => other === option))];

/**
 * A cell computes one step of a recurrent layer. `RNN` runs one or several cells over sequences.
 * https://keras.io/api/layers/recurrent_layers/rnn/
 */
export abstract class Cell {
  /** The class name, such as `LSTMCell`. Saved models find the class by it. */
  abstract readonly className: string;
  /** The size of the states and of the output. */
  readonly units: number;
  /** The cell's name in its RNN, and so in the names of its weights; null for the class's. */
  readonly name: string | null;
  readonly #options: object;

  protected constructor(units: number, options: object | undefined, more: readonly string[], className: string) {
    const sequence = Object.keys(options ?? {}).find((name) => SEQUENCE_OPTIONS.some((other) => other === name));
    if (sequence !== undefined)
      throw new ArgumentError(`${className}: '${sequence}' is an option of RNN, as in new RNN(new ${className}(8), { ${sequence}: … })`);
    checkOptions(options, [...CELL_OPTIONS, ...more], className);
    this.#options = { ...options };
    this.units = units;
    this.name = (options as { name?: string } | undefined)?.name ?? null;
    // The layer checks the values of the options.
    this.layer('cell', {});
  }

  /** The layer that runs the cell over sequences. @throws {ArgumentError} for an option's value */
  layer(name: string, sequences: SequenceOptions): Recurrent<boolean> {
    return this.makeLayer(this.units, { ...this.#options, ...sequences, name });
  }

  protected abstract makeLayer(units: number, options: object): Recurrent<boolean>;

  /** The constructor's arguments as plain data. */
  getConfig(): LayerConfig {
    const config: Record<string, LayerConfigValue> = { ...this.layer(this.name ?? snakeCase(this.className), {}).getConfig() };
    for (const option of [...SEQUENCE_OPTIONS, 'trainable']) delete config[option];
    if (this.name === null) delete config.name;
    return config;
  }
}

/** The cell of `SimpleRNN`: one step of it. */
export class SimpleRNNCell extends Cell {
  readonly className = 'SimpleRNNCell';

  /**
   * @param units size of the state and of the output
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(units: number, options?: SimpleRNNCellOptions) {
    super(units, options, [], 'SimpleRNNCell');
  }

  protected override makeLayer(units: number, options: object): Recurrent<boolean> {
    return new SimpleRNN<boolean>(units, options);
  }
}

/** The cell of `LSTM`: one step of it. */
export class LSTMCell extends Cell {
  readonly className = 'LSTMCell';

  /**
   * @param units size of the two states and of the output
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(units: number, options?: LSTMCellOptions) {
    super(units, options, ['recurrentActivation', 'unitForgetBias'], 'LSTMCell');
  }

  protected override makeLayer(units: number, options: object): Recurrent<boolean> {
    return new LSTM<boolean>(units, options);
  }
}

/** The cell of `GRU`: one step of it. */
export class GRUCell extends Cell {
  readonly className = 'GRUCell';

  /**
   * @param units size of the state and of the output
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(units: number, options?: GRUCellOptions) {
    super(units, options, ['recurrentActivation', 'resetAfter'], 'GRUCell');
  }

  protected override makeLayer(units: number, options: object): Recurrent<boolean> {
    return new GRU<boolean>(units, options);
  }
}

/** A cell of RNN: a built-in one, or a `CustomCell`. */
export type AnyCell = Cell | OwnCell;

/** Several cells as one: the output of each is the input of the next, in every step. */
export class StackedRNNCells {
  readonly cells: readonly AnyCell[];

  /** @throws {ArgumentError} when there is no cell, or something that is none */
  constructor(cells: readonly (AnyCell | StackedRNNCells)[]) {
    this.cells = cellsOf(cells, 'StackedRNNCells');
  }
}

/** The cells of an argument, in the order in which they run. @throws {ArgumentError} */
export function cellsOf(given: unknown, owner: string): readonly AnyCell[] {
  const listed: unknown[] = Array.isArray(given) ? given : [given];
  if (listed.length === 0) throw new ArgumentError(`${owner} takes at least one cell, got an empty array`);
  return listed.flatMap((each) => {
    if (each instanceof StackedRNNCells) return each.cells;
    if (each instanceof Cell || isOwnCell(each)) return [each];
    throw new ArgumentError(`${owner} takes cells, such as new LSTMCell(8) or a CustomCell, or an array of them, got ${describe(each)}`);
  });
}

/** Whether a value is a custom cell. Its class is not named here, so that few load it. */
export function isOwnCell(value: unknown): value is OwnCell {
  return value instanceof Layer && 'stepGraph' in value;
}

const CLASSES: Readonly<Record<string, new (units: number, options: object) => Cell>> = { SimpleRNNCell, LSTMCell, GRUCell };

/** Cells that are layers, by the names of their classes. */
type CellTable = Readonly<Record<string, { fromConfig(config: LayerConfig): OwnCell }>>;

/** Makes a cell of `{ className, config }`. @throws {FormatError} when there is no such class */
export function cellFromConfig(described: LayerConfigValue): AnyCell {
  const { className, config } = (described ?? {}) as { className?: string; config?: LayerConfig };
  if (isRegisteredName(className)) {
    const cell = registeredInstance(className, config ?? {}, 'cell', Layer, 'CustomCell');
    if (isOwnCell(cell)) return cell;
    throw notExtended(className, 'CustomCell');
  }
  const more: CellTable = MORE_LAYERS.code?.MORE_CELLS ?? {};
  const moreClass = typeof className === 'string' && Object.hasOwn(more, className) ? more[className] : undefined;
  if (moreClass) return moreClass.fromConfig(config ?? {});
  const cellClass = typeof className === 'string' && Object.hasOwn(CLASSES, className) ? CLASSES[className] : undefined;
  if (!cellClass)
    throw new FormatError(
      `there is no cell class ${describe(className)}; the classes are ${[...Object.keys(CLASSES), ...Object.keys(more)].join(', ')}`,
    );
  const { units, ...options } = config ?? {};
  return new cellClass(units as number, options);
}
