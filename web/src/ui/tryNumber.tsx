import type { Sequential, Tensor } from 'backtime';
import { useState } from 'preact/hooks';
import { shortNumber } from '../data/count.ts';
import { answerWorkers } from '../model/answerWorkers.ts';
import { boundsOf } from '../tasks/interval.ts';
import type { NumberNotes, NumberOfSeriesNotes, NumberOfTextNotes } from '../tasks/predictNumber.ts';
import type { Series } from '../tasks/series.ts';
import { encodeSeries } from '../tasks/seriesInput.ts';
import { textEncoder } from '../tasks/textInput.ts';
import { Chart } from './chart.tsx';
import { Help } from './help.tsx';
import { NumberField } from './numberField.tsx';
import { Failure } from './section.tsx';
import { DASHES } from './trySeries.tsx';
import { PENDING, useAnswer } from './useAnswer.ts';

/** Pauses between letters are shorter; what is typed is judged after one. */
const DELAY = 200;
/** Fields that are not too many to fill in. */
const MOST_FIELDS = 40;
const LARGEST = 1e15;

/** A number that the model predicts of what a person types or chooses. */
export function TryNumber({ model, notes }: { model: Sequential; notes: NumberNotes }) {
  if (notes.from === 'text') return <TryNumberOfText model={model} notes={notes} />;
  if (notes.examples.length === 0) return <p>Your data was left out of this model’s file. Give it a file below.</p>;
  return <TryNumberOfSeries model={model} notes={notes} />;
}

function TryNumberOfText({ model, notes }: { model: Sequential; notes: NumberOfTextNotes }) {
  const [text, setText] = useState(notes.example);
  return (
    <div class="try">
      <div class="field">
        <label for="sentence">Type a text</label>
        <textarea id="sentence" rows={3} dir="auto" value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
      </div>
      <Predicted model={model} notes={notes} input={text.trim() === '' ? null : () => textEncoder(notes)([text])} of={text} />
    </div>
  );
}

function TryNumberOfSeries({ model, notes }: { model: Sequential; notes: NumberOfSeriesNotes }) {
  const { examples, channels, target, length } = notes;
  const [chosen, setChosen] = useState(0);
  const [typed, setTyped] = useState<Series | null>(null);
  const { example, label } = examples[chosen];
  const shown = typed ?? example;
  const hasFields = length === 1 && channels.length <= MOST_FIELDS;
  const isNumber = shown.every((step) => step.every((number) => !Number.isNaN(number)));
  return (
    <div class="try">
      <div class="field">
        <label for="example">An example that it had not seen</label>
        <select
          id="example"
          value={String(chosen)}
          onChange={({ currentTarget }) => {
            setChosen(Number(currentTarget.value));
            setTyped(null);
          }}
        >
          {examples.map((_, index) => (
            <option key={index} value={String(index)}>
              Example {index + 1}
            </option>
          ))}
        </select>
      </div>
      {hasFields ? (
        <div class="fields">
          {channels.map((channel, place) => (
            <NumberField
              key={channel}
              id={`try-${place}`}
              label={channel}
              minimum={-LARGEST}
              maximum={LARGEST}
              step={Number((notes.scaling.deviations[place] / 10).toPrecision(1))}
              value={shown[0][place]}
              onChange={(value) => setTyped([shown[0].with(place, value)])}
            />
          ))}
        </div>
      ) : (
        <Chart
          description={`The numbers ${channels.join(', ')} of the example over ${example.length} steps.`}
          x={example.map((_, step) => step + 1)}
          xLabel="step"
          yLabel="value"
          lines={channels.slice(0, DASHES.length).map((channel, index) => ({
            label: channel,
            values: example.map((step) => step[index]),
            color: index + 1,
            dash: DASHES[index],
          }))}
        />
      )}
      <Predicted
        model={model}
        notes={notes}
        input={isNumber ? () => encodeSeries(notes, [shown]) : null}
        of={shown}
        truth={typed === null ? `Its ${target} is really ${shortNumber(label)}.` : ''}
      />
    </div>
  );
}

interface PredictedProps {
  readonly model: Sequential;
  readonly notes: NumberNotes;
  /** Null where there is nothing to be asked. */
  readonly input: (() => Tensor) | null;
  /** What it is asked about: with another, it is asked again. */
  readonly of: unknown;
  /** What is known of the answer. */
  readonly truth?: string;
}

function Predicted({ model, notes, input, of, truth }: PredictedProps) {
  const ask = async () => {
    if (!input) return null;
    const { data } = await model.predict(input(), answerWorkers(model, 1, notes.length));
    return notes.mean + data[0] * notes.scale;
  };
  const { value: number, error, pending } = useAnswer(ask, [model, notes, of], DELAY);
  const [lower, upper] = boundsOf(notes.residuals, 0);
  return (
    <>
      <div aria-live="polite" id="judgement">
        {pending && <p>{PENDING}</p>}
        {number !== null && (
          <p>
            {notes.target}: <strong>{shortNumber(number)}</strong>
            {lower !== null && upper !== null && `, 9 of 10 times from ${shortNumber(number + lower)} to ${shortNumber(number + upper)}`}.
            {truth && ` ${truth}`}
          </p>
        )}
      </div>
      {lower !== null && (
        <p class="note">
          How the interval is computed
          <Help term="interval" />
        </p>
      )}
      <Failure message={error} />
    </>
  );
}
