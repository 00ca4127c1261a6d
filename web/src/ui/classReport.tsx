import { count } from '../data/count.ts';
import type { ClassReport as Report } from '../tasks/score.ts';
import { downloadTable } from './download.ts';
import { Help } from './help.tsx';

interface ClassReportProps {
  readonly report: Report;
  readonly classes: readonly string[];
  /** Of the model, for the name of a file. */
  readonly name: string;
}

/** Larger tables of classes are not taken in; their scores are. */
const MOST_IN_MATRIX = 12;
const SHOWN_WRONG = 20;

/**
 * How good a model is on each class of the test, what it confuses, and which answers were wrong.
 */
export function ClassReport({ report, classes, name }: ClassReportProps) {
  return (
    <>
      <details id="class-scores">
        <summary>How good it is on each class</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <section class="scroll tall" tabIndex={0} aria-label="How good it is on each class">
          <table>
            <thead>
              <tr>
                <th scope="col">class</th>
                <th scope="col">
                  precision
                  <Help term="precision" />
                </th>
                <th scope="col">
                  recall
                  <Help term="recall" />
                </th>
                <th scope="col">test examples</th>
              </tr>
            </thead>
            <tbody>
              {classes.map((label, index) => (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  <td>{percent(report.classes[index].precision)}</td>
                  <td>{percent(report.classes[index].recall)}</td>
                  <td>{count(report.classes[index].support)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
        {classes.length <= MOST_IN_MATRIX && <Confusion confusion={report.confusion} classes={classes} />}
      </details>
      <WrongAnswers report={report} classes={classes} name={name} />
    </>
  );
}

function Confusion({ confusion, classes }: { confusion: Report['confusion']; classes: readonly string[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scroll" tabIndex={0} aria-label="What was taken for what">
      <table id="confusion">
        <caption>What was taken for what: a row is what it really is, a column what the model said.</caption>
        <thead>
          <tr>
            <th scope="col">really</th>
            {classes.map((label) => (
              <th scope="col" key={label}>
                said: {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {confusion.map((row, truth) => (
            <tr key={classes[truth]}>
              <th scope="row">{classes[truth]}</th>
              {row.map((cell, said) => (
                <td key={classes[said]} class={truth === said ? 'right' : cell > 0 ? 'wrong' : ''}>
                  {count(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function WrongAnswers({ report: { wrong, wrongCount }, classes, name }: ClassReportProps) {
  if (wrongCount === 0) return null;
  const hasTexts = wrong.some(({ text }) => text !== '');
  const rows = () =>
    wrong.map(({ row, text, truth, said, probability }) => [row, text, classes[truth], classes[said], Number(probability.toFixed(4))]);
  return (
    <details id="wrong-answers">
      <summary>
        {wrongCount === 1 ? 'The one answer of the test that was wrong' : `The ${count(wrongCount)} answers of the test that were wrong`}
      </summary>
      {wrong.length > 0 && (
        <>
          <p class="note">The surest first: where the data itself may be wrong. The row is that of the file.</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <section class="scroll tall" tabIndex={0} aria-label="Wrong answers">
            <table>
              <thead>
                <tr>
                  <th scope="col">row</th>
                  {hasTexts && <th scope="col">text</th>}
                  <th scope="col">really</th>
                  <th scope="col">the model said</th>
                  <th scope="col">and was so sure</th>
                </tr>
              </thead>
              <tbody>
                {wrong.slice(0, SHOWN_WRONG).map(({ row, text, truth, said, probability }) => (
                  <tr key={row}>
                    <td>{count(row)}</td>
                    {hasTexts && <td dir="auto">{text}</td>}
                    <td>{classes[truth]}</td>
                    <td>{classes[said]}</td>
                    <td>{percent(probability)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          {wrong.length < wrongCount && <p class="note">These are the {count(wrong.length)} that were kept of them.</p>}
          <div class="buttons">
            <button
              type="button"
              id="download-wrong"
              onClick={() => downloadTable(`${name} wrong answers`, ['row', 'text', 'really', 'said', 'probability'], rows())}
            >
              Download {count(wrong.length)} wrong answers (CSV)
            </button>
          </div>
        </>
      )}
    </details>
  );
}

const percent = (part: number) => `${(100 * part).toFixed(1)}\u00a0%`;
