import { type Graph, layerOf } from '../../graph/graph.ts';
import { orderedLayers } from '../../graph/layerOrder.ts';
import { InputLayer, type Preprocessing } from '../../layers/input.ts';
import type { Layer } from '../../layers/layer.ts';
import { layerFromConfig } from '../../layers/registry.ts';
import type { SampleShape } from '../../layers/spec.ts';
import { type Node, PLAIN_CALL, SymbolicTensor } from '../../layers/symbolicTensor.ts';
import { rawInput } from '../../model/rawInput.ts';
import { preparationOf } from './preparation.ts';
import type { DescribedLayer } from './readLayer.ts';

/** A graph as Keras has it: layers that prepare data are nodes, too. */
export interface UnfoldedGraph {
  readonly inputs: readonly SymbolicTensor[];
  /** Without those of the inputs, each after its inputs. */
  readonly nodes: readonly Node[];
  readonly outputs: readonly SymbolicTensor[];
  /** Each layer once, in the order of Keras, without the inputs. */
  readonly layers: readonly Layer[];
  /** The layers that prepare data, by their names in the file. */
  readonly preparation: ReadonlyMap<string, Preparation>;
}

/** A layer that prepares data, with the shape of the samples that it takes. */
export interface Preparation {
  readonly described: DescribedLayer;
  readonly sample: SampleShape;
}

/** Makes nodes of the layers that prepare the data of inputs. */
export function unfolded({ inputs, outputs, nodes, layers }: Graph): UnfoldedGraph {
  const shared = new SharedLayers([...inputs.map(({ node }) => layerOf(node)), ...layers].map(({ name }) => name));
  const tensors = new Map<SymbolicTensor, SymbolicTensor>();
  const made: Node[] = [];
  const starts = inputs.map((input) => {
    const { start, nodes: own, end } = unfoldedInput(input, shared);
    made.push(...own);
    tensors.set(input, end);
    return start;
  });
  for (const node of nodes) {
    const own: Node = { ...node, inputs: node.inputs.map((input) => tensors.get(input) as SymbolicTensor), outputs: [] };
    const written = { ...own, outputs: node.outputs.map((tensor) => new SymbolicTensor(tensor, own, tensor.port)) };
    for (const [port, tensor] of node.outputs.entries()) {
      const end = new SymbolicTensor(tensor, written, port);
      tensors.set(tensor, end);
    }
    made.push(written);
  }
  const ends = outputs.map((output) => tensors.get(output) as SymbolicTensor);
  return { inputs: starts, nodes: made, outputs: ends, layers: orderedLayers(made, ends), preparation: shared.described };
}

/** An input as the user made it, and what comes of it. */
interface UnfoldedInput {
  readonly start: SymbolicTensor;
  readonly nodes: readonly Node[];
  readonly end: SymbolicTensor;
}

function unfoldedInput(input: SymbolicTensor, shared: SharedLayers): UnfoldedInput {
  const prepared = layerOf(input.node) as InputLayer;
  if (prepared.preprocessing.length === 0) return { start: input, nodes: [], end: input };
  const { shape, dtype } = prepared.origin ?? rawInput(preparationOf(prepared.getConfig()), input.shape);
  const { name, batchSize } = prepared;
  const raw = new InputLayer({ shape, batchSize, ...(name === undefined ? {} : { name }), ...(dtype === null ? {} : { dtype }) });
  const [start] = raw.use([]).outputs as readonly [SymbolicTensor];
  const nodes: Node[] = [];
  let [made, end] = [start, start];
  for (const layer of prepared.preprocessing) {
    const taken = made.shape;
    [made] = layer.use([made]).outputs as readonly [SymbolicTensor];
    const node: Node = { layer: shared.layerFor(layer, taken), inputs: [end], call: PLAIN_CALL, outputs: [] };
    end = new SymbolicTensor(made, node, 0);
    nodes.push(node);
  }
  return { start, nodes, end };
}

/** Layers that prepare data: equal ones are one layer, and no two have the same name. */
class SharedLayers {
  readonly #taken: Set<string>;
  readonly #layers = new Map<string, Layer>();
  readonly described = new Map<string, Preparation>();

  constructor(taken: readonly string[]) {
    this.#taken = new Set(taken);
  }

  layerFor(layer: Preprocessing, sample: SampleShape): Layer {
    const { className } = layer;
    const key = JSON.stringify([className, layer.getConfig()]);
    const found = this.#layers.get(key);
    if (found) return found;
    let name = layer.name;
    for (let number = 1; this.#taken.has(name); number++) name = `${layer.name}_${number}`;
    this.#taken.add(name);
    const config = { ...layer.getConfig(), name };
    const made = layerFromConfig(className, config);
    this.#layers.set(key, made);
    this.described.set(name, { described: { className, config }, sample });
    return made;
  }
}
