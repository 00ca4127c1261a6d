import { BUNDLED } from '../data/bundled.ts';
import { amount } from '../data/count.ts';
import { bundledId, chooseBundled, loadError, loading, reading, readPart, source } from '../state/data.ts';
import { TASKS } from '../tasks/task.ts';
import { FileDrop } from './fileDrop.tsx';
import { Failure, Section } from './section.tsx';
import { TablePreview, TextReading } from './tablePreview.tsx';

export function DataSection() {
  return (
    <Section id="data" title="1. Data">
      <Examples />
      <FileDrop />
      <p role="status" id="data-status">
        {describeState()}
      </p>
      {reading.value && <progress aria-label="Reading the data" max={1} value={readPart.value ?? undefined} />}
      <Failure message={loadError.value} />
      {source.value?.table && loading.value === null && <TablePreview data={source.value} table={source.value.table} />}
      {source.value && !source.value.table && loading.value === null && <TextReading data={source.value} />}
    </Section>
  );
}

/** What comes with the page, by what it is an example of. */
function Examples() {
  return (
    <fieldset>
      <legend>Choose an example that comes with the page</legend>
      <div class="gallery">
        {BUNDLED.map(({ id, name, about, task }) => (
          <div class="choice" key={id}>
            <input
              type="radio"
              name="bundled"
              id={`bundled-${id}`}
              checked={bundledId.value === id}
              onChange={() => void chooseBundled(id)}
              aria-describedby={`about-${id}`}
            />
            <div>
              <label for={`bundled-${id}`}>{name}</label>
              <p id={`about-${id}`}>
                {TASKS[task].name}. {about}
              </p>
            </div>
          </div>
        ))}
      </div>
      <details id="sources">
        <summary>Where the examples are from</summary>
        <ul>
          {BUNDLED.map(({ id, name, source: from }) => (
            <li key={id}>
              {name}: {from}
            </li>
          ))}
        </ul>
      </details>
    </fieldset>
  );
}

function describeState(): string {
  if (loading.value) return `Loading ${loading.value} …`;
  if (!source.value) return 'Nothing is chosen yet.';
  const { name, table, characterCount } = source.value;
  const size = table
    ? `${amount(table.rowCount, 'row')} in ${amount(table.columns.length, 'column')}`
    : amount(characterCount, 'character');
  return `${name}: ${size}.`;
}
