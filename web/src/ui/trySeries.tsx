import type { Sequential } from 'backtime';
import { useState } from 'preact/hooks';
import { judgeSeries, type SeriesNotes } from '../tasks/classifySeries.ts';
import { Chart } from './chart.tsx';
import { Probabilities } from './probabilities.tsx';
import { Failure } from './section.tsx';
import { PENDING, useAnswer } from './useAnswer.ts';

/** Lines that can still be told apart. */
const MOST_LINES = 6;
const DASHES = [undefined, [6, 4], [2, 3], [10, 4], [10, 3, 2, 3], [4, 8]] as const;

export function TrySeries({ model, notes }: { model: Sequential; notes: SeriesNotes }) {
  const [chosen, setChosen] = useState(0);
  const { example, label } = notes.examples[chosen];
  const { value: probabilities, error, pending } = useAnswer(() => judgeSeries(model, notes, example), [model, notes, example]);
  const best = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : null;
  return (
    <div class="try">
      <div class="field">
        <label for="example">A series that it had not seen</label>
        <select id="example" value={String(chosen)} onChange={({ currentTarget }) => setChosen(Number(currentTarget.value))}>
          {notes.examples.map((_, index) => (
            <option key={index} value={String(index)}>
              Series {index + 1}
            </option>
          ))}
        </select>
      </div>
      <Chart
        description={`The series' ${notes.channels.join(', ')} over ${example.length} steps.`}
        x={example.map((_, step) => step + 1)}
        xLabel="step"
        yLabel="value"
        lines={notes.channels.slice(0, MOST_LINES).map((channel, index) => ({
          label: channel,
          values: example.map((step) => step[index]),
          color: index + 1,
          dash: DASHES[index],
        }))}
      />
      <Failure message={error} />
      <div aria-live="polite" id="judgement">
        {pending && <p>{PENDING}</p>}
        {probabilities && best !== null && (
          <>
            <p>
              Most probably: <strong>{notes.classes[best]}</strong>.{' '}
              {best === label ? '✓ That is right.' : `✗ It is really: ${notes.classes[label]}.`}
            </p>
            <Probabilities classes={notes.classes} probabilities={probabilities} />
          </>
        )}
      </div>
    </div>
  );
}
