import { useLayoutEffect, useRef } from 'preact/hooks';
import { count } from '../data/count.ts';
import { isReady } from '../state/readiness.ts';
import { trained } from '../state/trained.ts';
import { judged, pause, progress, resume, type ShownRun, status, stop, train } from '../state/training.ts';
import { ActionButton } from './actionButton.tsx';

/** How training goes, what ends it, and the way to the result: always in sight. */
export function TrainBar() {
  const { value: state } = status;
  const { value: shown } = progress;
  const busy = state !== 'idle';
  const bar = useRef<HTMLElement>(null);
  const hadFocus = bar.current?.contains(document.activeElement);
  // Its buttons come and go: whoever works by keyboard stays in it.
  useLayoutEffect(() => {
    if (hadFocus && !bar.current?.contains(document.activeElement))
      ((busy ? null : bar.current?.querySelector('a')) ?? bar.current?.querySelector('button'))?.focus();
  });
  if (!busy && !isReady.value && !trained.value) return null;
  return (
    <section class="bar" ref={bar} aria-label="Training and result">
      {busy && <progress aria-label="Training" max={1} value={state === 'judging' ? judged.value : (shown?.done ?? 0)} />}
      <div class="bar-row">
        <p id="train-status">{describe(state, shown)}</p>
        <div class="buttons">
          {!busy && isReady.value && (
            <ActionButton id="bar-train-button" disabled={false} onClick={() => void train()}>
              Train
            </ActionButton>
          )}
          {busy && state !== 'judging' && (
            <ActionButton id="pause-button" disabled={state === 'stopping'} onClick={state === 'paused' ? resume : pause}>
              {state === 'paused' ? 'Go on' : 'Pause'}
            </ActionButton>
          )}
          {busy && (
            <ActionButton id="stop-button" disabled={state === 'stopping'} onClick={stop}>
              {state === 'judging' ? 'Skip judging' : 'Stop'}
            </ActionButton>
          )}
          {trained.value && (
            <a class="button" id="to-try" href="#try">
              Try it ↓
            </a>
          )}
        </div>
      </div>
    </section>
  );
}

function describe(state: typeof status.value, shown: ShownRun | null): string {
  if (state === 'judging') return `Judging it by the test data: ${Math.round(100 * judged.value)}\u00a0%`;
  if (state === 'idle') return '';
  if (!shown) return state === 'stopping' ? 'Stopping …' : 'Training begins …';
  const epoch = `epoch ${shown.epoch} of at most ${shown.epochs}`;
  if (state === 'stopping') return `Stopping: ${epoch}`;
  const left = shown.secondsLeft === null ? '' : `, at most ${duration(shown.secondsLeft)} left`;
  const speed = shown.samplesPerSecond === null ? '' : `, ${count(Math.round(shown.samplesPerSecond))} examples a second`;
  return `${state === 'paused' ? 'Paused: ' : ''}${epoch}${speed}${left}`;
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  return seconds < 3600 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
