import type { ForecastNotes } from '../tasks/forecast.ts';
import type { Score } from '../tasks/score.ts';
import type { TaskNotes } from '../tasks/taskNotes.ts';
import type { ModelNotes } from './trainedModel.ts';

/** The score of version 3: one baseline, the last value or the most frequent answer. */
type OldScore = Pick<Score, 'kind'> &
  Record<'validation' | 'test', { readonly count: number; readonly model: number; readonly baseline: number }>;

type OldNotes = Exclude<TaskNotes, ForecastNotes> | Omit<ForecastNotes, 'season' | 'inputScale' | 'times' | 'residuals'>;

/** Notes of versions 2 and 3 of the page in today's form. */
export function fromVersion3(old: object): ModelNotes {
  const { notes, score, trainedOn } = old as { notes: OldNotes; score: OldScore | null; trainedOn: string };
  return {
    notes: notes.task === 'forecast' ? { season: 1, inputScale: notes.scale, times: null, residuals: null, ...notes } : notes,
    score: score && { kind: score.kind, validation: scoreOn(score, 'validation'), test: scoreOn(score, 'test') },
    report: null,
    trainedOn,
    run: null,
  };
}

function scoreOn({ kind, ...sets }: OldScore, set: 'validation' | 'test'): Score['test'] {
  const { count, model, baseline } = sets[set];
  return { count, model, baselines: [{ rule: kind === 'accuracy' ? 'frequent' : 'lastValue', value: baseline }] };
}
