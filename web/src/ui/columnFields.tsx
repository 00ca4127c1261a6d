import { useState } from 'preact/hooks';
import { CALENDAR, type CalendarPart } from '../../../ts/data/calendar.ts';
import type { ColumnRoles, RowLayout } from '../data/columns.ts';
import type { WordColumns } from '../data/guessWords.ts';
import type { TableOverview } from '../data/overview.ts';
import { roles, task, taskSettings } from '../state/data.ts';
import { type TextUnits, UNITS } from '../tasks/textUnits.ts';

const LAYOUTS: Readonly<Record<RowLayout, string>> = {
  rows: 'a whole series',
  recordings: 'a step of a recording',
  windows: 'a step of a long log',
};

const NUMBER_LAYOUTS: typeof LAYOUTS = { ...LAYOUTS, rows: 'a whole example' };

/** More of a layout than a list shows on a phone. */
const ABOUT_LAYOUTS: typeof LAYOUTS = {
  rows: 'Its numbers stand in the columns.',
  recordings: 'Each recording is an example.',
  windows: 'The log is cut into pieces, and each is an example.',
};

const SOURCES: readonly (readonly [ColumnRoles['from'], string])[] = [
  ['text', 'a text'],
  ['numbers', 'other numbers'],
];

const UNIT_CHOICES: readonly (readonly [TextUnits | 'guess', string])[] = [
  ['guess', 'what fits them'],
  ...(Object.entries(UNITS) as [TextUnits, string][]),
];

/** The choice of all series of a table. */
const ALL = 'all';

/** Which column of the table is what, for the chosen task. */
export function ColumnFields({ table }: { table: TableOverview }) {
  if (!roles.value) return null;
  const { columns, described } = table;
  const { text, label, target, from, layout, series, values, value, time, key, keyValue } = roles.value;
  const set = (changed: Partial<ColumnRoles>) => {
    if (roles.value) roles.value = { ...roles.value, ...changed };
  };
  const isForecast = task.value === 'forecast';
  const isNumber = task.value === 'predictNumber';
  const isSeries = task.value === 'classifySeries' || (isNumber && from === 'numbers');
  const isText = task.value === 'classifyText' || (isNumber && from === 'text');
  const units = isNumber ? taskSettings.value.predictNumber.units : taskSettings.value.classifyText.units;
  const { ahead } = roles.value;
  const inputs = roles.value.inputs.filter((column) => ![value, time, key].includes(column));
  // Of more series than a list can have, there is the one that is guessed.
  const keys = key === null ? null : (described[key]?.values ?? (keyValue ? [keyValue] : []));
  return (
    <div class="fields">
      {isNumber && (
        <>
          <ColumnField
            id="column-target"
            name="Column with the number to predict"
            columns={columns}
            value={target}
            onChange={(index) => set({ target: index })}
          />
          <Choice
            id="from"
            name="It is predicted from"
            value={from}
            options={SOURCES}
            onChange={(next) => set({ from: next as ColumnRoles['from'] })}
          />
        </>
      )}
      {task.value === 'tagWords' && <WordFields columns={columns} roles={roles.value} onChange={set} />}
      {(isText || task.value === 'write') && (
        <ColumnField
          id="column-text"
          name="Column with the text"
          columns={columns}
          value={text}
          onChange={(index) => set({ text: index })}
        />
      )}
      {(task.value === 'classifyText' || task.value === 'classifySeries') && (
        <ColumnField
          id="column-label"
          name="Column with the class"
          columns={columns}
          value={label}
          onChange={(index) => set({ label: index })}
        />
      )}
      {isText && (
        <Choice
          id="units"
          name="Read texts as"
          value={units ?? 'guess'}
          options={UNIT_CHOICES}
          about="Characters are for names and for languages without spaces."
          onChange={(next) => {
            const name = isNumber ? 'predictNumber' : 'classifyText';
            taskSettings.value = { ...taskSettings.value, [name]: { ...taskSettings.value[name], units: next as TextUnits | 'guess' } };
          }}
        />
      )}
      {isSeries && (
        <Choice
          id="layout"
          name="A row of the table is"
          value={layout}
          options={Object.entries(isNumber ? NUMBER_LAYOUTS : LAYOUTS)}
          about={ABOUT_LAYOUTS[layout]}
          onChange={(next) => set({ layout: next as RowLayout, ...(next === 'rows' && { series: null }) })}
        />
      )}
      {isSeries && layout !== 'rows' && (
        <ColumnField
          id="column-series"
          name={layout === 'recordings' ? 'Column that names the recording' : 'Column that tells devices or recordings apart'}
          columns={columns}
          none={layout === 'recordings' ? 'choose one' : 'none: all are of one'}
          value={series ?? -1}
          onChange={(index) => set({ series: index === -1 ? null : index })}
        />
      )}
      {isForecast && (
        <ColumnField
          id="column-value"
          name="Column with the series"
          columns={columns}
          value={value}
          onChange={(index) => set({ value: index })}
        />
      )}
      {(isForecast || (isSeries && layout === 'windows')) && (
        <ColumnField
          id="column-time"
          name="Column with the time"
          columns={columns}
          none="none: rows are in order"
          value={time ?? -1}
          onChange={(index) => set(index === -1 ? { time: null, calendar: [] } : { time: index })}
        />
      )}
      {isForecast && (
        <ColumnField
          id="column-key"
          name="Column that tells several series apart"
          columns={columns}
          none="none: there is one series"
          value={key ?? -1}
          onChange={(index) =>
            set(index === -1 ? { key: null, keyValue: '' } : { key: index, keyValue: described[index]?.values?.[0] ?? '' })
          }
        />
      )}
      {isForecast && keys && (
        <Choice
          id="key-value"
          name="The series to forecast"
          value={keyValue === null ? ALL : String(keys.indexOf(keyValue))}
          options={[[ALL, 'all of them, with one model'], ...keys.map((name, place) => [String(place), name] as const)]}
          onChange={(next) => set({ keyValue: next === ALL ? null : (keys[Number(next)] ?? '') })}
        />
      )}
      {isForecast && (
        <details id="other-inputs" class="wide">
          <summary>
            Read other columns too: {inputs.length === 0 ? 'none is' : inputs.length === 1 ? '1 is' : `${inputs.length} are`} chosen
          </summary>
          <p class="note">
            What is known of them up to the last number of the series may help, such as the weather or a price. After that, nothing of them
            is needed, unless you say that they are known ahead.
          </p>
          <ValueColumns
            id="input"
            columns={columns}
            chosen={inputs}
            taken={[value, time, key]}
            onChange={(chosen) => set({ inputs: chosen })}
          />
          {inputs.length > 0 && (
            <AheadColumns columns={columns} inputs={inputs} chosen={ahead} onChange={(chosen) => set({ ahead: chosen })} />
          )}
          {time !== null && <CalendarFields chosen={roles.value.calendar} onChange={(chosen) => set({ calendar: chosen })} />}
        </details>
      )}
      {isSeries && (
        <ValueColumns
          id="value"
          columns={columns}
          chosen={values}
          taken={[isNumber ? target : label, series]}
          onChange={(chosen) => set({ values: chosen })}
        />
      )}
    </div>
  );
}

