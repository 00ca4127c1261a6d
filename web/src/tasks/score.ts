import { classificationReport, type Sequential } from 'backtime';
import type { ModelFrame } from '../model/layerList.ts';
import type { Baseline } from './baseline.ts';
import { type PartsOptions, predictParts } from './predictParts.ts';
import type { ExamplePlace, Samples, TaskData } from './task.ts';
import type { TaskNotes } from './taskNotes.ts';

/** How good a model is on one set of samples, and how good rules are that learn nothing. */
export interface SetScore {
  /** How many answers were judged: of each example one, of a text one a character. */
  readonly count: number;
  readonly model: number;
  readonly baselines: readonly Baseline[];
}

/** How good a model is on what was kept from training. */
export interface Score {
  /** Part of the answers that are right, or root mean squared error in the unit of the data. */
  readonly kind: 'accuracy' | 'error';
  /** On the samples that settings are chosen by, which makes it better than the truth. */
  readonly validation: SetScore;
  /** On samples that nothing was chosen by. */
  readonly test: SetScore;
}

/** An example of the test that was taken for another class. */
export interface WrongAnswer extends ExamplePlace {
  /** Numbers of classes. */
  readonly truth: number;
  readonly said: number;
  /** How probable the model took `said` to be. */
  readonly probability: number;
}

/** How good a model is on each class of the test. */
export interface ClassReport {
  /** Row i, column j counts what is of class i and was taken for j. */
  readonly confusion: readonly (readonly number[])[];
  /** By class, in their order. */
  readonly classes: readonly { readonly precision: number; readonly recall: number; readonly f1Score: number; readonly support: number }[];
  /** Some of the wrong answers, the surest first. */
  readonly wrong: readonly WrongAnswer[];
  readonly wrongCount: number;
}

/** All that was found about a model by what was kept from training. */
export interface Judgement {
  readonly score: Score;
  /** Null for tasks without classes. */
  readonly report: ClassReport | null;
  /**
   * Errors of predicted numbers on the validation data, a row of outputs each; null for other
   * tasks.
   */
  readonly residuals: readonly (readonly number[])[] | null;
}

/** Wrong answers that are kept. */
const MOST_WRONG = 200;
/** Rows of errors that are kept. */
const MOST_RESIDUALS = 200;

/** Judges a trained model. @throws the signal's reason */
export async function judge(
  model: Sequential,
  { notes, frame, validation, test, baselines, testExamples, sampleScales }: TaskData<TaskNotes>,
  { signal, onPart }: { signal?: AbortSignal; onPart?: (part: number) => void } = {},
): Promise<Judgement> {
  const all = validation[0].shape[0] + test[0].shape[0];
  const options = (before: number): PartsOptions => ({ signal, onDone: (done) => onPart?.((before + done) / all) });
  const ofValidation = options(0);
  const ofTest = options(validation[0].shape[0]);
  if ('residuals' in notes) {
    const first = await errorsOn(model, validation, notes.scale, sampleScales?.validation ?? null, ofValidation);
    const second = await errorsOn(model, test, notes.scale, sampleScales?.test ?? null, ofTest);
    return {
      score: {
        kind: 'error',
        validation: { count: validation[0].shape[0], model: first.error, baselines: baselines.validation },
        test: { count: test[0].shape[0], model: second.error, baselines: baselines.test },
      },
      report: null,
      residuals: first.residuals,
    };
  }
  const first = await answersOn(model, validation, frame, ofValidation);
  const second = await answersOn(model, test, frame, ofTest);
  return {
    score: {
      kind: 'accuracy',
      validation: { count: first.truth.length, model: first.accuracy, baselines: baselines.validation },
      test: { count: second.truth.length, model: second.accuracy, baselines: baselines.test },
    },
    report: 'classes' in notes ? reportOf(second, notes.classes, testExamples ?? []) : null,
    residuals: null,
  };
}

/** What a model answers, and how sure it is of it; what pads shorter sequences is no answer. */
interface Answers {
  readonly accuracy: number;
  readonly truth: Int32Array;
  readonly said: Int32Array;
  readonly probability: Float32Array;
}

async function answersOn(model: Sequential, [x, y]: Samples, frame: ModelFrame, options: PartsOptions): Promise<Answers> {
  const answersOf = y.data.length / Math.max(1, x.shape[0]);
  // An embedding has no id for what pads, and the steps of ids are those of the answers.
  const isPadded = frame.everyStep && frame.first?.kind === 'Embedding';
  const counted = isPadded ? x.data.reduce((count, id) => count + (id === 0 ? 0 : 1), 0) : y.data.length;
  const truth = new Int32Array(counted);
  const said = new Int32Array(counted);
  const probability = new Float32Array(counted);
  const { units } = frame.output;
  let [next, hits] = [0, 0];
  await predictParts(
    model,
    x,
    ({ data }, from) => {
      for (let place = 0, answer = from * answersOf; place < data.length; place += units, answer++) {
        if (isPadded && x.data[answer] === 0) continue;
        let best = 0;
        for (let unit = 1; unit < units; unit++) if (data[place + unit] > data[place + best]) best = unit;
        truth[next] = y.data[answer];
        said[next] = best;
        probability[next] = data[place + best];
        if (best === truth[next]) hits++;
        next++;
      }
    },
    options,
  );
  return { accuracy: hits / counted, truth, said, probability };
}

function reportOf({ truth, said, probability }: Answers, names: readonly string[], places: readonly ExamplePlace[]): ClassReport {
  const answers = { shape: [said.length], data: said };
  const { classes, confusionMatrix } = classificationReport({ shape: [truth.length], data: truth }, answers, { targetNames: names });
  const wrong = places
    .map((place, index) => ({ ...place, truth: truth[index], said: said[index], probability: probability[index] }))
    .filter((answer) => answer.truth !== answer.said)
    .sort((a, b) => b.probability - a.probability);
  const size = names.length;
  return {
    confusion: names.map((_, row) => Array.from(confusionMatrix.data.subarray(row * size, (row + 1) * size))),
    classes: names.map((name) => classes[name]),
    wrong: wrong.slice(0, MOST_WRONG),
    wrongCount: said.reduce((count, answer, index) => count + (answer === truth[index] ? 0 : 1), 0),
  };
}

/**
 * @param scale what the targets were divided by, and the unit of the residuals
 * @param ownScales what the targets of each sample were divided by, where that differs
 */
async function errorsOn(
  model: Sequential,
  [x, y]: Samples,
  scale: number,
  ownScales: readonly number[] | null,
  options: PartsOptions,
): Promise<{ error: number; residuals: number[][] }> {
  const [samples, width] = y.shape;
  const stride = Math.max(1, Math.ceil(samples / MOST_RESIDUALS));
  const residuals: number[][] = [];
  let squares = 0;
  await predictParts(
    model,
    x,
    ({ data }, from) => {
      for (let sample = 0; sample < data.length / width; sample++) {
        const errors = Array.from({ length: width }, (_, place) => y.data[(from + sample) * width + place] - data[sample * width + place]);
        const own = ownScales?.[from + sample] ?? scale;
        for (const error of errors) squares += (error * own) ** 2;
        if ((from + sample) % stride === 0) residuals.push(errors.map((error) => Number((error * scale).toPrecision(6))));
      }
    },
    options,
  );
  return { error: Math.sqrt(squares / (samples * width)), residuals };
}
