import type { Sequential } from 'backtime';
import { useState } from 'preact/hooks';
import type { SeriesNotes } from '../tasks/classifySeries.ts';
import { judgeWithSteps, type PartEffect } from '../tasks/explainSteps.ts';
import { Chart } from './chart.tsx';
import { EffectItem } from './effectItem.tsx';
import { Probabilities } from './probabilities.tsx';
import { Failure } from './section.tsx';
import { PENDING, useAnswer } from './useAnswer.ts';

/** Lines that can still be told apart. */
const MOST_LINES = 6;
export const DASHES = [undefined, [6, 4], [2, 3], [10, 4], [10, 3, 2, 3], [4, 8]] as const;

export function TrySeries({ model, notes }: { model: Sequential; notes: SeriesNotes }) {
  return notes.examples.length === 0 ? (
    <p>Your data was left out of this model’s file. Give it a file below.</p>
  ) : (
    <TryExamples model={model} notes={notes} />
  );
}

function TryExamples({ model, notes }: { model: Sequential; notes: SeriesNotes }) {
  const [chosen, setChosen] = useState(0);
  const { example, label } = notes.examples[chosen];
  const { value: judgement, error, pending } = useAnswer(() => judgeWithSteps(model, notes, example), [model, notes, example]);
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
        {judgement && (
          <>
            <p>
              Most probably: <strong>{notes.classes[judgement.best]}</strong>.{' '}
              {judgement.best === label ? '✓ That is right.' : `✗ It is really: ${notes.classes[label]}.`}
            </p>
            <Probabilities classes={notes.classes} probabilities={judgement.probabilities} />
          </>
        )}
      </div>
      {judgement && <PartEffects parts={judgement.parts} name={notes.classes[judgement.best]} />}
    </div>
  );
}

function PartEffects({ parts, name }: { parts: readonly PartEffect[]; name: string }) {
  return (
    <>
      <p id="parts-about">
        Which steps moved it: how many percentage points more (▲) or less (▼) probable “{name}” is with these steps than with the usual
        values in their place.
      </p>
      <ul class="words" id="step-effects" aria-describedby="parts-about">
        {parts.map(({ from, to, effect }) => (
          <EffectItem key={from} effect={effect}>
            {to - from === 1 ? to : `${from + 1}–${to}`}
          </EffectItem>
        ))}
      </ul>
    </>
  );
}
