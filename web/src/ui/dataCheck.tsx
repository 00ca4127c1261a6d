import { useState } from 'preact/hooks';
import type { SaidKind } from '../data/columns.ts';
import { amount, count, shortNumber } from '../data/count.ts';
import type { ColumnOverview, TableOverview } from '../data/overview.ts';
import type { Preparation } from '../preparation/dataServer.ts';
import { classSettings, missingRule, roles, setKind, task } from '../state/data.ts';
import type { ClassCount } from '../tasks/classCount.ts';
import type { Lengths, ShownSeries, Values } from '../tasks/dataCheck.ts';
import { dateText } from '../tasks/forecastRows.ts';
import { FILLS, MISSING_RULE, type MissingRule } from '../tasks/missingRule.ts';
import { longDate, type OpenDates } from '../tasks/openDates.ts';
import type { TaskName } from '../tasks/task.ts';
import { THINGS } from '../tasks/things.ts';
import { Chart } from './chart.tsx';
import { RowProblems } from './rowProblems.tsx';
import { DASHES } from './trySeries.tsx';

/** Tasks that read no numbers, of which some may be missing. */
const WITHOUT_NUMBERS: ReadonlySet<TaskName> = new Set<TaskName>(['classifyText', 'tagWords', 'write']);

/** What is to be known of the data before training, the worst first. */
export function DataCheck({ preparation, table }: { preparation: Preparation; table: TableOverview | null }) {
  const { prepared, problems, missing } = preparation;
  const { kind = 'class', examples = 'examples' } = THINGS[task.value];
  const check = prepared?.check;
  return (
    <div id="data-check">
      {prepared && prepared.warnings.length > 0 && (
        <ul id="data-warnings" class="warnings">
          {prepared.warnings.map((warning) => (
            <li key={warning}>
              <strong>Look here: </strong>
              {warning}
            </li>
          ))}
        </ul>
      )}
      {(check?.canMerge || classSettings.value.mergeSpellings) && (
        <div class="check">
          <input
            id="merge-spellings"
            type="checkbox"
            checked={classSettings.value.mergeSpellings}
            onChange={({ currentTarget }) => {
              classSettings.value = { mergeSpellings: currentTarget.checked };
            }}
          />
          <label for="merge-spellings">{kind === 'tag' ? 'Tags' : 'Classes'} that differ only by case or spaces are one</label>
        </div>
      )}
      {check?.openDates && <DateOrderField {...check.openDates} />}
      <RowProblems id="row-problems" problems={problems} what={problems.count === 1 ? 'is left out' : 'are left out'} />
      <RowProblems id="missing-numbers" problems={missing} what={missing.count === 1 ? 'lacks numbers' : 'lack numbers'}>
        <p class="note">{MISSING_RULE}</p>
      </RowProblems>
      {table && !WITHOUT_NUMBERS.has(task.value) && <MissingFields table={table} missing={missing.count} />}
      {check?.classes && <ClassCounts classes={check.classes} kind={kind} examples={examples} />}
      {check?.values && <ValueBins {...check.values} />}
      {check?.lengths && <LengthBins {...check.lengths} />}
      {check && check.series.length > 0 && <SeriesChart series={check.series} areClasses={check.classes !== null} />}
      {table && <ColumnTable columns={table.described} />}
    </div>
  );
}

/** Whether the day or the month comes first, where nothing decides it. */
function DateOrderField({ column, cell, order, times }: OpenDates) {
  return (
    <div class="field">
      <label for="date-order">
        “{cell}” in “{column}” is
      </label>
      <select
        id="date-order"
        value={order}
        onChange={({ currentTarget }) => {
          if (roles.value) roles.value = { ...roles.value, dateOrder: currentTarget.value as OpenDates['order'] };
        }}
      >
        <option value="dayFirst">{longDate(times.dayFirst)}: day first</option>
        <option value="monthFirst">{longDate(times.monthFirst)}: month first</option>
      </select>
    </div>
  );
}

