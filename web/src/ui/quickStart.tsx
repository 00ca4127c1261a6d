import { outdated, preparation, source, task } from '../state/data.ts';
import { isReady } from '../state/readiness.ts';
import { status, train } from '../state/training.ts';
import { TASKS } from '../tasks/task.ts';
import { ActionButton } from './actionButton.tsx';

/** The shortest way: from chosen data to training, without a look at any setting. */
export function QuickStart() {
  if (!source.value) return null;
  const error = outdated.value ? null : preparation.value?.error;
  return (
    <section id="quick-start" aria-label="Start">
      <p id="start-about">
        It will learn this: <strong>{TASKS[task.value].name}</strong>. {TASKS[task.value].about}{' '}
        {error ? 'There is a problem: see the task below.' : <a href="#task">Look at the task and the columns</a>}
      </p>
      <div class="buttons">
        <ActionButton id="start-button" primary disabled={status.value !== 'idle' || !isReady.value} onClick={() => void train()}>
          Train with the usual settings
        </ActionButton>
      </div>
    </section>
  );
}
