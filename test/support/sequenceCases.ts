import type { Backend } from '../../ts/backend/backend.ts';
import { ACTIVATIONS, CELLS } from '../../ts/backend/kernels.generated.ts';
import { type TestArguments, unwritten } from './kernelRuns.ts';
import type { RandomArrays } from './randomArrays.ts';
import { runKernel } from './runKernel.ts';

/** One setting of a recurrent layer. */
export interface SequenceSetting {
  readonly cell: keyof typeof CELLS;
  readonly activation?: keyof typeof ACTIVATIONS;
  readonly recurrentActivation?: keyof typeof ACTIVATIONS;
  readonly steps: number;
  readonly batch: number;
  readonly features: number;
  readonly units: number;
  /** Dense rows, one-hot rows by their ids, or rows of an embedding table by their ids. */
  readonly input?: 'x' | 'ids' | 'table';
  /** Rows of the table; default 7. */
  readonly vocabulary?: number;
  readonly mask?: 'none' | 'left' | 'right' | 'holes';
  readonly reverse?: boolean;
  readonly bias?: boolean;
  readonly initialState?: boolean;
  readonly truncate?: number;
  /** Which gradients come from above. */
  readonly gradients?: 'outputs' | 'final' | 'both';
  readonly zeroOutput?: boolean;
}

export interface SequenceCase {
  readonly forward: TestArguments<'sequenceForward'> & { readonly saved: Float64Array };
  readonly backward: TestArguments<'sequenceBackward'>;
}

const VOCABULARY = 7;

/**
 * Arguments with random values for both directions, which share their buffers; outputs are all NaN.
 * Values are float32s so that every backend computes from the same numbers.
 */
export function sequenceCase(setting: SequenceSetting, random: RandomArrays): SequenceCase {
  const { cell, steps: T, batch: B, features: D, units: H, input = 'x', bias = true, initialState = false } = setting;
  const { code, gates: G, saved: S, states } = CELLS[cell];
  const withCell = states === 2;
  const scale = 1 / Math.sqrt(Math.max(D, H));
  const biasLength = cell === 'gru' ? 2 * G * H : G * H;
  const vocabulary = input === 'table' ? (setting.vocabulary ?? VOCABULARY) : 0;

  const shared = {
    cell: code,
    activation: ACTIVATIONS[setting.activation ?? 'tanh'],
    recurrentActivation: ACTIVATIONS[setting.recurrentActivation ?? 'sigmoid'],
    steps: T,
    batch: B,
    features: D,
    units: H,
    vocabulary,
    reverse: setting.reverse ? 1 : 0,
    x: input === 'x' ? random.float32s(T * B * D) : null,
    ids: input === 'x' ? null : random.integers(T * B, vocabulary || D),
    table: input === 'table' ? random.float32s(vocabulary * D) : null,
    mask: maskOf(setting, random),
    kernel: random.float32s(D * G * H, -2 * scale, 2 * scale),
    recurrentKernel: random.float32s(H * G * H, -2 * scale, 2 * scale),
    initialH: initialState ? random.float32s(B * H) : null,
    initialC: initialState && withCell ? random.float32s(B * H) : null,
    saved: unwritten(T * B * S * H),
    h: unwritten(T * B * H),
    c: withCell ? unwritten(T * B * H) : null,
  };
  const biasValues = bias ? random.float32s(biasLength) : null;
  const gradients = setting.gradients ?? 'outputs';
  return {
    forward: { ...shared, hSteps: T, cSteps: T, packedLength: 0, bias: biasValues, y: setting.zeroOutput ? unwritten(T * B * H) : null },
    backward: {
      ...shared,
      truncate: setting.truncate ?? 0,
      dOutput: gradients === 'final' ? null : random.float32s(T * B * H),
      dFinalH: gradients === 'outputs' ? null : random.float32s(B * H),
      dFinalC: gradients !== 'outputs' && withCell ? random.float32s(B * H) : null,
      zeroOutput: setting.zeroOutput ? 1 : 0,
      dKernel: unwritten(D * G * H),
      dRecurrentKernel: unwritten(H * G * H),
      dBias: bias ? unwritten(biasLength) : null,
      dX: input === 'x' ? unwritten(T * B * D) : null,
      dTable: input === 'table' ? unwritten(vocabulary * D) : null,
      dInitialH: unwritten(B * H),
      dInitialC: withCell ? unwritten(B * H) : null,
    },
  };
}

/**
 * The forward pass without a backward pass: keeps h of all steps or of the last alone, and only the
 * last c; outputs are all NaN.
 */
export function withoutBackward(forward: TestArguments<'sequenceForward'>, keep: 'all' | 'last'): TestArguments<'sequenceForward'> {
  const { steps: T, batch: B, units: H, c, y } = forward;
  const hSteps = keep === 'all' ? T : 1;
  return {
    ...forward,
    ...{ hSteps, cSteps: 1, saved: null, h: unwritten(hSteps * B * H), c: c && unwritten(B * H), y: y && unwritten(T * B * H) },
  };
}

/** {@link withoutBackward} with weights that a backend has packed before. */
export function withPackedWeights(backend: Backend, forward: TestArguments<'sequenceForward'>): TestArguments<'sequenceForward'> {
  const { cell, features, units, kernel, recurrentKernel } = forward;
  const { gates } = Object.values(CELLS).find(({ code }) => code === cell) as (typeof CELLS)[keyof typeof CELLS];
  const packedLength = (features + units) * (gates * units + 16);
  const weights = { cell, features, units, packedLength, kernel, recurrentKernel };
  const { packed } = runKernel(backend, 'packSequence', { ...weights, packed: new Float64Array(packedLength) });
  return { ...withoutBackward(forward, 'all'), packedLength, packed };
}

/**
 * `[T, B]`: sequences of random lengths at either end, or holes anywhere; one sequence may be
 * empty.
 */
function maskOf({ mask = 'none', steps: T, batch: B }: SequenceSetting, random: RandomArrays): Int32Array | null {
  if (mask === 'none') return null;
  if (mask === 'holes') return random.mask(T * B);
  const values = new Int32Array(T * B);
  for (let b = 0; b < B; b++) {
    const length = random.integer(T + 1);
    for (let t = 0; t < T; t++) values[t * B + b] = (mask === 'right' ? t < length : t >= T - length) ? 1 : 0;
  }
  return values;
}
