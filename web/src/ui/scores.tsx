import type { Score, SetScore } from '../tasks/score.ts';
import type { TaskName } from '../tasks/task.ts';

/**
 * How good a model is on the test and on the validation data, beside the simplest guess, and what
 * that means.
 */
export function Scores({ score, task }: { score: Score | null; task: TaskName }) {
  if (!score) return <p id="no-score">How good it is is not known: judging it by the test data failed.</p>;
  const { kind, test, validation } = score;
  const { model, baseline, unit } = WORDS[task];
  const show = (value: number) => (kind === 'accuracy' ? `${(100 * value).toFixed(1)}\u00a0%` : value.toPrecision(3));
  const row = (name: string, set: SetScore) => (
    <tr id={`score-${name.toLowerCase()}`}>
      <th scope="row">
        {name}: {set.count.toLocaleString('en')} {unit}
      </th>
      <td>{show(set.model)}</td>
      <td>{show(set.baseline)}</td>
    </tr>
  );
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="scroll" tabIndex={0} aria-label="How good the model is">
        <table>
          <thead>
            <tr>
              <th scope="col">judged by</th>
              <th scope="col">{model}</th>
              <th scope="col">{baseline}</th>
            </tr>
          </thead>
          <tbody>
            {row('Test', test)}
            {row('Validation', validation)}
          </tbody>
        </table>
      </section>
      <p>
        Test: data that was put aside before training, and judged by once, after it. Validation: not learnt from either, but judged by after
        every epoch. Settings are chosen by it, also those that this page begins with, so it makes a model look better than it is. The test
        does the same once you choose settings by it.
      </p>
    </>
  );
}

/** What is counted for a task, and what the simplest guess is. */
const WORDS: Readonly<Record<TaskName, { readonly model: string; readonly baseline: string; readonly unit: string }>> = {
  classifyText: { model: 'right', baseline: 'always guessing the most frequent class', unit: 'texts' },
  classifySeries: { model: 'right', baseline: 'always guessing the most frequent class', unit: 'series' },
  forecast: { model: 'off by (root mean square)', baseline: 'repeating the last value', unit: 'forecasts' },
  write: { model: 'next character right', baseline: 'always guessing the most frequent one', unit: 'characters' },
};
