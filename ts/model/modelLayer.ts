import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { formatShape } from '../core/shape.ts';
import { type Graph, layerOf } from '../graph/graph.ts';
import { FixedStructure, type Structure } from '../graph/structure.ts';
import { gradientStepsOf } from '../layers/gradientSteps.ts';
import { emitInside, inferGraph } from '../layers/innerGraph.ts';
import { type InputUse, Layer, type LayerConfig, type LayerOptions } from '../layers/layer.ts';
import type { Scope } from '../layers/scope.ts';
import type { SampleShape, TensorSpec } from '../layers/spec.ts';
import { type CallConfig, type Node, PLAIN_CALL, type SymbolicTensor } from '../layers/symbolicTensor.ts';
import type { Value } from '../layers/value.ts';
import type { MakeLayer } from '../layers/wrapper.ts';
import { graphState, joinLayers } from './joinLayers.ts';
import type { GraphState } from './modelState.ts';

/**
 * A model as a layer of others. All of them train the same weights. Its layers are called by its
 * name and theirs in files: `encoder/lstm/kernel`.
 * https://keras.io/guides/functional_api/#all-models-are-callable-just-like-layers
 */
export class ModelLayer extends Layer {
  readonly className: 'Model' | 'Sequential';
  override readonly inputKind: 'ids' | 'floats';
  readonly #structure: Structure;

  /** Called by models: `model.asLayer()`. */
  constructor(structure: Structure, options?: LayerOptions) {
    const className = structure instanceof FixedStructure ? 'Model' : 'Sequential';
    super(options, [], className);
    this.className = className;
    this.#structure = structure;
    this.inputKind = this.usesOf(0).some(({ kind }) => kind === 'ids') ? 'ids' : 'floats';
  }

