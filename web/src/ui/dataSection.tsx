import { BUNDLED } from '../data/bundled.ts';
import { amount } from '../data/count.ts';
import { bundledId, chooseBundled, loadError, loading, reading, readPart, source } from '../state/data.ts';
import { FileDrop } from './fileDrop.tsx';
import { Failure, Section } from './section.tsx';
import { TablePreview, TextReading } from './tablePreview.tsx';

export function DataSection() {
  return (
    <Section id="data" title="1. Data">
      <fieldset>
        <legend>Choose something that comes with the page</legend>
        {BUNDLED.map(({ id, name, about }) => (
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
              <p id={`about-${id}`}>{about}</p>
            </div>
          </div>
        ))}
      </fieldset>
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

function describeState(): string {
  if (loading.value) return `Loading ${loading.value} …`;
  if (!source.value) return 'Nothing is chosen yet.';
  const { name, table, characterCount } = source.value;
  const size = table
    ? `${amount(table.rowCount, 'row')} in ${amount(table.columns.length, 'column')}`
    : amount(characterCount, 'character');
  return `${name}: ${size}.`;
}
