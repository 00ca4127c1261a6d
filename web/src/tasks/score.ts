import type { Sequential } from 'backtime';
import { judgeForecast } from './forecast.ts';
import type { TaskData } from './task.ts';

/** How good a model is on what was kept from training, and how good the simplest guess is. */
export type Score =
  | { readonly kind: 'accuracy'; readonly model: number; readonly baseline: number }
  /** Root mean squared errors. */
  | { readonly kind: 'error'; readonly model: number; readonly baseline: number };

/** Judges a trained model by the data that was kept from training. */
export async function scoreOf(model: Sequential, { notes, validation }: TaskData): Promise<Score> {
  if (notes.task === 'forecast') {
    const { model: error, naive } = await judgeForecast(model, notes);
    return { kind: 'error', model: error, baseline: naive };
  }
  const { accuracy } = await model.evaluate(...validation, { batchSize: 128 });
  return { kind: 'accuracy', model: accuracy, baseline: notes.baseline };
}
