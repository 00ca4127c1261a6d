import type { InferenceInput } from '../../model/inferenceModel.ts';
import { hasLineForEachStep } from './sampleRows.ts';

/** The explanation of how to write samples. */
export function sampleHint(input: Pick<InferenceInput, 'shape' | 'isText' | 'isIds'>): string {
  const { shape, isText, isIds } = input;
  if (isText) return 'One text a line.';
  const kind = isIds ? 'whole numbers' : 'numbers';
  const counted = (count: number) => (count === 1 ? `1 ${kind.slice(0, -1)}` : `${count} ${kind}`);
  if (hasLineForEachStep(input)) {
    const [steps, channels] = shape;
    const many = channels === 1 ? counted(1) : `its ${channels === null ? 'numbers' : counted(channels as number)} side by side`;
    const length = steps === null ? 'any number of steps' : steps === 1 ? '1 step' : `${steps} steps`;
    return `One step a line, with ${many}; ${length}. Leave a line empty before the next sample.`;
  }
  const [steps, channels] = shape;
  const isColumn = shape.length === 2 && !isIds && steps !== null && steps !== 1 && channels === 1;
  const column = isColumn ? ' A sample may be a column of them, too.' : '';
  const size = shape.includes(null) ? kind : counted(shape.reduce<number>((product, axis) => product * (axis as number), 1));
  const between = size.startsWith('1 ') ? '' : ', with spaces or commas between them';
  return `One sample a line: ${size}${between}. A name may stand before the ${between === '' ? 'number' : 'numbers'}.${column}`;
}
