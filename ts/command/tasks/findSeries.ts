import { CALENDAR } from '../../data/calendar.ts';
import { ArgumentError, type ColumnDescription, type Table } from '../../node.ts';
import { findColumn, holdsNumbers, requireColumn, requireColumns } from '../columns.ts';
import { readTable, type TableFlags } from '../table.ts';
import { refuseUnread } from '../unreadFlags.ts';
import { calendarPartsOf } from './calendarParts.ts';
import { TARGET_NAMES } from './columnNames.ts';
import { categoriesOf, missingCells } from './features.ts';
import { type RowKind, rowFormOf } from './rowForm.ts';
import { type InTable, readSeries, type SeriesForm, type SeriesSamples, samplesOf, type TargetKind } from './seriesSamples.ts';

/** The flags that `findSeries` reads. */
interface SeriesFlags extends TableFlags {
  readonly target?: string;
  readonly group?: string;
  readonly columns?: string;
  readonly missing?: string;
  readonly rows?: RowKind;
}

/** The samples of a file, and how they stand in it. */
export interface FoundSeries {
  readonly form: SeriesForm;
  readonly columns: readonly ColumnDescription[];
  readonly samples: SeriesSamples;
  /** What was taken for what, for reading. */
  readonly choice: string;
  /** The columns that are not read, and why. */
  readonly leftOut: readonly string[];
  /** The decimal sign of a table. */
  readonly decimal?: '.' | ',';
}

/**
 * Finds out how the samples of a file stand in it.
 * @param target what the column of targets holds
 */
export async function findSeries(file: string, flags: SeriesFlags, target: TargetKind): Promise<FoundSeries> {
  if (/\.ts(\.gz)?$/.test(file)) {
    refuseUnread(file, 'a .ts file', flags, ['missing', 'rows']);
    const form = { kind: 'ts' } as const;
    const samples = await readSeries(file, form, flags, target);
    const { channels } = samples;
    return { form, columns: [], samples, leftOut: [], choice: channels === 1 ? '1 channel' : `${channels} channels` };
  }
  const table = await readTable(file, flags);
  const columns = table.describeColumns();
  const group = flags.group === undefined ? undefined : requireColumn(table, flags.group, '--group');
  if (group !== undefined && flags.rows !== undefined)
    throw new ArgumentError(
      `--rows ${flags.rows} says what each row is, but with --group several rows are a series: leave one of them out`,
    );
  const named = flags.columns === undefined ? undefined : requireColumns(table, flags.columns, '--columns');
  const isCategory = (name: string) => columns.some((column) => column.name === name && column.kind === 'category');
  if (named !== undefined)
    requireNumbers(
      table,
      columns,
      group === undefined && flags.rows !== 'series' ? named.filter((name) => !isCategory(name)) : named,
      '--columns',
    );
  const taken = [...(group === undefined ? [] : [group]), ...(named ?? [])];
  const kinds = target === 'class' ? (['category'] as const) : [];
  const targetColumn = findColumn(table, columns, { flag: '--target', given: flags.target, names: TARGET_NAMES, kinds, taken });
  const others = columns.filter(({ name }) => name !== targetColumn && name !== group);
  const numbers = others.filter(({ kind }) => kind === 'number').map(({ name }) => name);
  const row =
    flags.rows !== undefined
      ? { kind: flags.rows, reason: '' }
      : named?.some(isCategory)
        ? ({ kind: 'features', reason: '' } as const)
        : rowFormOf(table, named ?? numbers);
  const kind = group !== undefined ? 'groups' : row.kind === 'series' ? 'rows' : 'features';
  // Years are dates, and numbers: of a series its time, of a sample a feature.
  const isYear = ({ name, kind: is }: ColumnDescription) => is === 'date' && holdsNumbers(table, name);
  const calendar = new Map(
    kind === 'features'
      ? others
          .filter((column) => column.kind === 'date' && !isYear(column))
          .map(({ name }) => [name, calendarPartsOf(table.dates(name, { invalid: 'missing' }))] as const)
          .filter(([, parts]) => parts.length > 0)
      : [],
  );
  const isFeature = (column: ColumnDescription) =>
    column.kind === 'number' || column.kind === 'category' || calendar.has(column.name) || isYear(column);
  const chosen = named ?? (kind === 'features' ? others.filter(isFeature).map(({ name }) => name) : numbers);
  if (chosen.length === 0)
    throw new ArgumentError(
      `${table.source} has no columns of numbers or categories besides the target '${targetColumn}'${others.length === 0 ? '' : `, but ${others.map(({ name, kind }) => `${name} (${kind})`).join(', ')}`}` +
        (others.some(({ kind }) => kind === 'text') ? ': --task classify-text learns from texts' : ''),
    );
  if (target === 'number') requireNumbers(table, columns, [targetColumn], '--target');
  const left = others.filter(({ name, kind }) => kind !== 'empty' && !chosen.includes(name));
  const missing = flags.missing ?? (kind === 'features' ? 'mean' : 'error');
  const common = { columns: chosen, target: targetColumn, missing };
  const categories =
    kind === 'features' && chosen.some(isCategory) ? chosen.map((name) => (isCategory(name) ? categoriesOf(table, name) : null)) : null;
  const dates = chosen.map((name) => calendar.get(name) ?? null);
  const form: InTable =
    kind === 'groups'
      ? { kind, ...common, group: group as string }
      : kind === 'features'
        ? { kind, ...common, ...(categories && { categories }), ...(dates.some((parts) => parts !== null) && { calendar: dates }) }
        : { kind, ...common };
  const samples = samplesOf(table, form, flags, target);
  // Dates and names of series are no data of theirs; a user who names columns knows the others.
  const leftOut = kind === 'features' && named === undefined ? left : [];
  for (const { name, kind: is, reason } of leftOut)
    flags.warn(
      `column '${name}' of ${table.source} is left out, as it has neither numbers nor categories but is ${is === 'date' ? 'a date' : `a ${is}`} (${reason}): --columns names the columns to use`,
    );
  const years =
    kind === 'features' ? others.filter((column) => chosen.includes(column.name) && isYear(column)).map(({ name }) => name) : [];
  const choice = choiceText(form, samples, row.reason, years);
  const decimal = table.format?.decimal ?? '.';
  return { form, columns, samples, choice, decimal, leftOut: leftOut.map(({ name, kind: is }) => `${name} (${is})`) };
}

