import { padSequences, type Table, TextVectorization } from 'backtime';
import { amount, count } from '../data/count.ts';
import type { RowProblem } from '../data/rowProblem.ts';
import type { ModelFrame } from '../model/layerList.ts';
import type { Example } from './classes.ts';
import { type Lengths, lengthsOf } from './dataCheck.ts';
import type { Labels } from './labels.ts';
import type { Parts } from './parts.ts';
import { guessUnits, splitUnits, type TextUnits } from './textUnits.ts';

/** How a model reads texts. */
export interface TextInput {
  /** The name of the column that the texts were in; not in notes of older versions. */
  readonly column?: string;
  /** The known words or characters, most frequent first. */
  readonly vocabulary: readonly string[];
  /** Words or characters that are read of a text, the last ones. */
  readonly length: number;
  /** What a text is read as. Models of earlier versions of the page have words. */
  readonly units?: TextUnits;
  /** A text to begin trying with. */
  readonly example: string;
}

export interface TextSettings {
  /** Largest number of words or characters to know. */
  readonly words: number;
  /** Most words to read of a text; characters are as many times more as a word has of them. */
  readonly length: number;
  /** What a text is read as. Default: it is guessed. */
  readonly units?: TextUnits | 'guess';
}

/** Characters of a word with its space, by which more characters than words are read of a text. */
const CHARACTERS_OF_WORD = 6;
/** Part of the texts that may be cut without a warning. */
const WORTH_SAYING = 0.02;
/** Entries of a vocabulary that are no words: padding, and what is unknown. */
const SPECIAL = 2;

/** The rows with a text and a label; the others are added to `problems`. */
export function readTexts(table: Table, column: string, labels: Labels, problems: RowProblem[]): Example<string>[] {
  const texts = table.texts(column);
  const examples: Example<string>[] = [];
  for (let index = 0; index < table.rowCount; index++) {
    const row = table.fileRow(index);
    const [example, label] = [(texts[index] as string).trim(), labels.texts[index] as string];
    if (example === '') problems.push({ row, message: `column “${column}” has no text` });
    else if (label.trim() === '') problems.push({ row, message: labels.missing(index) });
    else examples.push({ example, label, row });
  }
  return examples;
}

/** How a model is to read texts, and what is to be said of that. */
export interface ReadTextInput {
  readonly input: TextInput;
  readonly lengths: Lengths;
  readonly warnings: readonly string[];
  /** How many words are known, in a sentence. */
  readonly known: string;
}

/** @param parts the examples to learn from, whose words are known, and those to try the model on */
export function readTextInput(
  column: string,
  examples: readonly { readonly example: string }[],
  { train, validation }: Pick<Parts<{ readonly example: string }>, 'train' | 'validation'>,
  settings: TextSettings,
): ReadTextInput {
  const all = examples.map(({ example }) => example);
  const units = settings.units === undefined || settings.units === 'guess' ? guessUnits(all) : settings.units;
  const vectorization = vectorizationOf({ maxTokens: settings.words }, units);
  vectorization.adapt(train.map(({ example }) => example));
  const vocabulary = vectorization.getVocabulary();
  const lengths = all.map((example) => splitUnits(example, units).length);
  const most = units === 'characters' ? CHARACTERS_OF_WORD * settings.length : settings.length;
  const length = Math.min(
    most,
    lengths.reduce((longest, own) => Math.max(longest, own), 2),
  );
  const unit = units === 'characters' ? 'character' : 'word';
  const found = lengthsOf(`${unit}s`, lengths, length);
  const example = (validation.find((other) => isShort(other.example)) ?? validation[0])?.example ?? '';
  return {
    input: { column, vocabulary, length, units, example },
    lengths: found,
    warnings:
      found.cut > WORTH_SAYING * all.length
        ? [
            `${amount(found.cut, 'text')} of ${count(all.length)} ${found.cut === 1 ? 'has' : 'have'} more than ${count(length)} ${unit}s: only the last ${count(length)} of each are read. Read more if what matters comes early.`,
          ]
        : [],
    known: `${count(vocabulary.length - SPECIAL)} ${unit}s are known.`,
  };
}

/** What reading texts fixes of a model. */
export function textFrame({ vocabulary, length }: TextInput): Pick<ModelFrame, 'inputShape' | 'first'> {
  return { inputShape: [null, length], first: { kind: 'Embedding', inputDim: vocabulary.length, outputDim: 32 } };
}

/** The layer that turns texts into ids. One of `mixed` units cannot be saved with a model. */
export function vectorizationOf(options: { readonly maxTokens?: number; readonly vocabulary?: readonly string[] }, units: TextUnits) {
  if (units === 'words') return new TextVectorization(options);
  if (units === 'characters') return new TextVectorization({ ...options, standardize: 'lower', split: 'character' });
  return new TextVectorization({ ...options, standardize: null, split: (text: string) => splitUnits(text, units) });
}

/** Turns texts into ids, `[N, length]`. */
export function textEncoder({ vocabulary, length, units = 'words' }: Pick<TextInput, 'vocabulary' | 'length' | 'units'>) {
  const vectorization = vectorizationOf({ vocabulary }, units);
  return (texts: readonly string[]) => padSequences(vectorization.encode(texts), { maxLength: length });
}

/** Whether a text is long enough to say something, and short enough to be taken in at a glance. */
function isShort(text: string): boolean {
  const words = text.split(' ').length;
  return words >= 5 && words <= 12;
}
