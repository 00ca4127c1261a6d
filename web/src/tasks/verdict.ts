import { amount, count, shortNumber } from '../data/count.ts';
import type { RunRecord } from '../model/trainedModel.ts';
import { type Baseline, bestBaseline } from './baseline.ts';
import type { Score, SetScore } from './score.ts';

/** How training went, as far as it says something about the model. */
export interface Course {
  /** The epoch, from 1, whose weights the model has. */
  readonly bestEpoch: number;
  /** Epochs that were done. */
  readonly epochs: number;
  /** Why it ended: all epochs were done, they did not help any more, or the person stopped it. */
  readonly end: 'done' | 'noBetter' | 'stopped';
  /** Losses on the validation data, by epoch. */
  readonly validationLosses: readonly number[];
}

/** The course of a run; null where it is not known. */
export function courseOf(run: RunRecord | null): Course | null {
  if (!run) return null;
  const { bestEpoch, end, points } = run;
  return { bestEpoch, end, epochs: points.length, validationLosses: points.map(({ validationLoss }) => validationLoss ?? Number.NaN) };
}

/** What is to be said of a model, the most important first. */
export interface Verdict {
  readonly sentence: string;
  /** A sentence each; what to do about it, too. */
  readonly more: readonly string[];
}

/** Answers that are too few to tell a good model from luck. */
const FEW = 30;
/** Standard deviations that a model must be better than guessing by. */
const CLEAR = 2;
/** A loss that grows by this part after the best epoch is one of learning by heart. */
const GROWN = 0.03;

/**
 * What a score means, in plain words.
 * @param things what was judged, in plural: “texts”
 */
export function verdictOf({ kind, test }: Score, course: Course | null, things: string, unit = ''): Verdict {
  if (!Number.isFinite(test.model) || course?.validationLosses.some((loss) => !Number.isFinite(loss))) {
    return {
      sentence: 'It has learnt nothing that can be used: training diverged, its numbers grew without bound.',
      more: ['Train again with a smaller learning rate, a tenth of it for example.'],
    };
  }
  const first = kind === 'accuracy' ? ofAnswers(test, things) : ofErrors(test, things, unit);
  // Where all is right, a longer training gains nothing.
  const isPerfect = kind === 'accuracy' && test.model === 1;
  const about = course === null || isPerfect ? null : ofCourse(course);
  return {
    sentence: `${first.sentence}${about?.clause ? `; ${about.clause}` : ''}.`,
    more: [...first.more, ...(about?.more ?? [])],
  };
}

function ofAnswers(test: SetScore, things: string): Verdict {
  const guess = bestBaseline(test.baselines, 'accuracy');
  const luck = CLEAR * Math.sqrt(Math.max(guess.value * (1 - guess.value), 0.25 / test.count) / test.count);
  const more =
    test.count < FEW
      ? [`It was judged by only ${amount(test.count, 'answer')}: one more or less may be luck. More examples would show more.`]
      : [];
  const { of, right } = countsOf(test, guess.value);
  const guessing = guess.answer === undefined ? NAIVE_NAMES[guess.rule] : `always saying “${guess.answer}”`;
  const both = `${right(test.model)} of ${of} ${things} right, ${guessing} gets ${right(guess.value)}`;
  if (test.model > guess.value + luck) return { sentence: both, more };
  if (test.model === 1 && guess.value === 1)
    return {
      sentence: `All ${count(test.count)} test ${things} right, but ${guessing} gets all of them right too: nothing had to be learnt`,
      more: [...more, 'Harder examples would tell what it can do.'],
    };
  return {
    sentence: `It is not clearly better than guessing: ${both}`,
    more: [
      ...more,
      'Look whether the right columns are chosen. More examples help most; a longer training or a larger network may help too.',
    ],
  };
}

/**
 * How parts are told: 7 of 10 where that is nearly exact, otherwise of 100 or 1,000; few as they
 * are.
 */
function countsOf({ count: judged, model }: SetScore, guess: number): { of: string; right: (part: number) => string } {
  const isExact = (part: number, of: number) => Math.abs(part * of - Math.round(part * of)) < 0.2;
  const isTold = (of: number) => Math.round(model * of) !== Math.round(guess * of) && (model === 1 || Math.round(model * of) < of);
  const of =
    judged <= FEW ? judged : isExact(model, 10) && isExact(guess, 10) && isTold(10) ? 10 : isTold(100) || model <= guess ? 100 : 1000;
  return { of: of === judged ? `${count(of)} test` : count(of), right: (part) => count(Math.round(part * of)) };
}

/** How a naive forecast is called in a sentence. */
export const NAIVE_NAMES: Readonly<Record<Baseline['rule'], string>> = {
  frequent: 'always guessing the most frequent answer',
  frequentOfWord: 'giving each word its most frequent tag',
  mean: 'always guessing the mean',
  median: 'always guessing the median',
  lastValue: 'repeating the last value',
  drift: 'going on along the line from the first to the last value',
  seasonalNaive: 'repeating the last season',
  seasonalDrift: 'repeating the last season, moved by its change since the season before',
};

/** A smaller difference than this part of the error is none. */
const SAME = 0.02;

function ofErrors(test: SetScore, things: string, unit: string): Verdict {
  const naive = bestBaseline(test.baselines, 'error');
  const show = (value: number) => `${shortNumber(value)}${unit === '' ? '' : ` ${unit}`}`;
  const part = naive.value === 0 ? (test.model === 0 ? 1 : Infinity) : test.model / naive.value;
  const rule = NAIVE_NAMES[naive.rule];
  const isGuess = naive.rule === 'mean' || naive.rule === 'median';
  const what = isGuess ? 'guess' : 'naive forecast';
  const more =
    test.count < FEW
      ? [
          `It was judged by only ${test.count === 1 ? `one of the ${things}` : `${count(test.count)} ${things}`}: this may be luck. ${isGuess ? 'More examples tell' : 'A longer series tells'} more.`,
        ]
      : [];
  if (part > 1 - SAME) {
    return {
      sentence: `It does not beat the best ${what}, ${rule}: it is typically off by ${show(test.model)}, that one by ${show(naive.value)}`,
      more: [...more, `Use the ${what} instead, or try more data, other columns or other settings.`],
    };
  }
  return {
    sentence: `It is typically off by ${show(test.model)}; the best ${what}, ${rule}, by ${show(naive.value)}: ${Math.round(100 * (1 - part))} % less error`,
    more,
  };
}

function ofCourse({ bestEpoch, epochs, end, validationLosses }: Course): { clause: string | null; more: readonly string[] } {
  const best = validationLosses[bestEpoch - 1];
  const later = validationLosses.slice(bestEpoch);
  const grew = later.length > 0 && best !== undefined && Math.max(...later.slice(-2)) > (1 + GROWN) * best;
  const kept = epochs > bestEpoch ? [`The model is that of epoch ${bestEpoch} of ${epochs}, the best on the validation data.`] : [];
  if (grew) {
    return {
      clause: `it begins to learn by heart after epoch ${bestEpoch}`,
      more: [...kept, 'More examples, a smaller network or a larger dropout rate help against learning by heart.'],
    };
  }
  if (end === 'done' && bestEpoch === epochs)
    return {
      clause: 'it was still getting better when training ended',
      more: [`Let it go on, or give it more than ${amount(epochs, 'epoch')}.`],
    };
  if (end === 'stopped') return { clause: null, more: [...kept, 'Training was stopped before its end.'] };
  return { clause: null, more: kept };
}
