import type { Sequential } from 'backtime';
import { useMemo, useState } from 'preact/hooks';
import { count, shortNumber } from '../data/count.ts';
import { messageOf } from '../state/messageOf.ts';
import { describeUnknown, type ForecastNotes, firstStart, seriesAt, seriesNames } from '../tasks/forecast.ts';
import { dateText, type ForecastRow, forecastRows, forecastTable, rowOfForecast } from '../tasks/forecastRows.ts';
import { levelBefore, referenceAt } from '../tasks/season.ts';
import { Chart } from './chart.tsx';
import { downloadTable } from './download.ts';
import { Help } from './help.tsx';
import { Failure } from './section.tsx';
import { PENDING, useAnswer } from './useAnswer.ts';

/** Seasons, or horizons, of the past that the chart shows before a forecast. */
const SHOWN_BEFORE = 2;

const FIVE_DIGITS = new Intl.NumberFormat('en', { maximumSignificantDigits: 5 });

/** The forecast of a series; where the model has learnt several, of the one that is chosen. */
export function TryForecast({ model, notes }: { model: Sequential; notes: ForecastNotes }) {
  const [place, setPlace] = useState(0);
  const own = useMemo(() => seriesAt(notes, place), [notes, place]);
  if (!notes.others?.length) return <TrySeriesForecast model={model} notes={notes} />;
  return (
    <div class="apart">
      <SeriesChoice id="try-series" notes={notes} place={place} onChange={setPlace} />
      <TrySeriesForecast key={place} model={model} notes={own} />
      <AllForecasts model={model} notes={notes} />
    </div>
  );
}

