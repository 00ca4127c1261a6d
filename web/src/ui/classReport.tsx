import { count } from '../data/count.ts';
import type { ClassReport as Report, WrongAnswer } from '../tasks/score.ts';
import type { Things } from '../tasks/things.ts';
import { downloadTable } from './download.ts';
import { Help } from './help.tsx';

interface ClassReportProps {
  readonly report: Report;
  readonly classes: readonly string[];
  /** What was judged, in the words of the page. */
  readonly things: Things;
  /** Of the model, for the name of a file. */
  readonly name: string;
}

/** Larger tables of classes are not taken in; their scores are. */
const MOST_IN_MATRIX = 12;
const SHOWN_WRONG = 20;

/**
 * How good a model is on each class of the test, what it confuses, and which answers were wrong.
 */
export function ClassReport({ report, classes, things, name }: ClassReportProps) {
  const { plural, kind = 'class' } = things;
  return (
    <>
      <details id="class-scores">
        <summary>How good it is on each {kind}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <section class="scroll tall" tabIndex={0} aria-label={`How good it is on each ${kind}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">{kind}</th>
                <th scope="col">
                  precision
                  <Help term="precision" />
                </th>
                <th scope="col">
                  recall
                  <Help term="recall" />
                </th>
                <th scope="col">test {plural}</th>
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
              <tr>
                <th scope="row">
                  all, each {kind} counted alike
                  <Help term="classMean" />
                </th>
                <td>{percent(meanOf(report.classes, 'precision'))}</td>
                <td>{percent(meanOf(report.classes, 'recall'))}</td>
                <td>{count(report.classes.reduce((sum, { support }) => sum + support, 0))}</td>
              </tr>
            </tbody>
          </table>
        </section>
        {classes.length <= MOST_IN_MATRIX && <Confusion confusion={report.confusion} classes={classes} />}
      </details>
      <WrongAnswers report={report} classes={classes} name={name} />
    </>
  );
}

/** The mean over the classes that the test has. */
function meanOf(classes: Report['classes'], score: 'precision' | 'recall'): number {
  const judged = classes.filter(({ support }) => support > 0);
  return judged.reduce((sum, scores) => sum + scores[score], 0) / judged.length;
}

function Confusion({ confusion, classes }: { confusion: Report['confusion']; classes: readonly string[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scroll" tabIndex={0} aria-label="What was taken for what">
      <table id="confusion">
        <caption>The confusion matrix: a row is the true class, a column what the model said.</caption>
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

function WrongAnswers({ report: { wrong, wrongCount }, classes, name }: Omit<ClassReportProps, 'things'>) {
  if (wrongCount === 0) return null;
  const hasTexts = wrong.some(({ text }) => text !== '');
  const areWords = wrong.some(({ part }) => part !== undefined);
  const header = ['row', ...(areWords ? ['word'] : []), 'text', 'really', 'said', 'probability'];
  const rows = () =>
    wrong.map(({ row, text, part, truth, said, probability }) => [
      row,
      ...(areWords ? [partOf(text, part)] : []),
      text,
      classes[truth],
      classes[said],
      Number(probability.toFixed(4)),
    ]);
  return (
    <details id="wrong-answers">
      <summary>
        {wrongCount === 1 ? 'The one answer of the test that was wrong' : `The ${count(wrongCount)} answers of the test that were wrong`}
      </summary>
      {wrong.length > 0 && (
        <>
          <p class="note">The most probable answers come first: there the data itself may be wrong. The row is that of the file.</p>
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
                {wrong.slice(0, SHOWN_WRONG).map(({ row, text, part, truth, said, probability }) => (
                  <tr key={row}>
                    <td>{count(row)}</td>
                    {hasTexts && (
                      <td dir="auto">
                        <JudgedText text={text} part={part} />
                      </td>
                    )}
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
            <button type="button" id="download-wrong" onClick={() => downloadTable(`${name} wrong answers`, header, rows())}>
              Download {count(wrong.length)} wrong answers (CSV)
            </button>
          </div>
        </>
      )}
    </details>
  );
}

/** A text, in which the word that was judged is marked. */
function JudgedText({ text, part }: Pick<WrongAnswer, 'text' | 'part'>) {
  if (!part) return <>{text}</>;
  return (
    <>
      {text.slice(0, part[0])}
      <mark>{partOf(text, part)}</mark>
      {text.slice(part[1])}
    </>
  );
}

function partOf(text: string, part: WrongAnswer['part']): string {
  return part ? text.slice(...part) : '';
}

const percent = (part: number) => `${(100 * part).toFixed(1)}\u00a0%`;
