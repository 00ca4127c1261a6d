import { describe } from '../core/describe.ts';
import { disposeSymbol } from '../core/disposeSymbol.ts';
import { ShapeError, StateError } from '../core/errors.ts';
import { checkFinite } from '../core/finite.ts';
import { withJSON } from '../core/jsonTensor.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { formatShape, type Shape, sameShape } from '../core/shape.ts';
import { type Tensor, type TensorLike, toTensor } from '../core/tensor.ts';
import type { Dataset } from '../feed/dataset.ts';
import { readRows, writeRows } from '../feed/writeRows.ts';
import { byName } from '../graph/structure.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import { layoutOf, outputColumn } from '../run/run.ts';
import { inOrder } from '../run/writeBatch.ts';
import type { GradientSum } from './gradientSum.ts';
import type { PassLease } from './passLease.ts';

/** Options of `model.forward`. */
export interface ForwardOptions {
  /** Whether dropout is active. Default false. */
  training?: boolean;
}

/** Gradients of outputs: one for one output, otherwise an array or an object by their names. */
export type OutputGradientsLike = TensorLike | readonly (TensorLike | null)[] | Readonly<Record<string, TensorLike | null>>;

/**
 * Gradients of the inputs: a tensor for one input, otherwise an array or an object of tensors, as
 * the inputs were given to `new Model`. An input of ids has null.
 */
// biome-ignore lint/suspicious/noExplicitAny: a model's type does not tell its inputs
export type InputGradients = any;

/** The model of a pass, as the pass sees it. */
export interface PassOwner {
  readonly name: string;
  /** The version of the weights: it changes whenever one of them does. */
  readonly weightsVersion: string;
  readonly gradients: GradientSum;
}

/** Releases the programs of passes that were garbage collected. */
const dropped = new FinalizationRegistry<PassLease>((lease) => lease.release('dispose'));

/**
 * A forward pass of a model on one batch, of which the backward pass may follow. `model.forward`
 * makes it. It holds memory until `backward`, until `dispose`, or until the model is compiled.
 */
export class ForwardPass<Outputs = Tensor<FloatArray>> {
  /**
   * The outputs, `[N, …]`: a tensor, or for several outputs an array or an object of tensors, as
   * `predict` returns them.
   */
  readonly outputs: Outputs;
  readonly #owner: PassOwner;
  readonly #lease: PassLease;
  readonly #dataset: Dataset;
  readonly #shapes: readonly Shape[];
  readonly #order: Int32Array;
  /** The state of the weights that the outputs belong to. */
  readonly #weights: string;

