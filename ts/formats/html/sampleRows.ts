import { DataError } from '../../core/errors.ts';
import { formatShape } from '../../core/shape.ts';
import type { InferenceInput } from '../../model/inferenceModel.ts';
import type { SampleNames } from './answerTable.ts';

/** Between two numbers of a line. */
const BETWEEN = /[\s,;]+/;

/** A line of numbers. */
interface Line {
  /** From 1, as an editor counts. */
  readonly place: number;
  /** The words before the numbers; '' without. */
  readonly name: string;
  readonly numbers: readonly number[];
}

/** A sample as nested arrays, in the shape that the model takes. */
export type Sample = number | readonly Sample[];

/** Samples, and what they are called in the answers. */
export interface NamedSamples<Value = Sample> extends SampleNames {
  readonly values: readonly Value[];
}

/** The texts of a field, one a line. Empty lines are none. @throws {DataError} without any */
export function textsOf(field: string): NamedSamples<string> {
  const texts = field.split(/\r?\n/).filter((text) => text.trim() !== '');
  if (texts.length === 0) throw new DataError('The field is empty: write a text.');
  return { head: 'text', names: texts.map((text) => text.trim()), values: texts };
}

/**
 * Whether a sample is several lines, one for each step; else it is one line, as of a single step.
 * @param shape of a sample; null where the length is free
 */
export function hasLineForEachStep({ shape, isIds }: Pick<InferenceInput, 'shape' | 'isIds'>): boolean {
  return !isIds && shape.length === 2 && shape[0] !== 1 && shape[1] !== 1;
}

/**
 * The samples of a field of numbers. Between numbers are spaces, tabs, commas or semicolons. A
 * sample is a line, or for sequences of several numbers a step: a line for each step, and an empty
 * line before the next sample. Sequences of so many single numbers may be columns, too. Words
 * before the numbers of a sample are its name; else it is called by its first line. A first line of
 * words alone has the names of columns.
 * @throws {DataError} naming the line, and what was expected
 */
export function samplesOf(field: string, input: InferenceInput): NamedSamples {
  const blocks = blocksOf(field);
  if (blocks.length === 0) throw new DataError('The field is empty: write or paste numbers.');
  const hasLines = hasLineForEachStep(input) || isColumn(blocks, input);
  const samples = hasLines ? sequencesOf(blocks, input) : blocks.flat().map((line) => [line]);
  const names = samples.map(([first]) => first?.name || (first as Line).place);
  const head = names.every((name) => typeof name === 'number') ? 'line' : 'name';
  const values = samples.map((lines) => (hasLines ? lines.map(({ numbers }) => numbers) : sampleOfLine(lines[0] as Line, input)));
  return { head, names, values };
}

/** Whether sequences of single numbers were pasted as a column: a number a line. */
function isColumn(blocks: readonly Line[][], { shape: [steps, channels], isIds }: InferenceInput): boolean {
  const isFixed = !isIds && channels === 1 && typeof steps === 'number' && steps > 1;
  return isFixed && blocks.flat().every(({ numbers }) => numbers.length === 1);
}

/** The lines of each sequence. @throws {DataError} */
function sequencesOf(blocks: readonly Line[][], { shape: [steps, channels] }: InferenceInput): Line[][] {
  for (const { place, numbers } of blocks.flat())
    if (channels !== null && numbers.length !== channels)
      throw new DataError(`Line ${place} has ${count(numbers)}, but a step of the model takes ${channels}.`);
  const samples = blocks.flatMap((lines) => (typeof steps === 'number' ? inParts(lines, steps) : [lines]));
  for (const lines of samples) {
    const { place } = lines[0] as Line;
    const named = lines.slice(1).find(({ name }) => name !== '');
    if (named) throw notANumber(named.place, named.name);
    if (typeof steps === 'number' && lines.length !== steps)
      throw new DataError(
        `The sample that begins in line ${place} has ${lines.length === 1 ? '1 line' : `${lines.length} lines`}, but the model takes ${steps} steps, a line each.`,
      );
  }
  return samples;
}

const notANumber = (place: number, word: string) =>
  new DataError(`Line ${place} has “${word}”, which is no number. A decimal has a point: 0.5.`);

/** Lines of numbers, parted where lines are empty. @throws {DataError} */
function blocksOf(field: string): Line[][] {
  const blocks: Line[][] = [];
  let block: Line[] | null = null;
  const lines = field.split(/\r?\n/).map((text) => text.split(BETWEEN).filter((word) => word !== ''));
  const isNumber = (word: string) => !Number.isNaN(Number(word));
  const first = lines.findIndex(({ length }) => length > 0);
  const hasTitles = lines[first]?.every((word) => !isNumber(word)) && lines.slice(first + 1).some(({ length }) => length > 0);
  for (const [index, words] of lines.entries()) {
    if (words.length === 0) {
      block = null;
      continue;
    }
    if (hasTitles && index === first) continue;
    const start = words.findIndex(isNumber);
    const wrong = start < 0 ? words[0] : words.slice(start).find((word) => !isNumber(word));
    if (wrong !== undefined) throw notANumber(index + 1, wrong);
    if (block === null) {
      block = [];
      blocks.push(block);
    }
    block.push({ place: index + 1, name: words.slice(0, start).join(' '), numbers: words.slice(start).map(Number) });
  }
  return blocks;
}

/** A sample of one line. @throws {DataError} when it has another number of numbers */
function sampleOfLine({ place, numbers }: Line, { shape, isIds }: InferenceInput): Sample {
  const free = shape.indexOf(null);
  const known = shape.reduce<number>((product, size) => product * (size ?? 1), 1);
  const length = free < 0 ? known : numbers.length;
  if (numbers.length !== length || numbers.length % known !== 0) {
    const expected = free < 0 ? String(known) : `a multiple of ${known}`;
    throw new DataError(`Line ${place} has ${count(numbers)}, but a sample of shape ${formatShape(shape)} takes ${expected}.`);
  }
  const wrong = isIds ? numbers.find((number) => !Number.isInteger(number) || number < 0) : undefined;
  if (wrong !== undefined) throw new DataError(`Line ${place} has ${wrong}, but the model takes whole numbers from 0.`);
  const sizes = shape.map((size) => size ?? numbers.length / known);
  return sizes.length === 0 ? (numbers[0] as number) : nested(numbers, sizes);
}

/** Numbers in a shape. */
function nested(numbers: readonly number[], [size, ...sizes]: readonly number[]): Sample[] {
  if (sizes.length === 0) return [...numbers];
  const length = numbers.length / (size as number);
  return Array.from({ length: size as number }, (_, index) => nested(numbers.slice(index * length, (index + 1) * length), sizes));
}

const count = ({ length }: readonly number[]) => `${length} ${length === 1 ? 'number' : 'numbers'}`;

function inParts<T>(lines: readonly T[], length: number): T[][] {
  return Array.from({ length: Math.ceil(lines.length / length) }, (_, part) => lines.slice(part * length, (part + 1) * length));
}
