import { useState } from 'preact/hooks';
import { BUNDLED } from '../data/bundled.ts';
import { bundledId, chooseBundled, chooseFile, loadError, loading, source } from '../state/data.ts';
import { Failure, Section } from './section.tsx';
import { TablePreview } from './tablePreview.tsx';

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
        {describeSource()}
      </p>
      <Failure message={loadError.value} />
      {source.value?.table && <TablePreview table={source.value.table} />}
    </Section>
  );
}

/** Takes a file by drag and drop, or by the usual dialogue. */
function FileDrop() {
  const [over, setOver] = useState(false);
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file) void chooseFile(file);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is an addition to the file field inside, which any keyboard reaches
    <div
      class={over ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <label for="file">… or your own file: a table (CSV, TSV) or a plain text. Drop it here, or pick it:</label>
      <input
        id="file"
        type="file"
        accept=".csv,.tsv,.tab,.txt,.md,text/*"
        onChange={({ currentTarget }) => {
          take(currentTarget.files);
          // So that the same file can be picked again after it was mended.
          currentTarget.value = '';
        }}
      />
    </div>
  );
}

function describeSource(): string {
  if (loading.value) return `Loading ${loading.value} …`;
  if (!source.value) return 'Nothing is chosen yet.';
  const { name, table, characterCount } = source.value;
  const size = table
    ? `${table.rowCount.toLocaleString('en')} rows in ${table.columns.length} columns`
    : `${characterCount.toLocaleString('en')} characters`;
  return `${name}: ${size}.`;
}
