import {
  Activation,
  Add,
  Average,
  Bidirectional,
  Concatenate,
  Dense,
  Embedding,
  GRU,
  Input,
  type Layer,
  LSTM,
  Masking,
  Model,
  Multiply,
  SimpleRNN,
  Subtract,
  type SymbolicTensor,
  type Tensor,
  TimeDistributed,
} from '../../ts/index.ts';
import { tensor } from './models.ts';
import { RandomArrays } from './randomArrays.ts';

export const GRAPH_STEPS = 4;
const [FEATURES, VOCABULARY, USES] = [3, 6, 6];

/** A graph with random wiring: the same seed gives the same. */
export interface RandomGraph {
  readonly model: Model;
  /** Whether a layer needs whole sequences. */
  readonly whole: boolean;
}

/**
 * Makes a graph of ids with a mask, series with a mask, and series without: layers that are used
 * several times, values that are used several times and with themselves, connections that skip
 * layers, states from one layer to another, an output of every step and one of the last step.
 */
export function randomGraph(seed: number): RandomGraph {
  const random = new RandomArrays(seed);
  const inputs = [
    Input({ shape: [null], name: 'ids' }),
    Input({ shape: [null, FEATURES], name: 'masked' }),
    Input({ shape: [null, FEATURES], name: 'series' }),
  ] as const;
  const [ids, masked, series] = inputs;
  const words = new Embedding(VOCABULARY, FEATURES, { maskZero: true }).apply(ids);
  const values: SymbolicTensor[] = [words, new Masking().apply(masked), series];
  const used: Layer[] = [];
  const whole = new Set<Layer>();
  const cells = [
    () => new GRU(FEATURES, { returnSequences: true }),
    () => new LSTM(FEATURES, { returnSequences: true }),
    () => new SimpleRNN(FEATURES, { returnSequences: true }),
  ];
  const value = () => random.choice(values);
  const some = () => Array.from({ length: random.integer(4, 2) }, value);
  const makeNext: (() => SymbolicTensor)[] = [
    () => {
      const layer =
        random.integer(2) === 0 && used.length > 0 ? random.choice(used) : random.choice([() => new Dense(FEATURES), ...cells])();
      used.push(layer);
      return layer.apply(value());
    },
    () =>
      random
        .choice([() => new Add(), () => new Average(), () => new Multiply()])()
        .apply(some()),
    () => new Subtract().apply([value(), value()]),
    () => new Dense(FEATURES).apply(new Concatenate().apply(some())),
    () => new TimeDistributed(new Activation('tanh')).apply(value()),
    () => {
      const layer = new Bidirectional(random.choice(cells)(), { mergeMode: 'sum' });
      whole.add(layer);
      return layer.apply(value());
    },
    () => {
      const [, ...states] = new LSTM(FEATURES, { returnState: true }).apply(value());
      const layer = new LSTM(FEATURES, { returnSequences: true });
      whole.add(layer);
      return layer.apply(value(), { initialState: states });
    },
  ];
  for (let use = 0; use < USES; use++) values.push(random.choice(makeNext)());
  const last = new GRU(2, { name: 'reader' }).apply(new Concatenate().apply([...values.slice(-3), words, masked, series]));
  const outputs = {
    each: new Dense(2, { name: 'each' }).apply(values[values.length - 1]),
    last: new Dense(2, { name: 'last' }).apply(last),
  };
  const model = new Model({ inputs, outputs });
  model.setWeights(model.weights.map(({ shape }) => tensor(shape, random, -0.8, 0.8)));
  return { model, whole: model.layers.some((layer) => whole.has(layer)) };
}

/**
 * Data for {@link randomGraph}: ids of which some are masked, and series of which some steps are
 * zeros.
 * @param allMasked whether every id is masked
 */
export function graphData(count: number, seed: number, allMasked = false): { x: Record<string, Tensor>; y: Record<string, Tensor> } {
  const random = new RandomArrays(100 + seed);
  const [ids, masked, series] = [
    random.integers(count * GRAPH_STEPS, VOCABULARY),
    tensor([count, GRAPH_STEPS, FEATURES], random),
    tensor([count, GRAPH_STEPS, FEATURES], random),
  ];
  for (let step = 0; step < count * GRAPH_STEPS; step++)
    if (random.integer(3) === 0) masked.data.fill(0, step * FEATURES, (step + 1) * FEATURES);
  if (allMasked) ids.fill(0);
  return {
    x: { ids: { shape: [count, GRAPH_STEPS], data: ids }, masked, series },
    y: { each: tensor([count, GRAPH_STEPS, 2], random), last: tensor([count, 2], random) },
  };
}
