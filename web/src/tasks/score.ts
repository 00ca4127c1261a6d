import type { Sequential, Tensor } from 'backtime';
import type { Samples, TaskData } from './task.ts';
import type { TaskNotes } from './taskNotes.ts';

/** How good a model is on one set of samples, and how good the simplest guess is. */
export interface SetScore {
  /** How many answers were judged: of each example one, of a text one a character. */
  readonly count: number;
  readonly model: number;
  readonly baseline: number;
}

/** How good a model is on what was kept from training. */
export interface Score {
  /** Part of the answers that are right, or root mean squared error in the unit of the series. */
  readonly kind: 'accuracy' | 'error';
  /** On the samples that settings are chosen by, which makes it better than the truth. */
  readonly validation: SetScore;
  /** On samples that nothing was chosen by. */
  readonly test: SetScore;
}

/** Judges a trained model. */
export async function scoreOf(model: Sequential, { notes, frame, train, validation, test }: TaskData<TaskNotes>): Promise<Score> {
  if (notes.task === 'forecast') {
    const judge = (samples: Samples) => errorOn(model, samples, notes.scale);
    return { kind: 'error', validation: await judge(validation), test: await judge(test) };
  }
  const frequent = mostFrequent(train[1], frame.output.units);
  const judge = (samples: Samples) => accuracyOn(model, samples, frequent);
  return { kind: 'accuracy', validation: await judge(validation), test: await judge(test) };
}

const BATCH_SIZE = 128;

/** The simplest guess is the most frequent answer of the training samples. */
async function accuracyOn(model: Sequential, [x, y]: Samples, frequent: number): Promise<SetScore> {
  const { accuracy } = await model.evaluate(x, y, { batchSize: BATCH_SIZE });
  let hits = 0;
  for (const answer of y.data) if (answer === frequent) hits++;
  return { count: y.data.length, model: accuracy, baseline: hits / y.data.length };
}

/** The simplest guess is that the last known value stays: a change of zero. */
async function errorOn(model: Sequential, [x, y]: Samples, scale: number): Promise<SetScore> {
  const { loss } = await model.evaluate(x, y, { batchSize: BATCH_SIZE });
  let squares = 0;
  for (const change of y.data) squares += change ** 2;
  return { count: y.shape[0], model: Math.sqrt(loss) * scale, baseline: Math.sqrt(squares / y.data.length) * scale };
}

function mostFrequent({ data }: Tensor, answers: number): number {
  const counts = new Uint32Array(answers);
  for (const answer of data) counts[answer]++;
  return counts.indexOf(Math.max(...counts));
}