/** Chooses one of the series of a model. */
export function SeriesChoice({ id, notes, place, onChange }: SeriesChoiceProps) {
  return (
    <div class="field">
      <label for={id}>Series</label>
      <select id={id} value={String(place)} onChange={({ currentTarget }) => onChange(Number(currentTarget.value))}>
        {seriesNames(notes).map((name, index) => (
          <option key={name} value={String(index)}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

interface SeriesChoiceProps {
  readonly id: string;
  readonly notes: ForecastNotes;
  readonly place: number;
  readonly onChange: (place: number) => void;
}

/** The future of every series as one file. */
function AllForecasts({ model, notes }: { model: Sequential; notes: ForecastNotes }) {
  const [part, setPart] = useState<number | null>(null);
  const [error, setError] = useState<string | null>(null);
  const unknown = useMemo(() => describeAllUnknown(notes), [notes]);
  const save = async () => {
    setError(null);
    setPart(0);
    try {
      const all = seriesNames(notes).map((_, place) => seriesAt(notes, place));
      const { header, rows } = await forecastTable(model, all, true, setPart);
      downloadTable(`${notes.name} forecasts`, header, rows);
    } catch (reason) {
      setError(messageOf(reason));
    }
    setPart(null);
  };
  if (notes.series.length === 0) return null;
  return (
    <>
      <div class="buttons">
        <button type="button" id="download-forecasts" aria-disabled={part !== null} onClick={() => part === null && void save()}>
          Download the forecasts of all series (CSV)
        </button>
      </div>
      {unknown.map((sentence) => (
        <p class="note" key={sentence}>
          {sentence}
        </p>
      ))}
      <p role="status">{part === null ? '' : `Forecasting … ${Math.round(100 * part)} %`}</p>
      <Failure message={error} />
    </>
  );
}

/** What is not known of the steps to forecast, of each series of which some is not. */
function describeAllUnknown(notes: ForecastNotes): string[] {
  return seriesNames(notes).flatMap((name, place) => {
    const own = seriesAt(notes, place);
    const unknown = describeUnknown(own, own.series.length);
    return unknown === null ? [] : [`“${name}”: ${unknown}`];
  });
}

function TrySeriesForecast({ model, notes }: { model: Sequential; notes: ForecastNotes }) {
  const { series, window, horizon, heldOutFrom, name, season, times } = notes;
  const least = firstStart(notes);
  const [start, setStart] = useState(series.length);
  const {
    value: rows,
    error,
    pending,
  } = useAnswer(async () => (series.length < least ? null : forecastRows(model, notes, start)), [model, notes, start]);
  if (series.length < least) {
    return (
      <div class="try">
        <p>Your data was left out of this model’s file. Give it a file below, whose series it is to continue.</p>
      </div>
    );
  }
  const before = Math.min(start, Math.max(window, SHOWN_BEFORE * Math.max(season, horizon)));
  const from = start - before;
  const steps = Array.from({ length: before + horizon }, (_, index) => from + index);
  const truth = steps.map((step) => series[step] ?? null);
  // The last known value joins the lines.
  const ahead = (values: (offset: number) => number | null) =>
    steps.map((step) => (step === start - 1 ? series[step] : step >= start ? values(step - start) : null));
  const level = levelBefore(series, season, start);
  const naive = (offset: number) => referenceAt(series, season, start, offset, level);
  const errors = rows && errorsOf(series, rows, start, naive);
  const isFuture = start === series.length;
  const timeOf = (step: number) => times?.[step] ?? rows?.[step - start]?.time ?? null;
  const stepText = (step: number) => {
    const time = Number.isInteger(step) ? timeOf(step) : null;
    return time === null ? count(Math.round(step) + 1) : dateText(time);
  };
  const unknown = describeUnknown(notes, start);
  const naiveName = season === 1 ? 'the last value again' : 'the last season again';
  return (
    <div class="try">
      <div class="field">
        <label for="start">Forecast from</label>
        <input
          id="start"
          type="range"
          min={least}
          max={series.length}
          value={start}
          onInput={({ currentTarget }) => setStart(currentTarget.valueAsNumber)}
          aria-valuetext={`after step ${start} of ${series.length}`}
        />
        <div class="buttons">
          <button type="button" id="start-earlier" aria-disabled={start <= least} onClick={() => setStart(Math.max(least, start - 1))}>
            One step earlier
          </button>
          <button type="button" id="start-later" aria-disabled={isFuture} onClick={() => setStart(Math.min(series.length, start + 1))}>
            One step later
          </button>
        </div>
        <output for="start">
          {isFuture
            ? `after the last value, ${stepText(start - 1)}: the future`
            : `after ${stepText(start - 1)}, step ${count(start)} of ${count(series.length)}${start < heldOutFrom ? ': it has learnt from this part' : ': it had not seen this part'}`}
        </output>
      </div>
      <Chart
        description={`${name}, its forecast for ${horizon} steps after step ${start}, and the naive forecast, ${naiveName}. ${errors ?? ''}`}
        x={steps}
        xLabel={times ? 'date' : 'step'}
        yLabel={name}
        xText={stepText}
        lines={[
          { label: 'truth', values: truth, color: 1 },
          { label: 'forecast', values: ahead((offset) => rows?.[offset]?.value ?? null), color: 2, dash: [6, 4] },
          { label: 'from', values: ahead((offset) => rows?.[offset]?.lower ?? null), color: 4, dash: [1, 3] },
          { label: 'to', values: ahead((offset) => rows?.[offset]?.upper ?? null), color: 4, dash: [1, 3] },
          { label: naiveName, values: ahead(naive), color: 3, dash: [2, 3] },
        ]}
      />
      <Failure message={error} />
      <p aria-live="polite" id="judgement">
        {pending ? PENDING : rows && rows.length > 0 && (errors ?? 'There are no true values to compare with yet.')}
      </p>
      {unknown && (
        <p id="unknown" role="status">
          {unknown}
        </p>
      )}
      {rows && rows.length > 0 && <ForecastTable rows={rows} name={name} hasDates={rows.some(({ time }) => time !== null)} />}
    </div>
  );
}

function ForecastTable({ rows, name, hasDates }: { rows: readonly ForecastRow[]; name: string; hasDates: boolean }) {
  const hasInterval = rows.some(({ lower }) => lower !== null);
  const show = (value: number | null) => (value === null ? '' : FIVE_DIGITS.format(value));
  return (
    <>
      <div class="buttons">
        <button
          type="button"
          id="download-forecast"
          onClick={() => downloadTable(`${name} forecast`, ['step', 'date', name, 'from', 'to'], rows.map(rowOfForecast))}
        >
          Download the forecast (CSV)
        </button>
      </div>
      <details id="forecast-numbers" open>
        <summary>The forecast in numbers</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <section class="scroll tall" tabIndex={0} aria-label="The forecast in numbers">
          <table id="forecast-table">
            <thead>
              <tr>
                <th scope="col">step</th>
                {hasDates && <th scope="col">date</th>}
                <th scope="col">{name}</th>
                {hasInterval && (
                  <th scope="col" colSpan={2}>
                    9 of 10 times from … to
                    <Help term="interval" />
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.step}>
                  <th scope="row">{count(row.step)}</th>
                  {hasDates && <td>{row.time === null ? '' : dateText(row.time)}</td>}
                  <td>{show(row.value)}</td>
                  {hasInterval && <td>{show(row.lower)}</td>}
                  {hasInterval && <td>{show(row.upper)}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </>
  );
}

function errorsOf(
  series: readonly number[],
  rows: readonly ForecastRow[],
  start: number,
  naive: (offset: number) => number,
): string | null {
  const known = series.slice(start, start + rows.length);
  if (known.length === 0) return null;
  const error = (guess: (offset: number) => number) =>
    Math.sqrt(known.reduce((sum, value, offset) => sum + (value - guess(offset)) ** 2, 0) / known.length);
  return `Off by ${shortNumber(error((offset) => rows[offset].value))} here; the naive forecast by ${shortNumber(error(naive))}.`;
}
