import type { ColumnRoles } from '../data/columns.ts';
import { roles, task } from '../state/data.ts';

/** Which column of the table is what, for the chosen task. */
export function ColumnFields({ columns }: { columns: readonly string[] }) {
  if (!roles.value) return null;
  const { text, label, series, values, value } = roles.value;
  const set = (changed: Partial<ColumnRoles>) => {
    if (roles.value) roles.value = { ...roles.value, ...changed };
  };
  return (
    <div class="fields">
      {(task.value === 'classifyText' || task.value === 'write') && (
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
      {task.value === 'classifySeries' && (
        <>
          <ColumnField
            id="column-series"
            name="Column that says which series a row is a step of"
            columns={columns}
            none="none: every row is a whole series"
            value={series ?? -1}
            onChange={(index) => set({ series: index === -1 ? null : index })}
          />
          <ValueColumns columns={columns} chosen={values} taken={[label, series]} onChange={(chosen) => set({ values: chosen })} />
        </>
      )}
      {task.value === 'forecast' && (
        <ColumnField
          id="column-value"
          name="Column with the series"
          columns={columns}
          value={value}
          onChange={(index) => set({ value: index })}
        />
      )}
    </div>
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
  return (
    <div class="field">
      <label for={id}>{name}</label>
      <select id={id} value={String(value)} onChange={({ currentTarget }) => onChange(Number(currentTarget.value))}>
        {none && <option value="-1">{none}</option>}
        {columns.map((column, index) => (
          <option key={column} value={String(index)}>
            {column}
          </option>
        ))}
      </select>
    </div>
  );
}

interface ValueColumnsProps {
  readonly columns: readonly string[];
  readonly chosen: readonly number[];
  /** Columns that have another part. */
  readonly taken: readonly (number | null)[];
  readonly onChange: (chosen: number[]) => void;
}

function ValueColumns({ columns, chosen, taken, onChange }: ValueColumnsProps) {
  return (
    <fieldset class="columns">
      <legend>Columns with the numbers</legend>
      {columns.map((column, index) => (
        <div class="check" key={column}>
          <input
            type="checkbox"
            id={`value-${index}`}
            checked={chosen.includes(index) && !taken.includes(index)}
            disabled={taken.includes(index)}
            onChange={({ currentTarget }) =>
              onChange(
                columns.map((_, other) => other).filter((other) => (other === index ? currentTarget.checked : chosen.includes(other))),
              )
            }
          />
          <label for={`value-${index}`}>{column}</label>
        </div>
      ))}
    </fieldset>
  );
}
