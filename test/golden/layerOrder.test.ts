import { beforeEach, describe, expect, test } from 'vitest';
import {
  Add,
  Concatenate,
  Dense,
  Input,
  type Layer,
  loadModel,
  Model,
  modelToBytes,
  type SymbolicTensor,
  type Tensor,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { type GoldenTensor, readGolden } from './goldenFiles.ts';

interface Case {
  readonly inputs: number;
  readonly layers: readonly ('Dense' | 'Add' | 'Concatenate' | 'Model')[];
  readonly uses: readonly { layer: number; inputs: readonly number[] }[];
  readonly outputs: readonly number[];
  /** The order in which the layers are made. */
  readonly made: readonly number[];
  /** The layers in the order of Keras's `model.layers`, and their names there. */
  readonly order: readonly number[];
  readonly names: readonly string[];
  readonly x: readonly GoldenTensor[];
  readonly weights: readonly GoldenTensor[];
  readonly y: readonly GoldenTensor[];
}

const { graphs } = readGolden<{ graphs: readonly Case[] }>('layerOrder');
const D = 3;
const EXACT = { absolute: 1e-12, relative: 1e-12 };
const SINGLE = { absolute: 1e-5, relative: 1e-5 };

type Usable = Layer | Model;

function nested(): Model {
  const x = Input({ shape: [D] });
  return new Model({ inputs: x, outputs: new Add().apply([new Dense(D).apply(x), new Dense(D).apply(x)]) });
}

const MAKE: Record<Case['layers'][number], () => Usable> = {
  Dense: () => new Dense(D),
  Add: () => new Add(),
  Concatenate: () => new Concatenate(),
  Model: nested,
};

function build(graph: Case): { model: Model; layers: readonly Layer[] } {
  const made: Usable[] = [];
  for (const index of graph.made) made[index] = MAKE[graph.layers[index] as Case['layers'][number]]();
  const inputs = Array.from({ length: graph.inputs }, () => Input({ shape: [D] }));
  const values: SymbolicTensor[] = [...inputs];
  for (const { layer, inputs: taken } of graph.uses) {
    const given = taken.map((value) => values[value] as SymbolicTensor);
    values.push((made[layer] as { apply(x: unknown): SymbolicTensor }).apply(given.length > 1 ? given : given[0]));
  }
  const model = new Model({ inputs, outputs: graph.outputs.map((index) => values[index] as SymbolicTensor) });
  return { model, layers: made.map((each) => each.asLayer()) };
}

/** The names without their numbers, and for each how many of the same class have a lower number. */
function ranks(names: readonly string[]): string[] {
  const parts = names.map((name) => /^(.*?)(?:_(\d+))?$/.exec(name) as RegExpExecArray);
  const numberOf = (part: RegExpExecArray) => Number(part[2] ?? 0);
  return parts.map((part) => `${part[1]} ${parts.filter((other) => other[1] === part[1] && numberOf(other) < numberOf(part)).length}`);
}

describe('layers have the order and the numbers of Keras', () => {
  test.each(graphs.map((graph, index) => [index, graph] as const))('in graph %i', (_, graph) => {
    const { model, layers } = build(graph);
    const found = model.layers.filter((layer) => layer.className !== 'InputLayer');
    expect(found.map((layer) => layers.indexOf(layer))).toEqual(graph.order);
    // A model becomes a layer when it is first used, so the numbers of models follow their uses.
    const isLayer = (_: unknown, place: number) => graph.layers[graph.order[place] as number] !== 'Model';
    expect(ranks(found.map(({ name }) => name).filter(isLayer))).toEqual(ranks(graph.names.filter(isLayer)));
  });
});

describe.each(await availableBackends())('weights set by their order lead to the outputs of Keras, on $label', ({ label, backend }) => {
  beforeEach(() => startOn(backend));

  test.each(graphs.map((graph, index) => [index, graph] as const))('in graph %i', async (_, graph) => {
    const { model } = build(graph);
    model.setWeights(graph.weights);
    const x = graph.x.length > 1 ? graph.x : (graph.x[0] as GoldenTensor);
    const predict = async (of: Model) => [(await of.predict(x as never)) as Tensor | Tensor[]].flat();
    const outputs = await predict(model);
    for (const [index, y] of graph.y.entries())
      expectClose((outputs[index] as Tensor).data, y.data, label === 'reference' ? EXACT : SINGLE, `output ${index}`);
    // A file keeps the order.
    const loaded = await loadModel(await modelToBytes(model));
    expect(loaded.layers.map(({ name }) => name)).toEqual(model.layers.map(({ name }) => name));
    expect((await predict(loaded)).map(({ data }) => [...data])).toEqual(outputs.map(({ data }) => [...data]));
  });
});
