import { useState } from 'preact/hooks';
import { shortNumber } from '../data/count.ts';
import { task } from '../state/data.ts';
import { chooseLayers, embeddingSize } from '../state/model.ts';
import { forgetRun, type ListedRun, nameRun, restoreRun, runs, trained } from '../state/trained.ts';
import { changeSettings, seed } from '../state/training.ts';
import { bestBaseline } from '../tasks/baseline.ts';
import { TASKS } from '../tasks/task.ts';
import { Section } from './section.tsx';

/** All trained models: to compare, to name, to use again and to remove. */
export function RunList() {
  if (runs.value.length === 0) return null;
  return (
    <Section id="runs" title="6. Your models">
      <p>
        Every model that you train is kept in this browser, until you remove it. Compare how good they are on the test data, and what was
        set for them.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="scroll" tabIndex={0} aria-label="Your models">
        <table id="runs-table">
          <thead>
            <tr>
              <th scope="col">model</th>
              <th scope="col">test</th>
              <th scope="col">without learning</th>
              <th scope="col">settings</th>
              <th scope="col">what to do</th>
            </tr>
          </thead>
          <tbody>
            {runs.value.map((run) => (
              <Row key={run.id} run={run} />
            ))}
          </tbody>
        </table>
      </section>
    </Section>
  );
}

function Row({ run }: { run: ListedRun }) {
  const [name, setName] = useState<string | null>(null);
  const isCurrent = trained.value?.id === run.id;
  const { score, settings } = run;
  const show = (value: number) => (score?.kind === 'accuracy' ? `${(100 * value).toFixed(1)}\u00a0%` : `±\u00a0${shortNumber(value)}`);
  const finishNaming = (next: string | null) => {
    setName(null);
    if (next?.trim()) void nameRun(run, next.trim());
  };
  return (
    <tr class={isCurrent ? 'current' : ''}>
      <th scope="row">
        {name === null ? (
          run.name
        ) : (
          <input
            type="text"
            aria-label={`New name of ${run.name}`}
            value={name}
            ref={(field) => field?.focus()}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
            onKeyDown={({ key }) => {
              if (key === 'Enter') finishNaming(name);
              if (key === 'Escape') finishNaming(null);
            }}
            onBlur={() => finishNaming(name)}
          />
        )}
        <span class="note">
          {TASKS[run.task].name}, {new Date(run.created).toLocaleString()}
          {isCurrent && ', in use'}
          {!run.isKept && ', only until you leave the page'}
        </span>
      </th>
      <td>{score ? show(score.test.model) : 'not judged'}</td>
      <td>{score && show(bestBaseline(score.test.baselines, score.kind).value)}</td>
      <td>{settings ? describeSettings(settings) : 'not known'}</td>
      <td>
        <div class="buttons">
          {!isCurrent && (
            <button type="button" aria-label={`Use ${run.name}`} onClick={() => void restoreRun(run)}>
              Use
            </button>
          )}
          <button type="button" aria-label={`Rename ${run.name}`} onClick={() => setName(run.name)}>
            Rename
          </button>
          {settings && run.task === task.value && (
            <button type="button" aria-label={`Take its settings: ${run.name}`} onClick={() => takeSettings(settings)}>
              Take its settings
            </button>
          )}
          <button
            type="button"
            aria-label={`Remove ${run.name}`}
            onClick={() => {
              if (confirm(`Remove “${run.name}” for good?`)) void forgetRun(run);
            }}
          >
            Remove
          </button>
        </div>
      </td>
    </tr>
  );
}

type Settings = NonNullable<ListedRun['settings']>;

function describeSettings({ layers, embeddingSize: size, training, seed: begun }: Settings): string {
  const parts = layers.map((layer) => (layer.kind === 'Dropout' ? `Dropout ${layer.rate}` : `${layer.kind} ${layer.units}`));
  const { epochs, batchSize, learningRate, patience = null } = training;
  return [
    parts.join(', '),
    ...(size === null ? [] : [`${size} numbers a word`]),
    `at most ${epochs} epochs${patience === null ? '' : `, patience ${patience}`}`,
    `${batchSize} examples a step`,
    `learning rate ${learningRate}`,
    `seed ${begun}`,
  ].join('; ');
}

function takeSettings({ layers, embeddingSize: size, training, seed: begun }: Settings): void {
  chooseLayers(layers);
  if (size !== null) embeddingSize.value = size;
  changeSettings(training);
  seed.value = begun;
}
