import type { ReadAs } from '../data/dataSource.ts';
import type { DataOverview, TableOverview } from '../data/overview.ts';
import { bundledId, changeReading, rereading, source, wantedReading } from '../state/data.ts';

const LONGEST_CELL = 80;
const MOST_COLUMNS = 30;

/** How the data was read, to be changed, and the first rows, to see what the columns hold. */
export function TablePreview({ data, table }: { data: DataOverview; table: TableOverview }) {
  return (
    <details open>
      <summary>Look at the first rows</summary>
      {bundledId.value === null && table.firstRow !== null && <NameRows table={table} first={table.firstRow} />}
      {rereading.value ? <p>Reading the data …</p> : <FirstRows table={table} />}
      {bundledId.value === null && <ReadingFields data={data} />}
    </details>
  );
}

/** Which rows were taken for the names of the columns, and why. */
function NameRows({ table, first }: { table: TableOverview; first: number }) {
  const { nameRows, unitsRow } = table;
  const others = nameRows.slice(1);
  const said = others.length === 0 ? `Row ${first} holds` : `Rows ${nameRows.slice(0, -1).join(', ')} and ${nameRows.at(-1)} hold`;
  return (
    <>
      <Tick
        id="header"
        label={`${said} the names of the columns`}
        isOn={() => source.value?.table?.hasHeader ?? true}
        onChange={(checked) => changeReading({ header: checked })}
      />
      {others.length > 0 && (
        <Tick
          id="more-names"
          label={`Row ${others.join(' and row ')} ${others.length === 1 ? 'belongs' : 'belong'} to them: names of both are joined`}
          isOn={hasMoreNames}
          onChange={() => changeReading({ header: 1 })}
        />
      )}
      {others.length === 0 && unitsRow !== null && (
        <Tick
          id="more-names"
          label={`Row ${unitsRow} belongs to them: it was taken for units`}
          isOn={hasMoreNames}
          onChange={() => changeReading({ header: nameRows.length + 1 })}
        />
      )}
      {!rereading.value && (
        <p class="note" id="header-reason">
          {table.hasHeader ? 'Taken for names' : 'Not taken for names'}, because {table.headerReason}.
        </p>
      )}
    </>
  );
}

function hasMoreNames(): boolean {
  return (source.value?.table?.nameRows.length ?? 0) > 1;
}

interface TickProps {
  readonly id: string;
  readonly label: string;
  readonly isOn: () => boolean;
  readonly onChange: (checked: boolean) => Promise<void>;
}

function Tick({ id, label, isOn, onChange }: TickProps) {
  return (
    <div class="check">
      <input
        id={id}
        type="checkbox"
        checked={isOn()}
        onChange={async ({ currentTarget }) => {
          await onChange(currentTarget.checked);
          // A table that cannot be read the other way stays as it was.
          currentTarget.checked = isOn();
        }}
      />
      <label for={id}>{label}</label>
    </div>
  );
}

/** The first lines of a text, and how it was read. */
export function TextReading({ data }: { data: DataOverview }) {
  return bundledId.value === null ? <ReadingFields data={data} /> : null;
}

/** Encodings that files have, by what uses them; the label of each is of the Encoding Standard. */
const ENCODINGS: readonly (readonly [string, string])[] = [
  ['utf-8', 'UTF-8'],
  ['utf-16le', 'UTF-16'],
  ['utf-16be', 'UTF-16, the other order'],
  ['windows-1252', 'Western (Windows-1252)'],
  ['iso-8859-15', 'Western (ISO 8859-15)'],
  ['macintosh', 'Western (old Macs)'],
  ['windows-1250', 'Central European (1250)'],
  ['windows-1251', 'Cyrillic (Windows-1251)'],
  ['koi8-r', 'Cyrillic (KOI8-R)'],
  ['windows-1253', 'Greek (Windows-1253)'],
  ['windows-1254', 'Turkish (Windows-1254)'],
  ['windows-1255', 'Hebrew (Windows-1255)'],
  ['windows-1256', 'Arabic (Windows-1256)'],
  ['windows-874', 'Thai (Windows-874)'],
  ['shift_jis', 'Japanese (Shift JIS)'],
  ['euc-jp', 'Japanese (EUC-JP)'],
  ['gb18030', 'Chinese (GB 18030)'],
  ['big5', 'Chinese (Big5)'],
  ['euc-kr', 'Korean (EUC-KR)'],
];
const SEPARATORS: readonly (readonly [string, string])[] = [
  [',', 'commas'],
  [';', 'semicolons'],
  ['\t', 'tabs'],
  ['|', 'vertical bars'],
  [' ', 'spaces'],
];

/** What was found out of the file, each of which the user can say otherwise. */
function ReadingFields({ data: { table, sheets, readAs } }: { data: DataOverview }) {
  const { encoding, separator, as, sheet } = wantedReading.value;
  if (readAs === null && sheets.length < 2) return null;
  const found = table?.encoding ?? '';
  return (
    <details class="reading">
      <summary id="reading-summary">How the file was read</summary>
      <div class="fields">
        {readAs !== null && (
          <Choice
            id="read-as"
            label="Read it as"
            value={as ?? readAs}
            options={[
              ['table', 'a table'],
              ['words', 'a word a line, with its tag'],
              ['text', 'a plain text'],
            ]}
            onChange={(value) => changeReading({ as: value as ReadAs })}
          />
        )}
        {readAs !== null && (
          <Choice
            id="read-encoding"
            label="Encoding"
            value={encoding ?? found}
            options={[...(found === '' && !encoding ? [['', 'found by the bytes'] as const] : []), ...ENCODINGS]}
            onChange={(value) => changeReading({ encoding: value || undefined })}
          />
        )}
        {readAs !== null && table && (
          <Choice
            id="read-separator"
            label="Between the columns are"
            value={separator ?? table.separator}
            options={(as ?? readAs) === 'words' ? SEPARATORS.filter(([sign]) => sign === '\t' || sign === ' ') : SEPARATORS}
            onChange={(value) => changeReading({ separator: value })}
          />
        )}
        {sheets.length > 1 && (
          <Choice
            id="read-sheet"
            label="Sheet"
            value={sheet ?? sheets[0]}
            options={sheets.map((name) => [name, name])}
            onChange={(value) => changeReading({ sheet: value })}
          />
        )}
      </div>
    </details>
  );
}

interface ChoiceProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, name: string])[];
  readonly onChange: (value: string) => void;
}

function Choice({ id, label, value, options, onChange }: ChoiceProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {options.map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

function FirstRows({ table }: { table: TableOverview }) {
  const columns = table.columns.slice(0, MOST_COLUMNS);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="scroll" tabIndex={0} aria-label="First rows of the table">
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th scope="col" key={column} dir="auto">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.firstRows.map(({ row, cells }) => (
              <tr key={row}>
                {columns.map((column, index) => (
                  <td key={column} dir="auto">
                    {shorten(cells[index])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {table.columns.length > MOST_COLUMNS && <p>… and {table.columns.length - MOST_COLUMNS} columns more.</p>}
    </>
  );
}

function shorten(cell: string): string {
  return cell.length > LONGEST_CELL ? `${cell.slice(0, LONGEST_CELL)}…` : cell;
}
