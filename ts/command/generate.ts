import { ArgumentError, generate, loadModel } from '../node.ts';
import type { CommandReport } from './report.ts';
import { idsOf, type SavedGenerator } from './tasks/generateTask.ts';
import { taskOf } from './tasks/tasks.ts';

interface GenerateFlags {
  readonly model: string;
  readonly length: number;
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed: number;
}

/** `backtime generate`: continues a text. */
export async function generateText(prompt: string | undefined, flags: GenerateFlags, report: CommandReport): Promise<void> {
  const model = await loadModel(flags.model);
  const task = taskOf(model, flags.model);
  if (task !== 'generate') throw new ArgumentError(`${flags.model} was trained for ${task}, not to generate`);
  const { characters } = model.metadata as unknown as SavedGenerator;
  const begin = prompt ?? (characters.includes('\n') ? '\n' : (characters[0] as string));
  if (begin === '') throw new ArgumentError('the prompt is empty: give at least one character');
  const { length, temperature, topK, topP, seed } = flags;
  const options = { length, temperature, seed, ...(topK === undefined ? {} : { topK }), ...(topP === undefined ? {} : { topP }) };
  let text = '';
  for await (const id of generate(model, idsOf(begin, characters, 'the prompt'), options)) text += characters[id];
  report.answer('text', { prompt: begin, text }, `${prompt ?? ''}${text}`);
}
