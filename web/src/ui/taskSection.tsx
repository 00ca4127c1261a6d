import type { Preparation } from '../preparation/dataServer.ts';
import { outdated, preparation, preparing, reading, roles, source, task, taskSettings, unfinished } from '../state/data.ts';
import { TASKS, type TaskName } from '../tasks/task.ts';
import { usedFields } from '../tasks/usedFields.ts';
import { ColumnFields } from './columnFields.tsx';
import { DataCheck } from './dataCheck.tsx';
import { NumberField } from './numberField.tsx';
import { Failure, NUMBER_MISSING, Section } from './section.tsx';

const names = Object.keys(TASKS) as TaskName[];

export function TaskSection() {
  const { value: data } = source;
  const isText = data !== null && data.table === null;
  return (
    <Section id="task" title="2. Task">
      <fieldset>
        <legend>What is it to learn?</legend>
        {names.map((name) => (
          <div class="choice" key={name}>
            <input
              type="radio"
              name="task"
              id={`task-${name}`}
              checked={task.value === name}
              disabled={isText && name !== 'write'}
              onChange={() => {
                task.value = name;
              }}
              aria-describedby={`about-${name}`}
            />
            <div>
              <label for={`task-${name}`}>{TASKS[name].name}</label>
              <p id={`about-${name}`}>
                {TASKS[name].about}
                {isText && name !== 'write' && ' Needs a table.'}
              </p>
            </div>
          </div>
        ))}
      </fieldset>
      {data?.table && !reading.value && <ColumnFields table={data.table} />}
      {data && (
        <div class="fields">
          {usedFields(task.value, roles.value, data.table?.columns ?? null).map(({ key, label, minimum, maximum }) => (
            <NumberField
              key={key}
              id={`setting-${key}`}
              label={label}
              minimum={minimum}
              maximum={maximum}
              value={(taskSettings.value[task.value] as unknown as Record<string, number>)[key]}
              onChange={(value) => setTaskSetting(key, value)}
            />
          ))}
        </div>
      )}
      <p role="status" id="task-status">
        {describeState()}
        {preparing.value && !reading.value && <progress aria-label="Preparing the data" />}
      </p>
      <Failure message={outdated.value ? null : (preparation.value?.error ?? null)} />
      {preparation.value && !reading.value && isOfTask(preparation.value) && (
        // It stays while a choice in it is made true, so that whoever works by keyboard stays where
        // they are.
        <div aria-busy={outdated.value} class={outdated.value ? 'busy' : ''}>
          <DataCheck preparation={preparation.value} table={data?.table ?? null} />
        </div>
      )}
    </Section>
  );
}

/** Whether data was prepared, or found of no use, for the task that is chosen. */
function isOfTask({ prepared }: Preparation): boolean {
  return prepared === null ? !outdated.value : prepared.notes.task === task.value;
}

function describeState(): string | undefined {
  if (!source.value) return reading.value ? 'Reading the data …' : 'Choose data first.';
  if (unfinished.value) return NUMBER_MISSING;
  return outdated.value ? 'Reading the data …' : preparation.value?.prepared?.summary;
}

function setTaskSetting(key: string, value: number): void {
  const name = task.value;
  taskSettings.value = { ...taskSettings.value, [name]: { ...taskSettings.value[name], [key]: value } };
}
