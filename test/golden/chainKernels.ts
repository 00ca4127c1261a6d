import type { Backend } from '../../ts/backend/backend.ts';
import { ACTIVATIONS } from '../../ts/backend/kernels.generated.ts';
import { unwritten } from '../support/kernelRuns.ts';
import { runKernel } from '../support/runKernel.ts';
import { floatsOf, type GoldenLayer } from './goldenFiles.ts';
import { runSequence } from './sequenceKernels.ts';

/** What a chain reads, time-major: floats `[T, B, D]` or ids `[T, B]`. */
export interface ChainInput {
  readonly steps: number;
  readonly batch: number;
  readonly features: number;
  readonly x: Float64Array | null;
  readonly ids: Int32Array | null;
}

export type WeightGradients = Readonly<Record<string, Float64Array | null | undefined>>;

export interface ChainRun {
  /** `[T, B, C]`, or `[B, C]` when a recurrent layer returned its last output. */
  readonly output: Float64Array;
  /** Gradients by layer and name, and of the input when it is floats. */
  backward(upstream: Float64Array): { readonly weights: readonly WeightGradients[]; readonly x: Float64Array | null };
}

/** What flows from layer to layer: rows of floats, or ids that still have to be looked up. */
interface Flow {
  readonly rows: number;
  readonly features: number;
  readonly x: Float64Array | null;
  readonly ids: Int32Array | null;
  readonly table: Float64Array | null;
  readonly mask: Int32Array | null;
}

interface LayerRun {
  readonly flow: Flow;
  /**
   * From the gradient of the layer's output: those of its weights, of its input, and of a table it
   * looked rows up in.
   */
  backward(dY: Float64Array): {
    readonly weights: WeightGradients;
    readonly dX: Float64Array | null;
    readonly dTable?: Float64Array | null;
  };
}

/**
 * Runs the kernels of a chain of layers.
 * @param lookUp recurrent layers take ids (and the embedding table) instead of rows
 */
export function runChain(backend: Backend, layers: readonly GoldenLayer[], input: ChainInput, lookUp: boolean): ChainRun {
  const { steps, batch, features, x, ids } = input;
  const runs: LayerRun[] = [];
  let flow: Flow = { rows: steps * batch, features, x, ids, table: null, mask: null };
  for (const [index, layer] of layers.entries()) {
    const recurrentFollows = ['SimpleRNN', 'LSTM', 'GRU'].includes(layers[index + 1]?.type);
    const run = RUNNERS[layer.type](backend, layer, flow, { steps, batch, lookUp: lookUp && recurrentFollows });
    runs.push(run);
    flow = run.flow;
  }
  return {
    output: flow.x as Float64Array,
    backward(upstream) {
      const weights: WeightGradients[] = [];
      let dY: Float64Array | null = upstream;
      let dTable: Float64Array | null | undefined = null;
      for (let index = runs.length - 1; index >= 0; index--) {
        // A layer that only handed its ids on has its table's gradient from the layer above.
        const result: ReturnType<LayerRun['backward']> = dY ? runs[index].backward(dY) : { weights: { embeddings: dTable }, dX: null };
        weights.unshift(result.weights);
        dY = result.dX;
        dTable = result.dTable;
      }
      return { weights, x: dY };
    },
  };
}

interface Setting {
  readonly steps: number;
  readonly batch: number;
  readonly lookUp: boolean;
}

type Runner = (backend: Backend, layer: GoldenLayer, flow: Flow, setting: Setting) => LayerRun;

