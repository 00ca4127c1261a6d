import { describe } from '../core/describe.ts';
import { FormatError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import type { DataSource, ReadOptions } from './dataSource.ts';
import { decodedParts } from './decodeText.ts';
import { openSource } from './readBytes.ts';

/** The samples of a file of the UEA and UCR archives. */
export interface TimeSeriesSamples {
  /** The option `@problemName` of the file; empty without one. */
  readonly name: string;
  /**
   * A sequence `[T][C]` for each sample, of T steps and C channels; T may differ. A missing value
   * is NaN.
   */
  readonly sequences: number[][][];
  /** The names of the classes, in the order of the file; empty for other targets. */
  readonly classNames: readonly string[];
  /** For each sample the index of its class, or its number to predict; empty without targets. */
  readonly targets: readonly number[];
}

const NAME = 'readTs';

/** See `readTs` of lazyReaders.ts. */
export async function readTs(source: DataSource, options: ReadOptions = {}): Promise<TimeSeriesSamples> {
  checkOptions(options, ['maxBytes'], NAME);
  const { name, parts } = openSource(source, NAME, options, 2 ** 30);
  const where = `${NAME}: ${name}`;
  const header = new Map<string, string>();
  const sequences: number[][][] = [];
  const targets: number[] = [];
  let classNames: readonly string[] = [];
  let isData = false;
  let number = 0;
  let channels = 0;
  const take = (line: string): void => {
    number++;
    const text = line.trim();
    if (text === '' || text.startsWith('#') || text.startsWith('%')) return;
    const at = `${where}: line ${number}`;
    if (!isData) {
      const [, key = '', value = ''] = /^@(\w+)\s*(.*)$/.exec(text) ?? [];
      if (key === '') throw new FormatError(`${at} is ${describe(text)}, expected a line such as '@classLabel true 1 2' before @data`);
      header.set(key.toLowerCase(), value.trim());
      isData = key.toLowerCase() === 'data';
      if (key.toLowerCase() === 'classlabel') {
        const [isGiven, ...names] = value.trim().split(/\s+/);
        classNames = names;
        if (isGiven?.toLowerCase() === 'true' && names.length === 0)
          throw new FormatError(`${at} says that there are classes, but names none`);
      }
      return;
    }
    const dimensions = text.split(':');
    const hasTarget = classNames.length > 0 || header.get('targetlabel')?.toLowerCase() === 'true';
    if (hasTarget) targets.push(targetOf((dimensions.pop() as string).trim(), classNames, at));
    channels ||= dimensions.length;
    if (dimensions.length !== channels)
      throw new FormatError(`${at} has ${dimensions.length} channels, but the first sample has ${channels}`);
    sequences.push(
      sequenceOf(
        dimensions.map((dimension) => dimension.split(',').map((value) => numberOf(value, at))),
        at,
      ),
    );
  };
  let rest = '';
  for await (const part of decodedParts(parts, 'auto', where)) {
    const lines = (rest + part).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) take(line);
  }
  if (rest !== '') take(rest);
  if (!isData) throw new FormatError(`${where} has no line @data, as files of the UEA and UCR archives have`);
  return { name: header.get('problemname') ?? '', sequences, classNames, targets };
}

/** The channels of a sample, step by step. */
function sequenceOf(channels: readonly (readonly number[])[], at: string): number[][] {
  const steps = channels[0]?.length ?? 0;
  const other = channels.find(({ length }) => length !== steps);
  if (other) throw new FormatError(`${at} has channels of ${steps} and of ${other.length} steps, expected one length`);
  return Array.from({ length: steps }, (_, step) => channels.map((channel) => channel[step] as number));
}

function numberOf(text: string, at: string): number {
  const value = text.trim();
  if (value === '?' || value.toLowerCase() === 'nan') return Number.NaN;
  const number = value === '' ? Number.NaN : Number(value);
  if (Number.isNaN(number))
    throw new FormatError(`${at} has ${describe(value)}, expected a number, or ? where one is missing (no time stamps)`);
  return number;
}

function targetOf(text: string, classNames: readonly string[], at: string): number {
  if (classNames.length === 0) return numberOf(text, at);
  const label = classNames.indexOf(text);
  if (label < 0) throw new FormatError(`${at} is of class ${describe(text)}, which @classLabel does not name: ${classNames.join(', ')}`);
  return label;
}
