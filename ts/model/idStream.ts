import type { FloatArray } from '../backend/backend.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError, StateError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import type { Tensor, TensorLike } from '../core/tensor.ts';
import { type CheckValues, inputCheck } from '../feed/checkValues.ts';
import type { Layer } from '../layers/layer.ts';
import type { Model } from './model.ts';
import type { ModelStream, StreamState, StreamStateLike } from './modelStream.ts';

/** The inputs of a model besides the ids. */
export interface IdStreamOptions {
  /** The inputs of all rows besides the ids, by their names. */
  readonly inputs: Readonly<Record<string, TensorLike>>;
  /** The states of all rows before the first id; undefined for zeros. */
  readonly state: StreamStateLike | undefined;
}

/** A model that predicts ids and takes them as its next step, on R sequences side by side. */
export class IdStream {
  readonly rows: number;
  /** V: number of ids that the model predicts. */
  readonly classes: number;
  /** Whether the outputs are scores before the softmax, and not probabilities. */
  readonly fromLogits: boolean;
  /** Checks ids of a prompt. */
  readonly checkIds: CheckValues;
  /** `[R, V]` as R views of the outputs of the last step. */
  outputs: readonly FloatArray[] = [];
  readonly #stream: ModelStream;
  #values: FloatArray | null = null;

  /**
   * @param owner the function, for error messages
   * @throws {ArgumentError} for inputs or states that the model does not have
   * @throws {ShapeError} for a model that does not predict ids, and inputs or states of another shape
   * @throws {StateError} before the model is built
   */
  constructor(model: Model, rows: number, { inputs, state }: IdStreamOptions, owner: string) {
    this.rows = rows;
    if (!model.built)
      throw new StateError(
        `${owner}: the model is not built: fit or predict it with data, or call build with the shape of a batch of ids, [null, null]`,
      );
    this.fromLogits = endsInLogits(model, owner);
    checkInputs(model.inputNames, inputs, owner);
    const stream: ModelStream = model.stream({ batchSize: rows, context: inputs });
    this.#stream = stream;
    this.classes = stream.outputShape[1];
    try {
      const layers = stream.idLayersOf(stream.inputNames[0] as string);
      checkIdsFit(model.name, layers[0], this.classes, owner);
      this.checkIds = inputCheck('ids', layers);
      if (state !== undefined) stream.state = state;
    } catch (error) {
      stream.dispose();
      throw error;
    }
  }

  /** Gives each row its next id `[R]`, and computes the outputs. */
  step(ids: Int32Array): void {
    const values = this.#values ? this.#stream.step(ids, this.#values) : this.#stream.step(ids);
    if (values === this.#values) return;
    this.#values = values;
    this.outputs = Array.from({ length: this.rows }, (_, row) => values.subarray(row * this.classes, (row + 1) * this.classes));
  }

  /** Continues row r with what row `from[r]` has read. */
  gather(from: readonly number[]): void {
    if (from.every((row, to) => row === to)) return;
    this.#stream.state = Object.fromEntries(
      Object.entries(this.#stream.state as StreamState).map(([layer, states]) => [
        layer,
        Object.fromEntries(Object.entries(states).map(([name, state]) => [name, rowsOf(state, from)])),
      ]),
    );
  }

  dispose(): void {
    this.#stream.dispose();
  }
}

/** Some rows of a tensor, one after the other. */
export function rowsOf({ shape, data }: Tensor, rows: readonly number[]): Tensor<Float64Array> {
  const length = data.length / (shape[0] as number);
  const taken = new Float64Array(rows.length * length);
  for (const [to, row] of rows.entries()) taken.set(data.subarray(row * length, (row + 1) * length), to * length);
  return { shape: [rows.length, ...shape.slice(1)], data: taken };
}

/**
 * Checks that the model takes every id that it can predict.
 * @throws {ShapeError} when it does not
 */
function checkIdsFit(model: string, layer: Layer | undefined, classes: number, owner: string): void {
  if (layer && classes <= (layer.idLimit as number)) return;
  const taker = layer ? `layer ${layer.name} (${layer.className}) takes ids below ${layer.idLimit}` : `model ${model} takes floats`;
  throw new ShapeError(`${owner}: the model predicts ids below ${classes}, which become its next inputs, but ${taker}`);
}

/** Whether the model's outputs are logits and not probabilities. */
function endsInLogits({ name, built, layers, outputs }: Model, owner: string): boolean {
  if (built && outputs.length > 1)
    throw new ArgumentError(`${owner}: model ${name} has ${outputs.length} outputs, but ${owner} needs one, which predicts the next id`);
  const last = built ? (outputs[0]?.node.layer as Layer) : layers[layers.length - 1];
  const activation = last && 'activation' in last ? last.activation : null;
  if (activation !== 'softmax' && activation !== 'linear') {
    throw new ArgumentError(
      `${owner}: model ${name} must end in a layer with activation 'softmax' (probabilities) or 'linear' (logits), ` +
        `but ${last ? `its last layer ${last.name} has ${describe(activation)}` : 'it has no layers'}`,
    );
  }
  return activation === 'linear';
}

/** @throws {ArgumentError} unless all inputs but one, that of the ids, are given */
function checkInputs(names: readonly string[], inputs: IdStreamOptions['inputs'], owner: string): void {
  checkOptions(inputs, names, `${owner}: inputs`);
  const given = names.filter((name) => Object.hasOwn(inputs, name));
  if (given.length === names.length - 1) return;
  throw new ArgumentError(
    `${owner}: the model has the inputs ${names.join(', ')}, and the option inputs has ${given.join(', ') || 'none'}: give all but the one of ` +
      'the ids, which come from the prompt',
  );
}
