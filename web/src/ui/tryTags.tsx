import type { Sequential } from 'backtime';
import { useState } from 'preact/hooks';
import { type TaggedWord, tagText } from '../tasks/tagText.ts';
import type { TagNotes } from '../tasks/tagWords.ts';
import { Failure } from './section.tsx';
import { UnknownWord } from './unknownWord.tsx';
import { PENDING, useAnswer } from './useAnswer.ts';

/** Pauses between letters are shorter; what is typed is judged after one. */
const DELAY = 200;

export function TryTags({ model, notes }: { model: Sequential; notes: TagNotes }) {
  const [text, setText] = useState(notes.example);
  const { value: words, error, pending } = useAnswer(async () => tagText(model, notes, text), [model, notes, text], DELAY);
  return (
    <div class="try">
      <div class="field">
        <label for="sentence">Type a sentence</label>
        <textarea id="sentence" rows={3} dir="auto" value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
      </div>
      <div aria-live="polite" id="judgement">
        {pending && <p>{PENDING}</p>}
        {words && words.length > 0 && <Tags words={words} />}
      </div>
      <Failure message={error} />
    </div>
  );
}

function Tags({ words }: { words: readonly TaggedWord[] }) {
  return (
    <>
      <p id="words-about">Each word with its tag, and how sure the model is of it.</p>
      <ul class="words tags" dir="auto" aria-describedby="words-about">
        {words.map(({ word, known, tag, probability }, index) => (
          <li key={index}>
            {known ? <bdi>{word}</bdi> : <UnknownWord word={word} />}
            <bdi class="tag">{tag}</bdi>
            <span class="sure">{Math.round(100 * probability)} %</span>
          </li>
        ))}
      </ul>
      {words.some(({ known }) => !known) && (
        <p id="unknown-words">
          Crossed-out words are unknown to it: they occur rarely or never in what it has learnt from. Their tags are predicted from the
          words beside them.
        </p>
      )}
    </>
  );
}
