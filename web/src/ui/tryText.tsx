import type { Sequential } from 'backtime';
import { useState } from 'preact/hooks';
import { count } from '../data/count.ts';
import type { TextNotes } from '../tasks/classifyText.ts';
import { judgeText, type TextJudgement } from '../tasks/explainWords.ts';
import { EffectItem } from './effectItem.tsx';
import { Probabilities } from './probabilities.tsx';
import { Failure } from './section.tsx';
import { UnknownWord } from './unknownWord.tsx';
import { PENDING, useAnswer } from './useAnswer.ts';

/** Pauses between letters are shorter; what is typed is judged after one. */
const DELAY = 200;

export function TryText({ model, notes }: { model: Sequential; notes: TextNotes }) {
  const [text, setText] = useState(notes.example);
  const {
    value: judgement,
    error,
    pending,
  } = useAnswer(async () => (text.trim() === '' ? null : judgeText(model, notes, text)), [model, notes, text], DELAY);
  return (
    <div class="try">
      <div class="field">
        <label for="sentence">Type a text</label>
        <textarea id="sentence" rows={3} dir="auto" value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
      </div>
      <div aria-live="polite" id="judgement">
        {pending && <p>{PENDING}</p>}
        {judgement && (
          <>
            <p>
              Most probably: <strong>{notes.classes[judgement.best]}</strong>
            </p>
            <Probabilities classes={notes.classes} probabilities={judgement.probabilities} />
          </>
        )}
      </div>
      <Failure message={error} />
      {judgement && (
        <WordEffects
          judgement={judgement}
          unit={notes.units === 'characters' ? 'characters' : 'words'}
          name={notes.classes[judgement.best]}
        />
      )}
    </div>
  );
}

function WordEffects({ judgement: { words, left }, unit, name }: { judgement: TextJudgement; unit: string; name: string }) {
  const unknown = words.filter(({ known }) => !known).length;
  return (
    <>
      {unknown > 0 && (
        <p id="unknown-words">
          {unknown === words.length
            ? 'It knows nothing of this text: what it says is a guess.'
            : 'Crossed-out words are unknown to it: they occur rarely or never in what it has learnt from.'}
        </p>
      )}
      {left > 0 && (
        <p id="left-words">
          Only the end of the text is read: {count(left)} {unit} before it are left out.
        </p>
      )}
      <p id="words-about">
        Which words moved it: how many percentage points more (▲) or less (▼) probable “{name}” is with the word than without it.
      </p>
      <ul class="words" dir="auto" aria-describedby="words-about">
        {words.map(({ word, known, effect }, index) => (
          <EffectItem key={index} effect={effect}>
            {known ? <bdi>{word}</bdi> : <UnknownWord word={word} />}
          </EffectItem>
        ))}
      </ul>
    </>
  );
}
