import type { Backend } from '../../ts/backend/backend.ts';
import { ACTIVATIONS, CELLS } from '../../ts/backend/kernels.generated.ts';
import { type TestArguments, unwritten } from '../support/kernelRuns.ts';
import { runKernel } from '../support/runKernel.ts';
import { floatsOf, type GoldenLayerConfig, type NamedTensors } from './goldenFiles.ts';

/** What a recurrent layer reads, time-major. */
export interface SequenceInput {
  readonly steps: number;
  readonly batch: number;
  readonly features: number;
  /** `[T, B, D]` */
  readonly x?: Float64Array | null;
  /** `[T, B]` */
  readonly ids?: Int32Array | null;
  /** `[V, D]` */
  readonly table?: Float64Array | null;
  /** `[T, B]` */
  readonly mask?: Int32Array | null;
  /** h and for LSTM c, `[B, H]` each; none: zeros */
  readonly initialState?: readonly Float64Array[];
}

/**
 * Gradients of the outputs: of all steps `[T, B, H]` or of the last `[B, H]`, and of the returned
 * states.
 */
export interface SequenceUpstream {
  readonly output: Float64Array;
  readonly states: readonly Float64Array[];
}

export interface SequenceRun {
  /** `[T, B, H]` with `returnSequences`, else `[B, H]`. */
  readonly output: Float64Array;
  /** h and for LSTM c after the last step, `[B, H]` each. */
  readonly states: readonly Float64Array[];
  backward(upstream: SequenceUpstream): TestArguments<'sequenceBackward'>;
}

/** Runs the sequence kernels as a layer of this configuration binds them. */
export function runSequence(
  backend: Backend,
  cell: keyof typeof CELLS,
  config: GoldenLayerConfig,
  weights: NamedTensors,
  input: SequenceInput,
): SequenceRun {
  const { steps: T, batch: B, features: D } = input;
  const { code, gates: G, saved: S, states: stateCount } = CELLS[cell];
  const H = config.units;
  const withCell = stateCount === 2;
  const zeroOutput = config.zeroOutputForMask === true;
  const shared = {
    cell: code,
    activation: ACTIVATIONS[config.activation ?? 'tanh'],
    recurrentActivation: ACTIVATIONS[config.recurrentActivation ?? 'sigmoid'],
    steps: T,
    batch: B,
    features: D,
    units: H,
    vocabulary: input.table ? input.table.length / D : 0,
    reverse: config.goBackwards ? 1 : 0,
    x: input.x,
    ids: input.ids,
    table: input.table,
    mask: input.mask,
    kernel: floatsOf(weights.kernel),
    recurrentKernel: floatsOf(weights.recurrentKernel),
    bias: weights.bias && floatsOf(weights.bias),
    initialH: input.initialState?.[0],
    initialC: input.initialState?.[1],
  };
  const forward = runKernel(backend, 'sequenceForward', {
    ...shared,
    hSteps: T,
    cSteps: T,
    packedLength: 0,
    saved: unwritten(T * B * S * H),
    h: unwritten(T * B * H),
    c: withCell ? unwritten(T * B * H) : null,
    y: zeroOutput ? unwritten(T * B * H) : null,
  });
  const lastStep = (values: Float64Array) => values.slice((T - 1) * B * H);
  const outputs = zeroOutput ? (forward.y as Float64Array) : forward.h;

  return {
    output: config.returnSequences ? outputs : lastStep(outputs),
    states: withCell ? [lastStep(forward.h), lastStep(forward.c as Float64Array)] : [lastStep(forward.h)],

    backward({ output, states }) {
      // The gradient of the last output is that of the last state, unless the output may be a zero
      // in its place.
      let dOutput: Float64Array | null = null;
      let dFinalH: Float64Array | null = states[0] ?? null;
      if (config.returnSequences) dOutput = output;
      else if (zeroOutput) {
        dOutput = new Float64Array(T * B * H);
        dOutput.set(output, (T - 1) * B * H);
      } else dFinalH = dFinalH ? output.map((value, index) => value + states[0][index]) : output;
      return runKernel(backend, 'sequenceBackward', {
        ...shared,
        truncate: config.truncate ?? 0,
        saved: forward.saved as Float64Array,
        h: forward.h,
        c: forward.c,
        dOutput,
        dFinalH,
        dFinalC: states[1] ?? null,
        zeroOutput: zeroOutput ? 1 : 0,
        dKernel: unwritten(D * G * H),
        dRecurrentKernel: unwritten(H * G * H),
        dBias: shared.bias && unwritten(shared.bias.length),
        dX: input.x ? unwritten(T * B * D) : null,
        dTable: input.table && unwritten(input.table.length),
        dInitialH: input.initialState?.length ? unwritten(B * H) : null,
        dInitialC: withCell && input.initialState?.length ? unwritten(B * H) : null,
      });
    },
  };
}
