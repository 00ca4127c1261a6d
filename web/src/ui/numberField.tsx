import { useState } from 'preact/hooks';
import { Help } from './help.tsx';
import { type NumberRule, numberText, readNumber, stepNumber } from './numberText.ts';
import type { Term } from './terms.ts';

interface NumberFieldProps extends NumberRule {
  readonly id: string;
  readonly label: string;
  /** A word of the label that is explained. */
  readonly term?: Term;
  /** NaN while what is typed is no number of the rule. */
  readonly value: number;
  readonly onChange: (value: number) => void;
  readonly disabled?: boolean;
}

/** How many steps a key goes. */
const KEYS: Readonly<Record<string, number>> = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };

/**
 * A labelled field for a number, which keeps every text as it was typed and says what is wrong with
 * one that is no number of the rule: at once, or on leaving the field when the text may be the
 * beginning of one. A field of type `number` would not do: browsers take no comma there, or take it
 * and do not tell the text.
 */
export function NumberField({ id, label, term, value, onChange, disabled, ...rule }: NumberFieldProps) {
  const [typed, setTyped] = useState(numberText(value));
  const [typing, setTyping] = useState(false);
  // Another number than the one that was typed came from elsewhere.
  const text = Object.is(readNumber(typed, rule).value, value) ? typed : numberText(value);
  const { problem, unfinished } = readNumber(text, rule);
  const shown = typing && unfinished ? null : problem;
  const take = (next: string) => {
    setTyped(next);
    onChange(readNumber(next, rule).value);
  };
  return (
    <div class="field">
      <span class="labelled">
        <label for={id}>{label}</label>
        {term && <Help term={term} />}
      </span>
      <p class="failure" id={`${id}-problem`} role="status">
        {shown}
      </p>
      <input
        id={id}
        type="text"
        class="number"
        role="spinbutton"
        inputMode={rule.step === undefined ? 'numeric' : 'decimal'}
        autocomplete="off"
        value={text}
        disabled={disabled}
        aria-valuemin={rule.minimum}
        aria-valuemax={rule.maximum}
        aria-valuenow={Number.isNaN(value) ? undefined : value}
        aria-valuetext={text}
        aria-invalid={shown !== null}
        aria-describedby={`${id}-problem`}
        onInput={({ currentTarget }) => {
          setTyping(true);
          take(currentTarget.value);
        }}
        onBlur={() => setTyping(false)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') setTyping(false);
          const steps = KEYS[event.key];
          if (steps === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          if (!Number.isNaN(value)) take(numberText(stepNumber(value, rule, steps)));
        }}
      />
    </div>
  );
}