interface WordFieldsProps {
  readonly columns: readonly string[];
  readonly roles: WordColumns;
  readonly onChange: (changed: Partial<WordColumns>) => void;
}

/** Which columns hold words and tags, and what tells sentences apart. */
function WordFields({ columns, roles: { word, tag, sentence }, onChange }: WordFieldsProps) {
  return (
    <>
      <ColumnField
        id="column-word"
        name="Column with the words"
        columns={columns}
        value={word}
        onChange={(index) => onChange({ word: index })}
      />
      <ColumnField
        id="column-tag"
        name="Column with their tags"
        columns={columns}
        value={tag}
        onChange={(index) => onChange({ tag: index })}
      />
      <ColumnField
        id="column-sentence"
        name="Column that tells sentences apart"
        columns={columns}
        none="none: empty rows do"
        value={sentence ?? -1}
        onChange={(index) => onChange({ sentence: index === -1 ? null : index })}
      />
    </>
  );
}

interface ColumnFieldProps {
  readonly id: string;
  readonly name: string;
  readonly columns: readonly string[];
  /** -1 for none. */
  readonly value: number;
  readonly none?: string;
  readonly onChange: (index: number) => void;
}

function ColumnField({ id, name, columns, value, none, onChange }: ColumnFieldProps) {
  const options = columns.map((column, index) => [String(index), column] as const);
  return (
    <Choice
      id={id}
      name={name}
      value={String(value)}
      options={none ? [['-1', none], ...options] : options}
      onChange={(index) => onChange(Number(index))}
    />
  );
}

interface ChoiceProps {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, name: string])[];
  /** What the list has no room for. */
  readonly about?: string;
  readonly onChange: (value: string) => void;
}

function Choice({ id, name, value, options, about, onChange }: ChoiceProps) {
  return (
    <div class="field">
      <label for={id}>{name}</label>
      <select
        id={id}
        value={value}
        {...(about && { 'aria-describedby': `about-${id}` })}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      >
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
      {about && (
        <p class="note" id={`about-${id}`}>
          {about}
        </p>
      )}
    </div>
  );
}