  /** Called by `model.forward`. @param shape makes what the user gets of the outputs */
  constructor(owner: PassOwner, lease: PassLease, dataset: Dataset, shape: (outputs: Tensor<FloatArray>[]) => Outputs) {
    this.#owner = owner;
    this.#lease = lease;
    this.#dataset = dataset;
    const { count, sampleShapes } = dataset;
    const { engine, passProgram } = lease;
    this.#order = inOrder(count);
    this.#weights = owner.weightsVersion;
    const shapes = engine.graph.outputShapesFor(sampleShapes);
    this.#shapes = shapes.map((sample) => [count, ...sample]);
    const outputs = passProgram.outputs.map((output, index) => {
      const column = outputColumn(engine, count, shapes[index] as Shape, 'forward: the outputs');
      readRows(passProgram.program.floats(output), column, 0, count);
      return { shape: this.#shapes[index] as Shape, data: column.data };
    });
    this.outputs = shape(outputs);
    dropped.register(this, lease, this);
  }

  /**
   * The backward pass, once. The gradients of the weights are added to those of earlier passes,
   * until `model.applyGradients` or `model.clearGradients`.
   * @param gradients the gradients of the loss with respect to the outputs: arrays of the outputs'
   *   shapes; null for an output that the loss does not depend on
   * @returns the gradients of the inputs, of the shapes of the inputs; null for an input of ids
   * @throws {ShapeError} when a gradient is missing or has another shape; the pass stays open
   * @throws {DataError} for a value that is not finite; the pass stays open
   * @throws {ArgumentError} for a gradient that is no tensor; the pass stays open
   * @throws {StateError} after `backward`, `dispose` or `compile`, and when the weights have
   *   changed since the forward pass
   */
  backward(gradients: OutputGradientsLike): InputGradients {
    this.#requireOpen();
    const { engine, passProgram } = this.#lease;
    const { graph, backend, parameters } = engine;
    if (graph.quantised)
      throw new StateError(`backward: a model of ${graph.quantised} only predicts: train the model that quantize was called on`);
    const { program, outputGradients, inputGradients } = passProgram;
    const given = this.#check(gradients, graph.outputNames);
    const { count } = this.#dataset;
    for (const [index, buffer] of outputGradients.entries()) {
      const tensor = given[index];
      const target = program.floats(buffer);
      if (tensor) writeRows(target, { ...layoutOf(tensor.shape.slice(1)), data: tensor.data }, this.#order, 0, count);
      else target.fill(0);
    }
    // Programs write only the gradients of the weights that they use.
    backend.floats(parameters.trainableGradients).fill(0);
    try {
      program.computeGradients();
      this.#owner.gradients.add(parameters);
      return this.#inputsAs(graph.inputs.map((_, input) => this.#inputGradient(input, inputGradients)));
    } finally {
      backend.floats(parameters.trainableGradients).fill(0);
      this.#release('backward');
    }
  }

  /** Frees the memory without a backward pass. */
  dispose(): void {
    this.#release('dispose');
  }

  [disposeSymbol](): void {
    this.dispose();
  }

  #release(end: 'backward' | 'dispose'): void {
    dropped.unregister(this);
    this.#lease.release(end);
  }

  #requireOpen(): void {
    const { name } = this.#owner;
    const end = this.#lease.end;
    if (end !== null) {
      const why = {
        backward: 'its backward pass was run before: gradients that differ take another forward pass',
        dispose: 'it was disposed',
        compile: `model ${name} was compiled, changed or disposed meanwhile`,
      }[end];
      throw new StateError(`backward: this pass of model ${name} is over, because ${why}. Call forward again`);
    }
    if (this.#weights !== this.#owner.weightsVersion)
      throw new StateError(
        `backward: the weights of model ${name} have changed since this forward pass, so its gradients would be wrong. ` +
          'Run the backward passes before the update, or call forward again',
      );
  }

  /** Checks the gradients of the outputs. */
  #check(gradients: unknown, names: readonly string[]): (Tensor | null)[] {
    return byName<unknown>(gradients, names, 'backward: gradients').map(([name, value], index) => {
      const argument = names.length > 1 ? `gradients.${name}` : 'gradients';
      if (value === null && names.length > 1) return null;
      if (value === null || value === undefined)
        throw new ShapeError(
          `backward: ${argument} must be an array of shape ${formatShape(this.#shapes[index] as Shape)}, got ${describe(value)}`,
        );
      const tensor = toTensor(value as TensorLike, argument);
      const expected = this.#shapes[index] as Shape;
      if (!sameShape(tensor.shape, expected))
        throw new ShapeError(
          `backward: ${argument} has shape ${formatShape(tensor.shape)}, expected ${formatShape(expected)}, the shape of the output`,
        );
      checkFinite(tensor, argument);
      return tensor;
    });
  }

  #inputGradient(input: number, gradients: readonly (PlannedBuffer | null)[]): Tensor<FloatArray> | null {
    const { engine, passProgram } = this.#lease;
    const feed = engine.graph.feeds.findIndex((each) => each.input === input && each.kind === 'floats');
    if (feed < 0) return null;
    const { count, sampleShapes } = this.#dataset;
    const sample = sampleShapes[input] as Shape;
    const column = outputColumn(engine, count, sample, 'backward: the gradients of the inputs');
    const buffer = gradients[feed];
    if (buffer) readRows(passProgram.program.floats(buffer), column, 0, count);
    return withJSON({ shape: [count, ...sample], data: column.data });
  }

  #inputsAs(gradients: readonly (Tensor<FloatArray> | null)[]): InputGradients {
    const names = this.#lease.engine.graph.names.inputs;
    if (names) return Object.fromEntries(names.map((name, index) => [name, gradients[index]]));
    return gradients.length === 1 ? gradients[0] : gradients;
  }
}
