import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../state/messageOf.ts';

/** What came of a question; both null before there is an answer, which stays until the next one comes. */
export interface Answer<T> {
  readonly value: T | null;
  readonly error: string | null;
}

/**
 * Asks again when `inputs` change. An answer or a failure that comes after the next question is dropped: the model may be gone by then.
 * @param delay milliseconds to wait for other inputs first
 */
export function useAnswer<T>(ask: () => Promise<T>, inputs: readonly unknown[], delay = 0): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ value: null, error: null });
  useEffect(() => {
    let current = true;
    const timer = setTimeout(async () => {
      const next = await ask().then(
        (value) => ({ value, error: null }),
        (error) => ({ value: null, error: `The model gave no answer: ${messageOf(error)}` }),
      );
      if (current) setAnswer(next);
    }, delay);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, inputs);
  return answer;
}