const RUNNERS: Record<GoldenLayer['type'], Runner> = {
  OneHot(backend, layer, flow, { lookUp }) {
    const depth = layer.arguments[0];
    const ids = flow.ids as Int32Array;
    const backward = () => ({ weights: {}, dX: null });
    if (lookUp) return { flow: { ...flow, features: depth }, backward };
    const { y } = runKernel(backend, 'oneHotForward', { rows: flow.rows, features: depth, ids, y: unwritten(flow.rows * depth) });
    return { flow: { ...flow, features: depth, ids: null, x: y }, backward };
  },

  Embedding(backend, layer, flow, { lookUp }) {
    const [vocabulary, features] = layer.arguments;
    const ids = flow.ids as Int32Array;
    const { rows } = flow;
    const table = floatsOf(layer.weights.embeddings);
    const mask = layer.config.maskZero ? runKernel(backend, 'maskFromIds', { rows, ids, mask: new Int32Array(rows).fill(-1) }).mask : null;
    const shared = { rows, vocabulary, features, ids };
    const y = lookUp ? null : runKernel(backend, 'embeddingForward', { ...shared, table, y: unwritten(rows * features) }).y;
    return {
      flow: lookUp ? { ...flow, features, table, mask } : { ...flow, features, ids: null, x: y, mask },
      backward(dY) {
        const { dTable } = runKernel(backend, 'embeddingBackward', { ...shared, dY, dTable: unwritten(table.length) });
        return { weights: { embeddings: dTable }, dX: null };
      },
    };
  },

  SimpleRNN: recurrent,
  LSTM: recurrent,
  GRU: recurrent,

  Masking(backend, layer, flow) {
    const { rows, features } = flow;
    const x = flow.x as Float64Array;
    const maskValue = layer.config.maskValue ?? 0;
    const { mask } = runKernel(backend, 'maskFromFloats', { rows, features, maskValue, x, mask: new Int32Array(rows).fill(-1) });
    const zeroMasked = (values: Float64Array) =>
      runKernel(backend, 'applyMask', { rows, features, x: values, mask, y: unwritten(values.length) }).y;
    return { flow: { ...flow, x: zeroMasked(x), mask }, backward: (dY) => ({ weights: {}, dX: zeroMasked(dY) }) };
  },

  Dense(backend, layer, flow) {
    const units = layer.arguments[0];
    const { kernel, bias } = layer.weights;
    const activation = ACTIVATIONS[layer.config.activation ?? 'linear'];
    const shared = { rows: flow.rows, features: flow.features, units, activation, x: flow.x, kernel: floatsOf(kernel) };
    const { y } = runKernel(backend, 'denseForward', { ...shared, bias: floatsOf(bias), y: unwritten(flow.rows * units) });
    return {
      flow: { ...flow, features: units, x: y },
      backward(dY) {
        const outputs = { dKernel: unwritten(kernel.data.length), dBias: unwritten(units), dX: unwritten(flow.rows * flow.features) };
        const { dKernel, dBias, dX } = runKernel(backend, 'denseBackward', { ...shared, y, dY, ...outputs });
        return { weights: { kernel: dKernel, bias: dBias }, dX: dX as Float64Array };
      },
    };
  },
};

function recurrent(backend: Backend, layer: GoldenLayer, flow: Flow, { steps, batch }: Setting): LayerRun {
  const cells = { SimpleRNN: 'simpleRnn', LSTM: 'lstm', GRU: layer.config.resetAfter === false ? 'gruResetBefore' : 'gru' } as const;
  const config = { ...layer.config, units: layer.arguments[0] };
  const input = { steps, batch, features: flow.features, x: flow.x, ids: flow.ids, table: flow.table, mask: flow.mask };
  const run = runSequence(backend, cells[layer.type as keyof typeof cells], config, layer.weights, input);
  const sequences = config.returnSequences === true;
  return {
    flow: {
      rows: sequences ? flow.rows : batch,
      features: config.units,
      x: run.output,
      ids: null,
      table: null,
      mask: sequences ? flow.mask : null,
    },
    backward(output) {
      const { dKernel, dRecurrentKernel, dBias, dX, dTable } = run.backward({ output, states: [] });
      return { weights: { kernel: dKernel, recurrentKernel: dRecurrentKernel, bias: dBias }, dX: dX ?? null, dTable };
    },
  };
}
