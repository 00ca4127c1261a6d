import type { Tensor } from 'backtime';
import { count } from './count.ts';
import { type Prepared, UnusableDataError } from './task.ts';

/** What a writer needs besides its weights. */
export interface WritingNotes {
  readonly task: 'write';
  /** The known characters by id. */
  readonly characters: readonly string[];
  /** Characters that are read before the next is written. */
  readonly window: number;
  /** How often the most frequent character is the next one: what a model must beat. */
  readonly baseline: number;
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
const HELD_OUT = 0.1;

/** A text, ready to train on: each character of a window is followed by the next. @throws {UnusableDataError} */
export function prepareWriting(text: string, { characters: most, window }: WritingSettings): Prepared<WritingNotes> {
  const all = Array.from(text.replace(/\r\n?/g, '\n').replace(/[ \t]+/g, ' ')).slice(0, most);
  const counts = new Map<string, number>();
  for (const character of all) counts.set(character, (counts.get(character) ?? 0) + 1);
  const used = [...counts].filter(([, count]) => count >= FEWEST_USES).sort(([, a], [, b]) => b - a);
  const characters = used.map(([character]) => character);
  const encoded = encodeCharacters({ characters }, all);
  const split = Math.floor(encoded.length * (1 - HELD_OUT));
  if (encoded.length - split <= window) {
    throw new UnusableDataError(
      `The text has ${all.length} characters; at least ${Math.ceil((window + 2) / HELD_OUT)} are needed, and tens of thousands to write anything like it.`,
    );
  }
  const [train, validation] = [windows(encoded.slice(0, split), window), windows(encoded.slice(split), window)];
  const targets = validation[1].data;
  const notes: WritingNotes = {
    task: 'write',
    characters,
    window,
    baseline: targets.reduce((count, id) => count + Number(id === 0), 0) / targets.length,
    beginning: all.slice(0, 20).join('').split('\n')[0],
  };
  const left = all.length - encoded.length;
  return {
    notes,
    train,
    validation,
    frame: {
      inputShape: [null, window],
      first: { kind: 'OneHot', depth: characters.length },
      everyStep: true,
      output: { units: characters.length, activation: 'softmax' },
      loss: 'sparseCategoricalCrossentropy',
    },
    problems: [],
    summary: `${count(encoded.length)} characters, ${characters.length} different ones${left === 0 ? '' : ` (${left} rare ones left out)`}: the first 90 % to learn from, the rest to judge by.`,
  };
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