  /** The layers of the model, first to last. */
  get layers(): readonly Layer[] {
    return Object.freeze([...this.#structure.layers]);
  }

  /** The graph of the model; null before it is built. */
  get graph(): Graph | null {
    return this.#structure.graph;
  }

  /** Whether it is this model, or has it inside. */
  uses(structure: Structure): boolean {
    return this.#structure === structure || this.sublayers.some((layer) => usesModel(layer, structure));
  }

  override inputTitle(place: number): string {
    const names = this.#structure.graph?.inputNames ?? [];
    return names.length > 1 ? `input ${names[place]} of ${this.title}` : this.title;
  }

  override get sublayers(): readonly Layer[] {
    return this.#structure.graph?.layers ?? this.#structure.layers;
  }

  override get needsSequences(): string | null {
    const nodes = this.#structure.graph?.nodes ?? [];
    const found = nodes.find((node) => layerOf(node).needsSequences !== null || node.call.states > 0);
    if (!found) return null;
    const { title, needsSequences } = layerOf(found);
    return `has ${title}, which ${needsSequences ?? 'begins with the states of another layer'},`;
  }

  override get gradientSteps(): number | null {
    return gradientStepsOf(this.sublayers);
  }

  override use(inputs: readonly SymbolicTensor[], call?: CallConfig): Node {
    const [preprocessing] = this.#structure.preprocessing.flat();
    if (preprocessing)
      throw new ArgumentError(
        `a model with ${preprocessing.title} cannot be a layer of another model, because that layer prepares data: apply it to ` +
          'the Input of the other model, and use the model without it as a layer',
      );
    return super.use(inputs, call);
  }

  /** Finds a layer of the model by its name. @throws {ArgumentError} when there is no such layer */
  getLayer(name: string): Layer {
    const layer = this.layers.find((one) => one.name === name);
    if (!layer)
      throw new ArgumentError(`${this.title} has no layer ${describe(name)}; it has ${this.layers.map((one) => one.name).join(', ')}`);
    return layer;
  }

  override usesOf(place: number): readonly InputUse[] {
    const { graph, layers } = this.#structure;
    if (!graph) return layers[0]?.usesOf(place) ?? [{ kind: 'floats', layer: null }];
    return graph.feeds.flatMap(({ input, kind, layers: takers }): readonly InputUse[] => {
      if (input !== place) return [];
      return takers.length === 0 ? [{ kind, layer: null }] : takers.map((layer) => ({ kind, layer }));
    });
  }

  override infer(inputs: readonly TensorSpec[], call: CallConfig): readonly TensorSpec[] {
    if (call.states > 0) throw new ArgumentError(`${this.title} takes no initialState: give its states as inputs of the model`);
    return inferGraph(this.#graphFor(inputs), inputs);
  }

  override declare(inputs: readonly TensorSpec[]): void {
    if (this.built) return;
    super.declare(inputs);
    this.#structure.adopt(this.#graphFor(inputs));
  }

  protected override checkInputShape(): number {
    return 0;
  }

  protected override featuresOf(): number {
    return 0;
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return (this.infer([{ shape: inputShape, kind: this.inputKind }], PLAIN_CALL)[0] as TensorSpec).shape;
  }

  override emit(scope: Scope, inputs: readonly Value[]): readonly Value[] {
    return emitInside(scope, this.#structure.graph as Graph, inputs);
  }

  /** A model of equal layers with copies of their weights. */
  override clone(name?: string): this {
    const { graph } = this.#structure;
    const described = { layers: this.layers.map((layer) => layer.clone()), ...this.#wiring() };
    const options = { name: name ?? this.name, trainable: this.trainable };
    const copy = new ModelLayer(joinLayers(described.layers, described.graph, described.inputShape ?? null), options);
    if (graph) copy.declare(graph.inputs);
    return copy as this;
  }

  override getConfig(): LayerConfig {
    const layers = this.layers.map((layer) => ({ className: layer.savedAs, config: layer.getConfig() }));
    return { ...super.getConfig(), layers, ...(this.#wiring() as LayerConfig) };
  }

  /** The model that `getConfig` describes. */
  static fromConfig({ layers, graph, inputShape, ...options }: LayerConfig, make: MakeLayer): ModelLayer {
    const made = (layers as readonly LayerConfig[]).map(make);
    const structure = joinLayers(made, graph as unknown as GraphState | undefined, (inputShape ?? null) as SampleShape | null);
    const layer = new ModelLayer(structure, options as LayerOptions);
    if (structure.graph) layer.declare(structure.graph.inputs);
    return layer;
  }

  /** How the layers are joined, as files store it. */
  #wiring(): { graph?: GraphState; inputShape?: SampleShape } {
    const { graph } = this.#structure;
    if (!graph) return {};
    if (this.#structure instanceof FixedStructure) return { graph: graphState(graph, this.layers) };
    return { inputShape: (graph.inputs[0] as TensorSpec).shape };
  }

  /** The graph for inputs of these shapes. @throws {ShapeError} when they are not the model's */
  #graphFor(inputs: readonly TensorSpec[]): Graph {
    const { graph } = this.#structure;
    const count = graph?.inputs.length ?? 1;
    if (inputs.length !== count)
      throw new ShapeError(`${this.title} takes ${count === 1 ? 'one input' : `${count} inputs`}, got ${inputs.length}`);
    for (const [index, expected] of (graph?.inputs ?? []).entries()) {
      const { shape } = inputs[index] as TensorSpec;
      const fits =
        shape.length === expected.shape.length && shape.every((size, axis) => [null, size].includes(expected.shape[axis] as number | null));
      if (!fits)
        throw new ShapeError(
          `${this.title} takes samples of shape ${formatShape(expected.shape)} for input ${graph?.inputNames[index]}, got ${formatShape(shape)}`,
        );
    }
    return this.#structure.graphFor(inputs.map(({ shape }) => shape));
  }
}

/** Whether a layer is a model, or has it inside. */
export function usesModel(layer: Layer, structure: Structure): boolean {
  return layer instanceof ModelLayer ? layer.uses(structure) : layer.sublayers.some((inside) => usesModel(inside, structure));
}