interface ValueColumnsProps {
  /** Begins the ids of its boxes. */
  readonly id: string;
  readonly columns: readonly string[];
  readonly chosen: readonly number[];
  /** Columns that have another part. */
  readonly taken: readonly (number | null)[];
  readonly onChange: (chosen: number[]) => void;
}

/** From so many columns on, they are looked for by their name. */
const MANY = 20;

function ValueColumns({ id, columns, chosen, taken, onChange }: ValueColumnsProps) {
  const [wanted, setWanted] = useState('');
  const shown = columns.flatMap((column, index) => (column.toLowerCase().includes(wanted.trim().toLowerCase()) ? [index] : []));
  const set = (indices: readonly number[], isChosen: boolean) => {
    const changed = new Set(indices);
    onChange(columns.map((_, index) => index).filter((index) => (changed.has(index) ? isChosen : chosen.includes(index))));
  };
  const count = chosen.filter((index) => !taken.includes(index)).length;
  return (
    <fieldset class="columns">
      <legend>
        Columns with the numbers: {count} of {columns.length} are chosen
      </legend>
      <div class="buttons">
        <button type="button" id="columns-all" onClick={() => set(shown, true)}>
          All
        </button>
        <button type="button" id="columns-none" onClick={() => set(shown, false)}>
          None
        </button>
        {columns.length > MANY && (
          <input
            id="columns-search"
            type="search"
            aria-label="Show only columns whose name has"
            placeholder="Part of a name"
            value={wanted}
            onInput={({ currentTarget }) => setWanted(currentTarget.value)}
          />
        )}
      </div>
      <CheckList
        items={shown.map((index) => ({ id: `${id}-${index}`, key: index, name: columns[index] as string, isTaken: taken.includes(index) }))}
        chosen={chosen}
        onChange={(index, isChosen) => set([index], isChosen)}
      />
    </fieldset>
  );
}

interface CalendarFieldsProps {
  readonly chosen: readonly CalendarPart[];
  readonly onChange: (chosen: CalendarPart[]) => void;
}

/** What is read of the dates. */
function CalendarFields({ chosen, onChange }: CalendarFieldsProps) {
  const all = Object.entries(CALENDAR) as [CalendarPart, string][];
  return (
    <fieldset class="columns" id="calendar">
      <legend>Features of the dates, which are known ahead</legend>
      <CheckList
        items={all.map(([key, name]) => ({ id: `calendar-${key}`, key, name }))}
        chosen={chosen}
        onChange={(feature, isChosen) =>
          onChange(all.map(([other]) => other).filter((other) => (other === feature ? isChosen : chosen.includes(other))))
        }
      />
    </fieldset>
  );
}

interface AheadColumnsProps {
  readonly columns: readonly string[];
  /** The columns that are read beside the series. */
  readonly inputs: readonly number[];
  readonly chosen: readonly number[];
  readonly onChange: (chosen: number[]) => void;
}

/** Which of the other columns are known for the steps that are to be forecast. */
function AheadColumns({ columns, inputs, chosen, onChange }: AheadColumnsProps) {
  return (
    <fieldset class="columns" id="ahead" aria-describedby="ahead-note">
      <legend>Known ahead</legend>
      <p class="note" id="ahead-note">
        Tick what you know of the steps to forecast when you ask for a forecast: holidays, a planned price, the day of the week, a weather
        forecast. Give it in rows after the last number of the series. The rows before must hold what was known ahead, too: a temperature
        that was measured would make the score too good.
      </p>
      <CheckList
        items={inputs.map((index) => ({ id: `ahead-${index}`, key: index, name: columns[index] as string }))}
        chosen={chosen}
        onChange={(index, isChosen) => onChange(inputs.filter((input) => (input === index ? isChosen : chosen.includes(input))))}
      />
    </fieldset>
  );
}

interface CheckListProps<Key> {
  /** An item that is taken is shown without a tick, and cannot be chosen. */
  readonly items: readonly { readonly id: string; readonly key: Key; readonly name: string; readonly isTaken?: boolean }[];
  readonly chosen: readonly Key[];
  readonly onChange: (key: Key, isChosen: boolean) => void;
}

/** Boxes to tick, each with its name. */
function CheckList<Key>({ items, chosen, onChange }: CheckListProps<Key>) {
  return (
    <div class="columns-list">
      {items.map(({ id, key, name, isTaken = false }) => (
        <div class="check" key={name}>
          <input
            type="checkbox"
            id={id}
            checked={chosen.includes(key) && !isTaken}
            disabled={isTaken}
            onChange={({ currentTarget }) => onChange(key, currentTarget.checked)}
          />
          <label for={id}>{name}</label>
        </div>
      ))}
    </div>
  );
}