/** @throws {ArgumentError} for a column of texts where numbers are needed */
function requireNumbers(table: Table, columns: readonly ColumnDescription[], names: readonly string[], flag: string): void {
  const wrong = columns.find(({ name, kind }) => names.includes(name) && (kind === 'category' || kind === 'text' || kind === 'empty'));
  if (!wrong) return;
  const { name, kind, reason } = wrong;
  const remedy = flag === '--target' && kind === 'category' ? '--task classify-series learns classes' : `name another by ${flag}`;
  const instead = kind === 'empty' ? '' : ` but ${kind === 'text' ? 'texts' : 'categories'}`;
  const outcome = flag === '--columns' && kind !== 'empty' ? ', which the command leaves out' : '';
  throw new ArgumentError(
    `column '${name}' of ${table.source} has no numbers${instead} (${reason})${outcome}: ${remedy}; if some of its texts mean missing values, name them by --na-values`,
  );
}

/** How the samples of a table were read, and the flags that change it. */
function choiceText(form: InTable, { sequences }: SeriesSamples, reason: string, years: readonly string[]): string {
  const { length } = form.columns;
  const names = [...form.columns.slice(0, 4), ...(length > 5 ? ['…'] : []), ...form.columns.slice(4).slice(-1)].join(', ');
  const because = reason === '' ? '' : `: ${reason}`;
  const asNumbers = years.length === 0 ? '' : `; ${years.join(', ')} read as ${years.length === 1 ? 'a number' : 'numbers'}`;
  switch (form.kind) {
    case 'groups':
      return `the rows of each '${form.group}' are a series, of the ${length === 1 ? 'channel' : 'channels'} ${names}`;
    case 'rows':
      return `each row is a series, of the ${length} steps ${names}${because} (--rows features makes each column a feature with its own scale; rows that belong together need --group)`;
    case 'features': {
      const gaps = missingCells(form, sequences);
      const fill =
        gaps === 0
          ? ''
          : `; ${gaps} missing ${gaps === 1 ? 'value is' : 'values are'} the mean of the column (--missing error refuses them)`;
      const categories = form.columns.filter((_, column) => form.categories?.[column]);
      const ofCategories = categories.length === 0 ? '' : `; a number of 0 or 1 for each category of ${categories.join(', ')}`;
      const ofDates = form.columns
        .flatMap((name, column) =>
          form.calendar?.[column] ? [`; ${name} as ${form.calendar[column].map((part) => CALENDAR[part]).join(', ')}`] : [],
        )
        .join('');
      return `each row has the ${length} ${length === 1 ? 'feature' : 'features'} ${names}${because} (--rows series makes the columns the steps of a series)${ofCategories}${ofDates}${asNumbers}${fill}`;
    }
  }
}
