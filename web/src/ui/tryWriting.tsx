import type { Sequential } from 'backtime';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { WritingNotes } from '../tasks/write.ts';
import { writeOn } from '../tasks/writeOn.ts';
import { NumberField } from './numberField.tsx';

export function TryWriting({ model, notes }: { model: Sequential; notes: WritingNotes }) {
  const [beginning, setBeginning] = useState(notes.beginning);
  const [temperature, setTemperature] = useState(0.7);
  const [count, setCount] = useState(300);
  const [text, setText] = useState('');
  const [done, setDone] = useState('');
  const writing = useRef<AbortController | null>(null);
  useEffect(() => () => writing.current?.abort(), []);

  const write = async () => {
    writing.current?.abort();
    const mine = new AbortController();
    writing.current = mine;
    setDone('');
    setText(beginning);
    let written = beginning;
    for await (const piece of writeOn(model, notes, { beginning, count, temperature })) {
      written += piece;
      if (mine.signal.aborted) return;
      setText(written);
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
        <button type="button" id="write-button" class="primary" disabled={!(count >= 1 && count <= 5000)} onClick={() => void write()}>
          Write
        </button>
      </div>
      <p class="written" id="written">
        {text}
      </p>
      <p role="status" class="visually-hidden">
        {done}
      </p>
    </div>
  );
}
