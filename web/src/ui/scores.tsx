import { count, shortNumber } from '../data/count.ts';
import type { TrainedModel } from '../model/trainedModel.ts';
import type { SetScore } from '../tasks/score.ts';
import { THINGS } from '../tasks/things.ts';
import { courseOf, NAIVE_NAMES, verdictOf } from '../tasks/verdict.ts';
import { Help } from './help.tsx';

/** How good a model is, in a sentence, and on request in numbers. */
export function Scores({ trained: { score, notes, run } }: { trained: TrainedModel }) {
  if (!score) return <p id="no-score">How good it is is not known: it was not judged by the test data.</p>;
  const { sentence, more } = verdictOf(score, courseOf(run), THINGS[notes.task].plural);
  return (
    <>
      <p id="verdict" class="verdict">
        {sentence}
      </p>
      {more.map((line) => (
        <p key={line} class="note">
          {line}
        </p>
      ))}
      {run?.spread && <p id="spread">{describeSpread(run.spread.scores, score.kind)}</p>}
      <details id="scores">
        <summary>All scores</summary>
        <ScoreTable score={score} things={THINGS[notes.task].plural} answer={THINGS[notes.task].answer} />
      </details>
    </>
  );
}

function describeSpread(scores: readonly number[], kind: 'accuracy' | 'error'): string {
  const show = (value: number) => (kind === 'accuracy' ? `${(100 * value).toFixed(1)} %` : shortNumber(value));
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const what = kind === 'accuracy' ? 'right on the test data' : 'typically off by on the test data';
  return `${scores.length} trainings with other seeds: ${scores.map(show).join(', ')} ${what}. A difference of up to ${show(high - low)} between two settings may be luck.`;
}

interface ScoreTableProps {
  readonly score: NonNullable<TrainedModel['score']>;
  readonly things: string;
  readonly answer: string;
}

function ScoreTable({ score: { kind, test, validation }, things, answer }: ScoreTableProps) {
  const show = (value: number) => (kind === 'accuracy' ? `${(100 * value).toFixed(1)}\u00a0%` : value.toPrecision(3));
  const row = (name: 'Test' | 'Validation', set: SetScore) => (
    <tr id={`score-${name.toLowerCase()}`}>
      <th scope="row">
        {name}: {count(set.count)} {things}
        <Help term={name === 'Test' ? 'test' : 'validation'} />
      </th>
      <td>{show(set.model)}</td>
      {set.baselines.map(({ rule, value }) => (
        <td key={rule}>{show(value)}</td>
      ))}
    </tr>
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scroll" tabIndex={0} aria-label="How good the model is">
      <table>
        <thead>
          <tr>
            <th scope="col">judged by</th>
            <th scope="col">
              {answer}
              <Help term={kind === 'accuracy' ? 'accuracy' : 'typicalError'} />
            </th>
            {test.baselines.map(({ rule }) => (
              <th scope="col" key={rule}>
                {NAIVE_NAMES[rule]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {row('Test', test)}
          {row('Validation', validation)}
        </tbody>
      </table>
    </section>
  );
}
