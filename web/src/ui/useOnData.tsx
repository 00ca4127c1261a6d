import type { Tensor } from 'backtime';
import { useRef, useState } from 'preact/hooks';
import { amount, count, shortNumber } from '../data/count.ts';
import type { TrainedModel } from '../model/trainedModel.ts';
import { readNewData } from '../preparation/newFile.ts';
import { listProblems } from '../preparation/problemList.ts';
import { messageOf } from '../state/messageOf.ts';
import { aheadOf, calendarOf, columnsOf, describeUnknown, type ForecastNotes } from '../tasks/forecast.ts';
import { forecastTable } from '../tasks/forecastRows.ts';
import { boundsOf } from '../tasks/interval.ts';
import type { NewData } from '../tasks/newData.ts';
import { predictParts } from '../tasks/predictParts.ts';
import { writeOn } from '../tasks/writeOn.ts';
import { downloadTable } from './download.ts';
import { RowProblems } from './rowProblems.tsx';
import { Failure } from './section.tsx';

/** What a model says of new data, as a table. */
interface Answers {
  readonly header: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly left: ReturnType<typeof listProblems>;
  /** What could not be answered, a sentence each. */
  readonly lacking?: readonly string[];
}

const SHOWN = 20;
/** Characters that a writer adds to each beginning. */
const WRITTEN = 200;

/** Asks the model about a file, or about rows that are pasted, and gives the answers as a table. */
export function UseOnData({ trained }: { trained: TrainedModel }) {
  const [pasted, setPasted] = useState('');
  const [answers, setAnswers] = useState<Answers | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [done, setDone] = useState<number | null>(null);
  const asked = useRef(0);
  const { notes, run, trainedOn } = trained;
  const ask = async (file: File) => {
    const mine = ++asked.current;
    setAnswers(null);
    setError(null);
    setDone(0);
    try {
      const found = await answer(trained, await readNewData(file, notes), (part) => {
        if (mine === asked.current) setDone(part);
      });
      if (mine === asked.current) setAnswers(found);
    } catch (reason) {
      if (mine === asked.current) setError(messageOf(reason));
    }
    if (mine === asked.current) setDone(null);
  };
  return (
    <details id="use-on-data">
      <summary id="use-on-data-summary">Use it on a file or on pasted rows</summary>
      <p>{EXPECTED[notes.task](trained)}</p>
      <div class="field">
        <label for="new-file">A file</label>
        <input
          id="new-file"
          type="file"
          onChange={({ currentTarget }) => {
            const file = currentTarget.files?.[0];
            if (file) void ask(file);
            currentTarget.value = '';
          }}
        />
      </div>
      <div class="field">
        <label for="pasted">… or rows, pasted from a spreadsheet or typed</label>
        <textarea id="pasted" rows={4} dir="auto" value={pasted} onInput={({ currentTarget }) => setPasted(currentTarget.value)} />
      </div>
      <div class="buttons">
        <button
          type="button"
          id="ask-button"
          disabled={pasted.trim() === ''}
          onClick={() => void ask(new File([pasted], isTable(pasted, trained) ? 'pasted rows.csv' : 'pasted rows.txt'))}
        >
          Ask the model
        </button>
      </div>
      <p role="status">{done === null ? '' : `Asking the model … ${Math.round(100 * done)} %`}</p>
      <Failure message={error} />
      {answers && <AnswerTable answers={answers} name={`${run?.name ?? trainedOn} answers`} />}
    </details>
  );
}

/** What a file must hold, for each task. */
const EXPECTED: Readonly<Record<TrainedModel['notes']['task'], (trained: TrainedModel) => string>> = {
  classifyText: ({ notes }) =>
    `A text in each line, or a table with ${notes.task === 'classifyText' && notes.column ? `a column “${notes.column}”` : 'a column of texts'}.`,
  tagWords: ({ notes }) =>
    `A sentence in each line, a word in each line with lines without words between sentences, or a table with a column “${notes.task === 'tagWords' ? notes.column : ''}”.`,
  predictNumber: ({ notes }) =>
    notes.task === 'predictNumber' && notes.from === 'text'
      ? `A text in each line, or a table with a column “${notes.column}”.`
      : 'A table like the one that it has learnt from; the number to predict may be missing.',
  classifySeries: () => 'A table like the one that it has learnt from; the class may be missing.',
  forecast: ({ notes }) => (notes.task === 'forecast' ? expectedOfForecast(notes) : ''),
  write: () => 'A beginning in each line: it goes on from each.',
};

function expectedOfForecast(notes: ForecastNotes): string {
  const quoted = (names: readonly string[]) => names.map((name) => `“${name}”`).join(', ');
  const inputs = columnsOf(notes).map(({ name }) => name);
  const ahead = aheadOf({ inputs: columnsOf(notes) }).map(({ name }) => name);
  const dates = calendarOf(notes).length === 0 ? '' : ' A column must have the dates of the rows.';
  const after =
    ahead.length === 0
      ? ''
      : ` After it come rows for the next ${amount(notes.horizon, 'step')}, with ${quoted(ahead)} and without “${notes.name}”.`;
  if (notes.others && notes.key)
    return `A table with the columns ${quoted([notes.key.column, notes.name, ...inputs])}: each series goes on from its last number.${after}${dates}`;
  if (inputs.length > 0)
    return `A table with the columns ${quoted([notes.name, ...inputs])}: it goes on from the last number of “${notes.name}”.${after}${dates}`;
  if (dates !== '') return `A table with a column “${notes.name}”: it goes on from the last number.${dates}`;
  return `A table with a column “${notes.name}”, or only numbers, one a row: it goes on from the last.`;
}

