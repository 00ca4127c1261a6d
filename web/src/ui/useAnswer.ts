import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '../state/messageOf.ts';
import { LatestOnly } from './latestOnly.ts';

/** What came of a question; `value` and `error` are both null while it is pending. */
export interface Answer<T> {
  readonly value: T | null;
  readonly error: string | null;
  readonly pending: boolean;
}

/** Says which part of a panel waits for the model. */
export const PENDING = 'Asking the model …';

const PENDING_ANSWER = { value: null, error: null, pending: true } as const;

/**
 * Asks again when `inputs` change, one question at a time; an answer is given only together with
 * the inputs that it was asked for.
 * @param delay milliseconds to wait for other inputs first; without it, an answer that is there at
 *   once is drawn together with its inputs
 */
export function useAnswer<T>(ask: () => Promise<T>, inputs: readonly unknown[], delay = 0): Answer<T> {
  const [answered, setAnswered] = useState<{ readonly inputs: readonly unknown[]; readonly answer: Answer<T> } | null>(null);
  const questions = useRef(new LatestOnly()).current;
  // Before the next drawing, not after it.
  useLayoutEffect(() => {
    let current = true;
    const question = async () => {
      if (!current) return;
      const answer = await ask().then(
        (value) => ({ value, error: null, pending: false }),
        (error) => ({ value: null, error: `The model gave no answer: ${messageOf(error)}`, pending: false }),
      );
      if (current) setAnswered({ inputs, answer });
    };
    if (delay === 0) questions.run(question);
    const timer = delay === 0 ? undefined : setTimeout(() => questions.run(question), delay);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, inputs);
  return answered?.inputs.every((input, index) => Object.is(input, inputs[index])) ? answered.answer : PENDING_ANSWER;
}
