import type { Tensor } from 'backtime';
import { amount, count } from '../data/count.ts';
import type { RowProblem } from '../data/rowProblem.ts';
import { frequentAnswer } from './baseline.ts';
import { NO_CHECK } from './dataCheck.ts';
import { type Prepared, UnusableDataError } from './task.ts';

/** What a writer needs besides its weights. */
export interface WritingNotes {
  readonly task: 'write';
  /** The known characters by id. */
  readonly characters: readonly string[];
  /** Characters that are read before the next is written. */
  readonly window: number;
  /** A beginning to write on from. */
  readonly beginning: string;
}

export interface WritingSettings {
  /** Most characters of the text to learn from. */
  readonly characters: number;
  /** Characters read at a time. */
  readonly window: number;
}

/** Rarer characters are left out of the text: there is too little to learn them from. */
const FEWEST_USES = 5;
/**
 * Part of the text for validation, from its end, and as much before it for the test: parts.ts says
 * why in this order.
 */
const HELD_OUT = 0.1;

/**
 * A text, ready to train on: each character of a window is followed by the next.
 * @param problems rows that are missing in the text
 * @throws {UnusableDataError}
 */
export function prepareWriting(
  text: string,
  { characters: most, window }: WritingSettings,
  problems: readonly RowProblem[] = [],
): Prepared<WritingNotes> {
  const whole = Array.from(text.replace(/\r\n?/g, '\n').replace(/[ \t]+/g, ' '));
  const all = whole.slice(0, most);
  const counts = new Map<string, number>();
  for (const character of all) counts.set(character, (counts.get(character) ?? 0) + 1);
  const used = [...counts].filter(([, count]) => count >= FEWEST_USES).sort(([, a], [, b]) => b - a);
  const characters = used.map(([character]) => character);
  const encoded = encodeCharacters({ characters }, all);
  const testFrom = Math.floor(encoded.length * (1 - 2 * HELD_OUT));
  const validationFrom = Math.floor(encoded.length * (1 - HELD_OUT));
  if (Math.min(validationFrom - testFrom, encoded.length - validationFrom) <= window) {
    throw new UnusableDataError(
      `The text has ${all.length} characters; at least ${Math.ceil((window + 2) / HELD_OUT)} are needed, and tens of thousands to write anything like it.`,
      problems,
    );
  }
  const notes: WritingNotes = {
    task: 'write',
    characters,
    window,
    beginning: all.slice(0, 20).join('').split('\n')[0],
  };
  const left = all.length - encoded.length;
  const train = windows(encoded.slice(0, testFrom), window);
  const validation = windows(encoded.slice(validationFrom), window);
  const test = windows(encoded.slice(testFrom, validationFrom), window);
  const judge = frequentAnswer(train[1], characters.length, characters);
  return {
    notes,
    train,
    validation,
    test,
    testExamples: null,
    baselines: { validation: judge(validation[1]), test: judge(test[1]) },
    frame: {
      inputShape: [null, window],
      first: { kind: 'OneHot', depth: characters.length },
      everyStep: true,
      output: { units: characters.length, activation: 'softmax' },
      loss: 'sparseCategoricalCrossentropy',
    },
    problems,
    missing: [],
    warnings:
      whole.length > most
        ? [
            `The text has ${count(whole.length)} characters: only the first ${count(most)} are learnt from. Raise the number above to take more.`,
          ]
        : [],
    check: NO_CHECK,
    summary: `${count(encoded.length)} characters, ${characters.length} different ones${left === 0 ? '' : ` (${amount(left, 'rare one')} left out)`}: the first ${percent(1 - 2 * HELD_OUT)} to learn from, then ${percent(HELD_OUT)} for the test and ${percent(HELD_OUT)} for validation.`,
  };
}

function percent(part: number): string {
  return `${Math.round(100 * part)} %`;
}

/** Ids of the known characters of a text. */
export function encodeCharacters({ characters }: Pick<WritingNotes, 'characters'>, text: Iterable<string>): number[] {
  const ids = new Map(characters.map((character, id) => [character, id]));
  return Array.from(text).flatMap((character) => ids.get(character) ?? []);
}

/** Windows one after the other, `[N, window]`, and the same one character on. */
function windows(ids: readonly number[], window: number): readonly [Tensor<Int32Array>, Tensor<Int32Array>] {
  const count = Math.floor((ids.length - 1) / window);
  const shape = [count, window];
  return [
    { shape, data: Int32Array.from(ids.slice(0, count * window)) },
    { shape, data: Int32Array.from(ids.slice(1, count * window + 1)) },
  ];
}