/** Whether pasted rows are a table; lines of text may hold commas. */
function isTable(text: string, { notes }: TrainedModel): boolean {
  if (notes.task === 'write') return false;
  const [first] = text.trimStart().split('\n');
  if (!('vocabulary' in notes)) return true;
  return first.includes('\t') || (notes.column !== undefined && first.split(/[,;]/).includes(notes.column));
}

async function answer({ model, notes }: TrainedModel, data: NewData, onPart: (part: number) => void): Promise<Answers> {
  const none = listProblems([]);
  if (data.kind === 'series' && notes.task === 'forecast') {
    const { header, rows } = await forecastTable(model, data.all, notes.others !== undefined, onPart);
    const lacking = data.all.flatMap((own) => {
      const unknown = describeUnknown(own, own.series.length);
      if (unknown === null) return [];
      return [notes.others === undefined ? unknown : `“${own.key?.value ?? ''}”: ${unknown}`];
    });
    return { header, rows, left: listProblems(data.left), lacking };
  }
  if (data.kind === 'beginnings' && notes.task === 'write') {
    const rows: string[][] = [];
    for (const [index, beginning] of data.lines.entries()) {
      let written = '';
      for await (const piece of writeOn(model, notes, { beginning, count: WRITTEN, temperature: 0.7, seed: index })) written += piece;
      rows.push([beginning, written]);
      onPart((index + 1) / data.lines.length);
    }
    return { header: ['beginning', 'goes on'], rows, left: none };
  }
  if (data.kind === 'examples' && notes.task === 'predictNumber') {
    const rows: (string | number)[][] = [];
    const [lower, upper] = boundsOf(notes.residuals, 0);
    const take = ({ data: outputs }: Tensor<Float32Array>, from: number) => {
      for (const [sample, output] of outputs.entries()) {
        const number = notes.mean + output * notes.scale;
        const bounds = lower === null || upper === null ? [] : [number + lower, number + upper];
        rows.push([data.names[from + sample], ...[number, ...bounds].map((value) => Number(value.toPrecision(6)))]);
      }
    };
    await predictParts(model, data.x, take, { onDone: (done) => onPart(done / data.names.length) });
    const header = [data.header, notes.target, ...(lower === null ? [] : ['from', 'to'])];
    return { header, rows, left: listProblems(data.left) };
  }
  if (data.kind !== 'examples' || !('classes' in notes)) throw new Error('This model cannot answer such data.');
  const { classes } = notes;
  const rows: (string | number)[][] = [];
  const samples = data.names.length;
  const take = ({ data: outputs }: Tensor<Float32Array>, from: number) => {
    // Of sentences every word has an answer, and what pads the shorter ones has none.
    const stride = classes.length * (data.words ? (data.x.shape[1] as number) : 1);
    for (let sample = 0; sample < outputs.length / stride; sample++) {
      const words = data.words?.[from + sample]?.map((word) => [word]) ?? [[]];
      for (const [step, word] of words.entries()) {
        const first = sample * stride + step * classes.length;
        const probabilities = Array.from(outputs.subarray(first, first + classes.length), (value) => Number(value.toFixed(4)));
        const best = probabilities.indexOf(Math.max(...probabilities));
        rows.push([data.names[from + sample], ...word, classes[best], ...probabilities]);
      }
    }
  };
  await predictParts(model, data.x, take, { onDone: (done) => onPart(done / samples) });
  return {
    header: [data.header, ...(data.words ? ['word'] : []), 'the model says', ...classes.map((name) => `${PROBABILITY}${name}`)],
    rows,
    left: listProblems(data.left),
  };
}

/** How names of columns with probabilities begin. */
const PROBABILITY = 'probability of ';

function percent(part: number): string {
  return `${(100 * part).toFixed(1)}\u00a0%`;
}

function AnswerTable({ answers: { header, rows, left, lacking = [] }, name }: { answers: Answers; name: string }) {
  return (
    <>
      <p role="status" id="answered">
        {[`${amount(rows.length, 'answer')}.`, ...lacking].join(' ')}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="scroll tall" tabIndex={0} aria-label="Answers">
        <table id="answers">
          <thead>
            <tr>
              {header.map((title) => (
                <th scope="col" key={title}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, SHOWN).map((row, index) => (
              <tr key={index}>
                {row.map((cell, place) => (
                  <td key={place} dir="auto">
                    {typeof cell !== 'number' ? cell : header[place]?.startsWith(PROBABILITY) ? percent(cell) : shortNumber(cell)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rows.length > SHOWN && <p class="note">… and {count(rows.length - SHOWN)} more: all are in the file.</p>}
      <RowProblems id="left-out" problems={left} what={left.count === 1 ? 'is left out' : 'are left out'} />
      <div class="buttons">
        <button type="button" id="download-answers" onClick={() => downloadTable(name, header, rows)}>
          Download the answers (CSV)
        </button>
      </div>
    </>
  );
}
