import type { Plain } from './kerasObject.ts';
import { allOf, anyOf, atom, EVERY_STEP, type MaskFormula, NO_STEP, type StepMasks } from './maskFormula.ts';
import type { Place } from './readCalls.ts';

// Keras 3 writes the masks that layers hand on into the graph, as functions of `keras.ops` and as
// arguments of calls. Backtime's layers hand on the same masks by themselves.

/** The source of a mask of the steps where a tensor differs from a value. */
export function differenceSource([layer, use, port]: Place, value: unknown): string {
  return `${use} ${port} ${layer} ≠ ${Number(value)}`;
}

/** The source of a mask that is an output of a layer. */
export function tensorSource([layer, use, port]: Place): string {
  return `${use} ${port} ${layer}`;
}

/** Layers that hand on no mask. */
const MASK_ENDS: readonly string[] = [
  'AveragePooling1D',
  'AveragePooling2D',
  'Conv1D',
  'Conv2D',
  'Cropping1D',
  'Dot',
  'Flatten',
  'GlobalAveragePooling1D',
  'GlobalMaxPooling1D',
  'MaxPooling1D',
  'MaxPooling2D',
  'Permute',
  'RepeatVector',
  'Reshape',
  'UpSampling1D',
  'ZeroPadding1D',
];

/** Whether a layer hands on no mask. */
export function endsMask(className: string): boolean {
  return MASK_ENDS.includes(className);
}

/**
 * A tensor of truth values: `[batch, steps]`, or with one more axis, along which there are masks or
 * repetitions of one.
 */
export interface MaskTensor {
  readonly axis: 'none' | 'first' | 'last';
  readonly masks: readonly MaskFormula[];
}

/** A function that makes a mask: what it takes, in its order. */
export interface MaskFunction {
  readonly className: string;
  readonly config: Plain;
  readonly operands: readonly (MaskTensor | null)[];
  readonly steps: StepMasks;
}

/** The mask of an input or of a comparison: null for one that is no `[batch, steps]`. */
export function plainMask(formula: MaskFormula | null): MaskTensor | null {
  return formula && { axis: 'none', masks: [formula] };
}

/** Where `[batch, steps]`, or the features of `[batch, steps, features]`, have another value. */
export function differenceMask(source: string, axes: number): MaskTensor | null {
  if (axes === 2) return plainMask(atom(source));
  return axes === 3 ? { axis: 'last', masks: [atom(source), atom(`elsewhere ${source}`)] } : null;
}

/** The mask of a tensor of ones or zeros. */
export function constantMask(className: string, axes: number): MaskTensor | null {
  if (axes !== 2 && axes !== 3) return null;
  return { axis: axes === 2 ? 'none' : 'last', masks: [className === 'OnesLike' ? EVERY_STEP : NO_STEP] };
}

/** The mask that a function computes from masks; null for an unknown one. */
export function maskOfFunction({ className, config, operands, steps }: MaskFunction): MaskTensor | null {
  if (operands.length === 0 || operands.includes(null)) return null;
  const tensors = operands as readonly MaskTensor[];
  const [first] = tensors as readonly [MaskTensor];
  const { axis } = config;
  switch (className) {
    case 'BroadcastTo':
    case 'Cast':
    case 'ConvertToTensor':
      return first;
    case 'ExpandDims':
      return first.axis === 'none' && newAxes[String(axis)] ? { ...first, axis: newAxes[String(axis)] as 'first' | 'last' } : null;
    case 'Squeeze':
      return first.masks.length === 1 && axisOf(first, axis) === first.axis ? { ...first, axis: 'none' } : null;
    case 'Stack':
      return tensors.every((one) => one.axis === 'none') && newAxes[String(axis ?? 0)]
        ? { axis: newAxes[String(axis ?? 0)] as 'first' | 'last', masks: tensors.flatMap(({ masks }) => masks) }
        : null;
    case 'Concatenate':
      return concatenated(tensors, axis ?? 0, steps);
    case 'LogicalAnd':
      return pairwise(tensors, allOf);
    case 'LogicalOr':
      return pairwise(tensors, anyOf);
    case 'All':
    case 'Any': {
      const along = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
      if (first.axis === 'none' || config.keepdims === true || axisOf(first, along) !== first.axis) return null;
      return plainMask((className === 'All' ? allOf : anyOf)(first.masks));
    }
    default:
      return null;
  }
}

/** The position of a new axis of `[batch, steps]`. */
const newAxes: Readonly<Record<string, 'first' | 'last'>> = { '0': 'first', '-3': 'first', '2': 'last', '-1': 'last' };

/** Which axis of a tensor a number means. */
function axisOf({ axis }: MaskTensor, number: unknown): 'first' | 'last' | 'steps' | null {
  if (axis === 'first' && (number === 0 || number === -3)) return 'first';
  if (axis === 'last' && (number === 2 || number === -1)) return 'last';
  const steps = { none: [1, -1], last: [1, -2], first: [2, -1] }[axis];
  return steps.includes(number as number) ? 'steps' : null;
}

function concatenated(tensors: readonly MaskTensor[], axis: unknown, steps: StepMasks): MaskTensor | null {
  const [first] = tensors as readonly [MaskTensor];
  if (tensors.some((one) => one.axis !== first.axis)) return null;
  const along = axisOf(first, axis);
  if (along === first.axis) return { ...first, masks: tensors.flatMap(({ masks }) => masks) };
  if (along !== 'steps' || tensors.some(({ masks }) => masks.length > 1)) return null;
  return { ...first, masks: [steps.of(tensors.map(({ masks }) => masks[0] as MaskFormula))] };
}

/** Two tensors element by element; one mask is repeated along the axis of the other. */
function pairwise(tensors: readonly MaskTensor[], join: (formulas: readonly MaskFormula[]) => MaskFormula | null): MaskTensor | null {
  const [first] = tensors as readonly [MaskTensor];
  if (tensors.some((one) => one.axis !== first.axis)) return null;
  const length = Math.max(...tensors.map(({ masks }) => masks.length));
  if (tensors.some(({ masks }) => masks.length !== 1 && masks.length !== length)) return null;
  const masks = Array.from({ length }, (_, index) =>
    join(tensors.map(({ masks }) => masks[masks.length === 1 ? 0 : index] as MaskFormula)),
  );
  return masks.includes(null) ? null : { ...first, masks: masks as MaskFormula[] };
}

/** The functions of `keras.ops` that make masks. */
export const MASK_FUNCTIONS: readonly string[] = [
  'Any',
  'All',
  'BroadcastTo',
  'Cast',
  'Concatenate',
  'ConvertToTensor',
  'ExpandDims',
  'LogicalAnd',
  'LogicalOr',
  'NotEqual',
  'OnesLike',
  'Squeeze',
  'Stack',
  'ZerosLike',
];