/** The one rule for missing numbers, to be changed where there are some. */
function MissingFields({ table, missing }: { table: TableOverview; missing: number }) {
  const sentinels = [...new Set(table.described.flatMap((column) => column.sentinels))];
  if (missing === 0 && sentinels.length === 0) return null;
  const set = (changed: Partial<MissingRule>) => {
    missingRule.value = { ...missingRule.value, ...changed };
  };
  return (
    <div class="fields">
      <div class="field">
        <label for="fill">In the place of a missing number comes</label>
        <select
          id="fill"
          value={missingRule.value.fill}
          onChange={({ currentTarget }) => set({ fill: currentTarget.value as MissingRule['fill'] })}
        >
          {Object.entries(FILLS).map(([fill, text]) => (
            <option key={fill} value={fill}>
              {text}
            </option>
          ))}
        </select>
      </div>
      {sentinels.length > 0 && (
        <div class="check">
          <input
            id="sentinels"
            type="checkbox"
            checked={missingRule.value.sentinels}
            onChange={({ currentTarget }) => set({ sentinels: currentTarget.checked })}
          />
          <label for="sentinels">{sentinels.join(', ')} stands for a missing number</label>
        </div>
      )}
    </div>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Classes that are listed at once. */
const MOST_LISTED = 50;

function ClassCounts({ classes, kind, examples }: { classes: readonly ClassCount[]; kind: string; examples: string }) {
  const [most, least] = [classes[0]?.count ?? 1, classes.at(-1)?.count ?? 0];
  return (
    <details id="class-counts">
      <summary>
        {amount(classes.length, kind)}: {least === most ? '' : `from ${count(least)} to `}
        {count(most)} {examples} each
      </summary>
      <ul class="probabilities">
        {classes.slice(0, MOST_LISTED).map(({ name, count: own }) => (
          <li key={name}>
            <span class="name" dir="auto">
              {name}
            </span>
            <meter min={0} max={most} value={own} aria-label={`${capital(examples)} of ${kind} ${name}`} />
            <span class="number">{count(own)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function LengthBins({ what, bins, limit, cut }: Lengths) {
  const isOne = ({ from, to }: Bin) => to - from === 1;
  return (
    <details id="lengths">
      <summary>
        How long they are: {count(limit)} {what} are read of each at most
        {cut > 0 ? `, ${count(cut)} are longer and are cut` : ', none is cut'}
      </summary>
      <Bins bins={bins} what={what} nameOf={(bin) => (isOne(bin) ? count(bin.from) : `${count(bin.from)} to ${count(bin.to - 1)}`)} />
    </details>
  );
}

/** How often which numbers are to be predicted. */
function ValueBins({ name, bins }: Values) {
  return (
    <details id="target-values">
      <summary>
        How “{name}” is distributed: from {shortNumber(bins[0].from)} to {shortNumber(bins[bins.length - 1].to)}
      </summary>
      <Bins bins={bins} what="" nameOf={({ from, to }) => `${shortNumber(from)} to below ${shortNumber(to)}`} />
    </details>
  );
}

type Bin = Lengths['bins'][number];

function Bins({ bins, what, nameOf }: { bins: readonly Bin[]; what: string; nameOf: (bin: Bin) => string }) {
  const most = Math.max(...bins.map((bin) => bin.count));
  return (
    <ul class="probabilities">
      {bins.map((bin) => (
        <li key={bin.from}>
          <span class="name">
            {nameOf(bin)} {what}
          </span>
          <meter min={0} max={most} value={bin.count} aria-label={`Examples of ${nameOf(bin)} ${what}`.trim()} />
          <span class="number">{count(bin.count)}</span>
        </li>
      ))}
    </ul>
  );
}

/** The series, or an example of a class that is chosen. */
function SeriesChart({ series, areClasses }: { series: readonly ShownSeries[]; areClasses: boolean }) {
  const [chosen, setChosen] = useState(0);
  const shown = series[Math.min(chosen, series.length - 1)];
  const { x, times, lines, title } = shown;
  const range = times ? `, from ${dateText(times[0])} to ${dateText(times[times.length - 1])}` : '';
  return (
    <details id="series-plot" open>
      <summary>
        {series.length === 1 ? `Look at ${title}${range}` : areClasses ? 'Look at an example of each class' : 'Look at each series'}
      </summary>
      {series.length > 1 && (
        <div class="field">
          <label for="plot-class">{areClasses ? 'Class' : 'Series'}</label>
          <select id="plot-class" value={String(chosen)} onChange={({ currentTarget }) => setChosen(Number(currentTarget.value))}>
            {series.map((other, index) => (
              <option key={other.title} value={String(index)}>
                {other.title}
              </option>
            ))}
          </select>
        </div>
      )}
      <Chart
        description={`${title}${range}: ${lines.map(({ label }) => label).join(', ')}.`}
        x={x}
        xLabel={times ? 'date' : 'step'}
        {...(times && { xText: (step: number) => dateText(timeAt(step, x, times)) })}
        yLabel={lines.length === 1 ? lines[0].label : 'value'}
        lines={lines.map(({ label, values }, index) => ({ label, values, color: index + 1, dash: DASHES[index] }))}
      />
    </details>
  );
}

const DAY = 86_400_000;

/**
 * When a step is: between two that are known on the line through them, in whole days if they are.
 */
function timeAt(step: number, x: readonly number[], times: readonly number[]): number {
  const after = x.findIndex((known) => known >= step);
  if (after === 0 || x[after] === step) return times[after];
  const last = after === -1 ? x.length - 1 : after;
  const part = (step - x[last - 1]) / (x[last] - x[last - 1]);
  const time = times[last - 1] + part * (times[last] - times[last - 1]);
  return times[last] % DAY === 0 && times[last - 1] % DAY === 0 ? DAY * Math.round(time / DAY) : time;
}

const KINDS: Readonly<Record<SaidKind, string>> = {
  number: 'a number',
  date: 'a date or time',
  category: 'a class',
  text: 'a text',
  key: 'a name or count of rows',
};

/** More columns make a page that no one reads; what they are is also told by the first of them. */
const MOST_COLUMNS = 40;

function ColumnTable({ columns }: { columns: readonly ColumnOverview[] }) {
  return (
    <details id="columns-check">
      <summary>What each column was taken for, and why</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="scroll" tabIndex={0} aria-label="What each column was taken for">
        <table>
          <thead>
            <tr>
              <th scope="col">column</th>
              <th scope="col">taken for</th>
              <th scope="col">because</th>
              <th scope="col">missing</th>
              <th scope="col">different</th>
            </tr>
          </thead>
          <tbody>
            {columns.slice(0, MOST_COLUMNS).map(({ name, kind, reason, missing, distinct }, index) => (
              <tr key={name}>
                <th scope="row" dir="auto">
                  {name}
                </th>
                <td>
                  {kind === 'empty' ? (
                    'empty'
                  ) : (
                    <select
                      aria-label={`What ${name} is`}
                      id={`kind-of-${index}`}
                      value={kind}
                      onChange={({ currentTarget }) => void setKind(index, currentTarget.value as SaidKind)}
                    >
                      {Object.entries(KINDS).map(([value, text]) => (
                        <option key={value} value={value}>
                          {text}
                        </option>
                      ))}
                    </select>
                  )}
                </td>
                <td>{reason}</td>
                <td>{count(missing)}</td>
                <td>{count(distinct)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {columns.length > MOST_COLUMNS && <p>… and {columns.length - MOST_COLUMNS} columns more.</p>}
    </details>
  );
}
