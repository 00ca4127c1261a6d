import type { Sequential } from 'backtime';
import { useState } from 'preact/hooks';
import { type ForecastNotes, forecastFrom } from '../tasks/forecast.ts';
import { Chart } from './chart.tsx';
import { Failure } from './section.tsx';
import { PENDING, useAnswer } from './useAnswer.ts';

export function TryForecast({ model, notes }: { model: Sequential; notes: ForecastNotes }) {
  const { series, window, horizon, heldOutFrom, name } = notes;
  const [start, setStart] = useState(Math.max(heldOutFrom, series.length - 2 * horizon));
  const { value: forecast, error, pending } = useAnswer(() => forecastFrom(model, notes, start), [model, notes, start]);
  // The steps that are read, and those that are forecast; the last known value joins the lines.
  const from = start - window;
  const steps = Array.from({ length: window + horizon }, (_, index) => from + index);
  const truth = steps.map((step) => series[step] ?? null);
  const ahead = (values: (offset: number) => number | null) =>
    steps.map((step) => (step === start - 1 ? series[step] : step >= start ? values(step - start) : null));
  const errors = forecast && errorsOf(series, forecast, start);
  return (
    <div class="try">
      <div class="field">
        <label for="start">Forecast from step</label>
        <input
          id="start"
          type="range"
          min={window}
          max={series.length}
          value={start}
          onInput={({ currentTarget }) => setStart(currentTarget.valueAsNumber)}
          aria-valuetext={`step ${start} of ${series.length}`}
        />
        <output for="start">
          {start} of {series.length}
          {start === series.length
            ? ': the future'
            : start < heldOutFrom
              ? ': it has learnt from this part'
              : ': it had not seen this part'}
        </output>
      </div>
      <Chart
        description={`${name}, its forecast for ${horizon} steps from step ${start} on, and the naive forecast, which repeats the last value. ${errors ?? ''}`}
        x={steps}
        xLabel="step"
        yLabel={name}
        lines={[
          { label: 'truth', values: truth, color: 1 },
          { label: 'forecast', values: ahead((offset) => forecast?.[offset] ?? null), color: 2, dash: [6, 4] },
          { label: 'naive forecast', values: ahead(() => series[start - 1]), color: 3, dash: [2, 3] },
        ]}
      />
      <Failure message={error} />
      <p aria-live="polite" id="judgement">
        {pending ? PENDING : forecast && (errors ?? 'There is no truth to compare with yet.')}
      </p>
    </div>
  );
}

function errorsOf(series: readonly number[], forecast: readonly number[], start: number): string | null {
  const known = series.slice(start, start + forecast.length);
  if (known.length === 0) return null;
  const error = (guess: (offset: number) => number) =>
    Math.sqrt(known.reduce((sum, value, offset) => sum + (value - guess(offset)) ** 2, 0) / known.length);
  return `Off by ${error((offset) => forecast[offset]).toPrecision(3)} here; the naive forecast by ${error(() => series[start - 1]).toPrecision(3)}.`;
}
