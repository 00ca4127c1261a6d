import { ArgumentError, generate } from '../node.ts';
import { openModel } from './openModel.ts';
import type { CommandReport } from './report.ts';
import { idsOf, type SavedGenerator } from './tasks/generateTask.ts';

interface GenerateFlags {
  readonly model: string;
  readonly length: number;
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed: number;
}

/** `backtime generate`: continues a text, and prints each character as it comes. */
export async function generateText(prompt: string | undefined, flags: GenerateFlags, report: CommandReport): Promise<void> {
  const { model, task } = await openModel(flags.model);
  if (task !== 'generate')
    throw new ArgumentError(
      `${flags.model} was trained ${task === null ? 'by another program' : `for ${task}`}, not to generate: "backtime train FILE --task generate" trains a model that does`,
    );
  const { characters } = model.metadata as unknown as SavedGenerator;
  const begin = prompt ?? (characters.includes('\n') ? '\n' : (characters[0] as string));
  if (begin === '') throw new ArgumentError('the prompt is empty: give at least one character');
  const { length, temperature, topK, topP, seed } = flags;
  if (temperature === 0 && (topK !== undefined || topP !== undefined))
    throw new ArgumentError(
      `${topK === undefined ? '--top-p' : '--top-k'} is for drawing, but --temperature 0 draws nothing: leave one of them out`,
    );
  const options = { length, temperature, seed, ...(topK === undefined ? {} : { topK }), ...(topP === undefined ? {} : { topP }) };
  const print = (text: string) => void (report.json || process.stdout.write(text));
  const ids = generate(model, idsOf(begin, characters, 'the prompt'), options);
  let text = '';
  for await (const id of ids) {
    if (text === '') print(prompt ?? '');
    text += characters[id];
    print(characters[id] as string);
  }
  print('\n');
  if (report.json) report.answer('text', { prompt: begin, text }, '');
}
