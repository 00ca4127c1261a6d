import type { Sequential } from 'backtime';
import { useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '../state/messageOf.ts';
import type { WritingNotes } from '../tasks/write.ts';
import { writeOn } from '../tasks/writeOn.ts';
import { NumberField } from './numberField.tsx';
import { Failure } from './section.tsx';

export function TryWriting({ model, notes }: { model: Sequential; notes: WritingNotes }) {
  const [beginning, setBeginning] = useState(notes.beginning);
  const [temperature, setTemperature] = useState(0.7);
  const [count, setCount] = useState(300);
  const [text, setText] = useState('');
  const [done, setDone] = useState('');
  const [error, setError] = useState<string | null>(null);
  const writing = useRef<AbortController | null>(null);
  useEffect(() => () => writing.current?.abort(), []);

  const write = async () => {
    writing.current?.abort();
    const mine = new AbortController();
    writing.current = mine;
    setDone('');
    setError(null);
    setText(beginning);
    let written = beginning;
    try {
      for await (const piece of writeOn(model, notes, { beginning, count, temperature })) {
        written += piece;
        if (mine.signal.aborted) return;
        setText(written);
      }
    } catch (failure) {
      // A model that made place for the next cannot go on, and no one waits for it.
      if (!mine.signal.aborted) setError(`Writing failed: ${messageOf(failure)}`);
      return;
    }
    if (!mine.signal.aborted) setDone('The text is written.');
  };
  return (
    <div class="try">
      <div class="field">
        <label for="beginning">Beginning</label>
        <input id="beginning" type="text" value={beginning} onInput={({ currentTarget }) => setBeginning(currentTarget.value)} />
      </div>
      <div class="fields">
        <div class="field">
          <label for="temperature">Temperature: low is careful, high is bold</label>
          <input
            id="temperature"
            type="range"
            min={0.2}
            max={1.5}
            step={0.1}
            value={temperature}
            onInput={({ currentTarget }) => setTemperature(currentTarget.valueAsNumber)}
          />
          <output for="temperature">{temperature.toFixed(1)}</output>
        </div>
        <NumberField id="count" label="Characters to write" minimum={1} maximum={5000} value={count} onChange={setCount} />
      </div>
      <div class="buttons">
        <button type="button" id="write-button" class="primary" disabled={Number.isNaN(count)} onClick={() => void write()}>
          Write
        </button>
      </div>
      <Failure message={error} />
      <p class="written" id="written">
        {text}
      </p>
      <p role="status" class="visually-hidden">
        {done}
      </p>
    </div>
  );
}
