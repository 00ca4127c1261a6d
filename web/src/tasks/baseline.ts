import { forecastErrors, naiveForecast, type Tensor } from 'backtime';
import { levelBefore, referenceAt } from './season.ts';

/** Rules that answer without having learnt anything. */
export type BaselineRule = 'frequent' | 'frequentOfWord' | 'mean' | 'median' | 'lastValue' | 'drift' | 'seasonalNaive' | 'seasonalDrift';

/** How good such a rule is on one set of samples. */
export interface Baseline {
  readonly rule: BaselineRule;
  /** Part of the answers that are right, or root mean squared error in the unit of the data. */
  readonly value: number;
  /** What the rule always answers, where it is a class. */
  readonly answer?: string;
}

/** Baselines on the two sets that a model is judged by. */
export interface Baselines {
  readonly validation: readonly Baseline[];
  readonly test: readonly Baseline[];
}

/** The rule that is hardest to beat. */
export function bestBaseline(baselines: readonly Baseline[], kind: 'accuracy' | 'error'): Baseline {
  return baselines.reduce((best, other) => ((kind === 'accuracy' ? other.value > best.value : other.value < best.value) ? other : best));
}

/**
 * Always the most frequent answer of the training samples.
 * @param names of the answers, where they have any
 */
export function frequentAnswer(train: Tensor, answers: number, names: readonly string[] | null): (targets: Tensor) => Baseline[] {
  const counts = new Uint32Array(answers);
  for (const answer of train.data) counts[answer]++;
  const frequent = counts.indexOf(counts.reduce((most, count) => Math.max(most, count)));
  return ({ data }) => {
    let hits = 0;
    for (const answer of data) if (answer === frequent) hits++;
    return [{ rule: 'frequent', value: hits / data.length, ...(names && { answer: names[frequent] }) }];
  };
}

/**
 * For each word the answer that it has most often in training; for others the most frequent of all.
 * @param words of the answers
 */
export function frequentOfWord(words: readonly string[], answers: Int32Array): (words: readonly string[], truth: Int32Array) => Baseline {
  const counts = new Map<string | null, Map<number, number>>();
  /** Null stands for any word. */
  const countAnswer = (word: string | null, answer: number) => {
    const own = counts.get(word) ?? new Map<number, number>();
    counts.set(word, own.set(answer, (own.get(answer) ?? 0) + 1));
  };
  for (const [place, word] of words.entries()) for (const key of [word, null]) countAnswer(key, answers[place] as number);
  const usual = new Map([...counts].map(([word, own]) => [word, [...own].reduce((best, next) => (next[1] > best[1] ? next : best))[0]]));
  return (others, truth) => {
    const hits = others.filter((word, place) => (usual.get(word) ?? usual.get(null)) === truth[place]).length;
    return { rule: 'frequentOfWord', value: hits / others.length };
  };
}

/**
 * Naive forecasts of a series from some of its steps.
 * @param season 1 for none
 */
export function naiveForecasts(series: readonly number[], starts: readonly number[], horizon: number, season: number): Baseline[] {
  const history = Float64Array.from(series);
  const rules: readonly BaselineRule[] = season > 1 ? ['lastValue', 'drift', 'seasonalNaive', 'seasonalDrift'] : ['lastValue', 'drift'];
  const shape = [starts.length, horizon];
  const actual = new Float64Array(starts.length * horizon);
  const forecasts = rules.map(() => new Float64Array(actual.length));
  for (const [index, start] of starts.entries()) {
    actual.set(history.subarray(start, start + horizon), index * horizon);
    const before = { shape: [start], data: history.subarray(0, start) };
    const line = naiveForecast(before, horizon, { strategy: 'drift' }).data;
    const level = season > 1 ? levelBefore(series, season, start) : 0;
    const lastSeason =
      season > 1
        ? naiveForecast({ shape: [season], data: history.subarray(start - season, start) }, horizon, { seasonLength: season }).data
        : line;
    for (let ahead = 0; ahead < horizon; ahead++) {
      const answers = [series[start - 1], line[ahead], lastSeason[ahead], referenceAt(series, season, start, ahead, level)];
      for (const [place, forecast] of forecasts.entries()) forecast[index * horizon + ahead] = answers[place];
    }
  }
  return rules.map((rule, place) => ({ rule, value: forecastErrors({ shape, data: actual }, { shape, data: forecasts[place] }).rmse }));
}

/** The errors of rules on several series together. @param parts the same rules for each */
export function pooledErrors(parts: readonly { readonly count: number; readonly errors: readonly Baseline[] }[]): Baseline[] {
  const all = parts.reduce((sum, { count }) => sum + count, 0);
  return (parts[0]?.errors ?? []).map((baseline, place) => ({
    ...baseline,
    value: Math.sqrt(parts.reduce((sum, { count, errors }) => sum + count * (errors[place] as Baseline).value ** 2, 0) / all),
  }));
}
