import type { Table, Tensor } from 'backtime';
import { CALENDAR, calendarNames } from '../../../ts/data/calendar.ts';
import { amount, count, shortNumber } from '../data/count.ts';
import { type Baseline, naiveForecasts, pooledErrors } from './baseline.ts';
import { withCalendar } from './calendar.ts';
import { type DataCheck, NO_CHECK, shownSeries } from './dataCheck.ts';
import { describeDatesAsNames } from './datesAsNames.ts';
import { encodeTargets, encodeWindows, type ForecastNotes, firstStart, range, scalesOf } from './forecast.ts';
import { type AllSeries, describeWarnings, type KeyedSeries, readAllSeries, readOneSeries } from './keyedSeries.ts';
import { DEFAULT_RULE, type MissingRule } from './missingRule.ts';
import { TEST, VALIDATION } from './parts.ts';
import { scalingOf } from './scaling.ts';
import { type FoundSeason, findSeason } from './season.ts';
import { aheadCount, inputsOf, type SeriesRoles } from './seriesColumn.ts';
import { type Prepared, UnusableDataError } from './task.ts';

/** What a user may set of a forecast. */
export interface ForecastSettings {
  readonly window: number;
  readonly horizon: number;
}

const MOST_VALUES_KEPT = 5000;
/** Part of a series that may be filled in without a warning. */
const MOST_FILLED = 0.2;
const FEWEST_VALUES = 20;
/** Forecasts of a part that are judged: more would take time and tell nothing new. */
const MOST_JUDGED = 2000;
/** Values that are looked at for all naive forecasts of a part. */
const MOST_READ = 2e8;
/** Forecasts of a part begin at so many times the horizon at least. */
const HORIZONS_A_PART = 1.8;
/** Windows that the training part has room for at least. */
const WINDOWS_TO_LEARN = 4;
/** A season is told to the model if it continues the training part with so much less error. */
const TELLING_SEASON = 0.7;

/** Fewest values of all series together that are kept. */
const MOST_KEPT_OF_ALL = 50_000;
/** Series that are plotted before training. */
const MOST_PLOTTED = 50;
/** Of so many series, spread over all, the season is looked for. */
const SEASONS_LOOKED_FOR = 20;

/** A series and what of it is learnt from, and what it is judged by. */
interface Divided extends KeyedSeries {
  readonly testFrom: number;
  readonly validationFrom: number;
}

/**
 * Series, ready to train on. Windows are taken relative to the level before a forecast, so that a
 * forecast of zeros goes on from there, in the manner of the last season where there is one, and a
 * series may climb beyond everything seen in training. Where one model learns all series of a
 * table, a window is of one of them, and in its scale.
 * @throws {UnusableDataError}
 */
export function prepareForecast(
  table: Table,
  roles: SeriesRoles,
  wanted: ForecastSettings,
  rule: MissingRule = DEFAULT_RULE,
): Prepared<ForecastNotes> {
  const turned = roles.time == null ? describeDatesAsNames(table, roles.value) : null;
  if (turned !== null) throw new UnusableDataError(turned);
  const isAll = roles.key != null && roles.keyValue === null;
  const read = isAll ? readAllSeries(table, roles, roles.key, rule) : readOneSeries(table, roles, rule);
  const { all: long, shape, problems, foundSeason } = shapeOf(read, wanted);
  const { window, horizon } = shape;
  const columns = inputsOf(roles).map((column) => table.names[column] as string);
  const firstAhead = columns.length - aheadCount(roles);
  const { calendar = [] } = roles;
  const dated = calendar.flatMap((part) => calendarNames(part).map((name) => ({ name, part })));
  const names = [...columns, ...dated.map(({ name }) => name)];
  const all = long.map((own) => ({ ...own, ...withCalendar(own, calendar, horizon) }));
  const inputScales = names.map((_, place) =>
    scalingOf(
      all.flatMap(({ inputs, testFrom }) => (inputs[place] as readonly number[]).slice(0, testFrom).map((value) => [value])),
      1,
    ),
  );
  const most = Math.ceil(MOST_JUDGED / all.length);
  const kept = Math.max(firstStart(shape) + horizon, Math.min(MOST_VALUES_KEPT, Math.floor(MOST_KEPT_OF_ALL / all.length)));
  const encoded = all.map((own) => {
    const { series, testFrom, validationFrom } = own;
    const trainStarts = range(firstStart(shape), testFrom - horizon + 1);
    // A forecast from the first step of a part on reads the steps before it; what is to be forecast
    // ends within the part.
    const judged = Math.max(1, Math.min(most, Math.floor(MOST_READ / series.length / all.length)));
    const starts = (from: number, to: number) => spread(Math.max(firstStart(shape), from), to - horizon + 1, judged);
    const notes: ForecastNotes = {
      task: 'forecast',
      name: table.names[roles.value] as string,
      ...(roles.key != null && { key: { column: table.names[roles.key] as string, value: own.keyValue } }),
      ...shape,
      ...scalesOf(shape, series, trainStarts),
      series,
      times: own.times,
      inputs: names.map((name, place) => ({
        name,
        mean: inputScales[place]?.means[0] as number,
        deviation: inputScales[place]?.deviations[0] as number,
        values: own.inputs[place] as readonly number[],
        ...(place >= firstAhead && { isAhead: true }),
        ...(place >= columns.length && { calendar: (dated[place - columns.length] as (typeof dated)[number]).part }),
      })),
      heldOutFrom: testFrom,
      residuals: null,
    };
    return { notes, train: trainStarts, test: starts(testFrom, validationFrom), validation: starts(validationFrom, series.length) };
  });
  type Part = 'train' | 'test' | 'validation';
  const samples = (part: Part) =>
    [
      joined(encoded.map((own) => encodeWindows(own.notes, own[part]))),
      joined(encoded.map((own) => encodeTargets(own.notes, own.notes.series, own[part]))),
    ] as const;
  const naive = (part: Part): Baseline[] =>
    pooledErrors(
      encoded.map((own) => ({ count: own[part].length, errors: naiveForecasts(own.notes.series, own[part], horizon, foundSeason) })),
    );
  const scales = (part: Part) => encoded.flatMap(({ notes, [part]: starts }) => starts.map(() => notes.scale));
  const [first, ...others] = encoded.map(({ notes }) => lastValues(notes, kept));
  const filledPart = read.filled / all.reduce((sum, { series }) => sum + series.length, 0);
  return {
    notes: {
      ...(first as ForecastNotes),
      ...(isAll && {
        others: others.map(({ key, inputScale, scale, series, times, inputs, heldOutFrom }) => ({
          keyValue: key?.value ?? '',
          ...{ inputScale, scale, series, times, heldOutFrom },
          inputs: inputs?.map(({ values }) => values) ?? [],
        })),
      }),
    },
    train: samples('train'),
    validation: samples('validation'),
    test: samples('test'),
    ...(isAll && { sampleScales: { validation: scales('validation'), test: scales('test') } }),
    testExamples: null,
    baselines: { validation: naive('validation'), test: naive('test') },
    frame: {
      first: null,
      loss: 'meanSquaredError',
      // With what is known of a step, the answer is given at that step.
      ...(firstAhead === names.length
        ? { inputShape: [null, window, 1 + names.length], everyStep: false, output: { units: horizon, activation: 'linear' } }
        : {
            inputShape: [null, window + horizon, 2 + names.length],
            everyStep: true,
            lastSteps: horizon,
            output: { units: 1, activation: 'linear' },
          }),
    },
    problems,
    missing: read.missing,
    warnings: [
      ...read.warnings,
      ...describeWarnings(all),
      ...describeConstant(all, table.names[roles.value] as string),
      ...describeTotal(all),
      ...(filledPart <= MOST_FILLED
        ? []
        : [
            `${Math.round(100 * filledPart)} % of the values are missing: much of what is learnt, and judged by, are the numbers that were put in their place.`,
          ]),
    ],
    check: checkOf(all, table.names[roles.value] as string, isAll, read),
    summary: `${describeDivision(all, read.filled)} ${window} are read, the next ${horizon} forecast${window < wanted.window || horizon < wanted.horizon ? `: fewer than were asked for, because the ${isAll ? 'series are' : 'series is'} short` : ''}. ${columns.length === 0 ? '' : `Read beside it: ${columns.join(', ')}. `}${describeAhead(columns.slice(firstAhead), long, horizon)}${calendar.length === 0 ? '' : `Read of the dates: ${calendar.map((part) => CALENDAR[part]).join(', ')}. `}${describeSeason(foundSeason)}`,
  };
}

/** Part of a sum by which a total may differ from it, as it is rounded. */
const ROUNDED = 0.01;

/** Warns of a row below the others that holds their sum, as spreadsheets have it. */
function describeTotal(all: readonly Divided[]): string[] {
  return all.flatMap(({ series, keyValue: name }) => {
    const others = series.slice(0, -1);
    const last = series.at(-1) as number;
    const sum = others.reduce((total, value) => total + value, 0);
    const most = others.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    if (Math.abs(last) <= 2 * most || Math.abs(last - sum) > ROUNDED * Math.abs(sum)) return [];
    const where = all.length === 1 ? 'The last value' : `The last value of “${name}”`;
    return [`${where}, ${shortNumber(last)}, is the sum of all others: if its row is a total, delete the row.`];
  });
}

/** What a model reads and forecasts, and how the series that are long enough are divided. */
function shapeOf({ all: read, problems }: AllSeries, wanted: ForecastSettings) {
  const [only] = read;
  if (read.length === 1 && only && only.series.length < FEWEST_VALUES)
    throw new UnusableDataError(
      `The series has ${amount(only.series.length, 'value')}; at least ${FEWEST_VALUES} are needed, and some hundred to learn much.`,
      problems,
    );
  // Training takes the first part of each series, the test the next, validation the last.
  const all = read
    .filter(({ series }) => series.length >= FEWEST_VALUES)
    .map((own) => ({
      ...own,
      testFrom: Math.floor(own.series.length * (1 - VALIDATION - TEST)),
      validationFrom: Math.floor(own.series.length * (1 - VALIDATION)),
    }));
  // Short ones are left out rather than make all windows short.
  const usual = all.map(({ series }) => series.length).sort((a, b) => a - b)[Math.floor(all.length / 4)] ?? 0;
  const [testFrom, validationFrom] = [Math.floor(usual * (1 - VALIDATION - TEST)), Math.floor(usual * (1 - VALIDATION))];
  const horizon = Math.min(wanted.horizon, Math.max(1, Math.floor((validationFrom - testFrom) / HORIZONS_A_PART)));
  const window = Math.min(wanted.window, Math.max(2, Math.floor(testFrom / WINDOWS_TO_LEARN)));
  const common = commonSeason(all, horizon);
  // A naive forecast by seasons reads two.
  const found = 2 * common.season <= testFrom ? common : { season: 1, part: 1 };
  const least = found.season === 1 ? 0 : 2 * found.season;
  // Where a season tells little, or leaves little to learn from, it would rather hinder the model.
  const isTold = found.part < TELLING_SEASON && testFrom - horizon - firstStart({ window, season: found.season }) >= WINDOWS_TO_LEARN;
  const shape = { window, horizon, season: isTold ? found.season : 1 };
  const first = firstStart(shape);
  const isLong = (own: Divided) =>
    own.testFrom >= Math.max(least, first + horizon) &&
    own.validationFrom - own.testFrom >= horizon &&
    own.series.length - own.validationFrom >= horizon;
  const long = all.filter(isLong);
  const kept = new Set(long.map(({ keyValue }) => keyValue));
  const short = read
    .filter(({ keyValue }) => !kept.has(keyValue))
    .map(({ row, keyValue, series }) => ({
      row,
      message: `series “${keyValue}” is left out: it has ${amount(series.length, 'value')}, too few to read ${window} and forecast ${horizon}${found.season === 1 ? '' : `, with a season of ${count(found.season)} steps`}`,
    }));
  if (long.length === 0)
    throw new UnusableDataError(`No series has enough values to read ${window} and forecast ${horizon}. Choose fewer steps.`, [
      ...problems,
      ...short,
    ]);
  return { all: long, shape, problems: [...problems, ...short], foundSeason: found.season };
}

/** The season that most of the series have. */
function commonSeason(all: readonly Divided[], horizon: number): FoundSeason {
  const every = Math.ceil(all.length / SEASONS_LOOKED_FOR);
  const found = all.filter((_, place) => place % every === 0).map(({ series, testFrom }) => findSeason(series.slice(0, testFrom), horizon));
  const parts = new Map<number, number[]>();
  for (const { season, part } of found) parts.set(season, [...(parts.get(season) ?? []), part]);
  const [season, own] = [...parts].reduce((most, next) => (next[1].length > most[1].length ? next : most), [1, []]);
  return { season, part: own.reduce((sum, part) => sum + part, 0) / Math.max(1, own.length) };
}

/** The notes with no more than the last values of their series. */
function lastValues(notes: ForecastNotes, most: number): ForecastNotes {
  const left = Math.max(0, notes.series.length - most);
  return {
    ...notes,
    series: notes.series.slice(left),
    times: notes.times?.slice(left) ?? null,
    inputs: notes.inputs?.map((input) => ({ ...input, values: input.values.slice(left) })) ?? [],
    heldOutFrom: notes.heldOutFrom - left,
  };
}

function joined(parts: readonly Tensor<Float32Array>[]): Tensor<Float32Array> {
  const [first] = parts;
  if (parts.length === 1 && first) return first;
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let place = 0;
  for (const part of parts) {
    data.set(part.data, place);
    place += part.data.length;
  }
  return { shape: [parts.reduce((sum, { shape: [samples] }) => sum + (samples as number), 0), ...(first?.shape.slice(1) ?? [])], data };
}

function checkOf(all: readonly KeyedSeries[], name: string, isAll: boolean, { openDates }: AllSeries): DataCheck {
  const shown = all.slice(0, MOST_PLOTTED);
  return { ...NO_CHECK, openDates, series: shown.map((own) => shownSeries(isAll ? own.keyValue : name, own.series, own.times, name)) };
}

function describeDivision(all: readonly Divided[], filled: number): string {
  const lengths = all.map(({ series }) => series.length);
  const values = `${count(lengths.reduce((sum, length) => sum + length, 0))} values${filled === 0 ? '' : ` (${count(filled)} missing ones filled in)`}`;
  const [only] = all;
  if (all.length === 1 && only)
    return `${values}: the first ${count(only.testFrom)} to learn from, the next ${count(only.validationFrom - only.testFrom)} for the test, the last ${count(only.series.length - only.validationFrom)} for validation.`;
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)];
  const percent = (part: number) => `${Math.round(100 * part)} %`;
  return `${amount(all.length, 'series')} of ${least === most ? '' : `${count(least)} to `}${count(most)} values, ${values} in all: of each the first ${percent(1 - VALIDATION - TEST)} to learn from, the next ${percent(TEST)} for the test, the last ${percent(VALIDATION)} for validation.`;
}

/** What is read of the steps to forecast, and how far it is known. */
function describeAhead(names: readonly string[], all: readonly Divided[], horizon: number): string {
  if (names.length === 0) return '';
  const known = all.map(({ series, inputs }) => (inputs.at(-1)?.length ?? 0) - series.length);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const rows = least === most ? amount(least, 'step') : `${count(least)} to ${amount(most, 'step')}`;
  const more = least < horizon ? `, of ${count(horizon)} to forecast` : '';
  return `Known ahead, and read at the steps to forecast: ${names.join(', ')}, in the table for ${rows} after the last value${more}. `;
}

/** Says that nothing changes in a series, or in which of several. */
function describeConstant(all: readonly Divided[], name: string): string[] {
  const constant = all.filter(({ series }) => series.every((value) => value === series[0]));
  if (constant.length === 0) return [];
  const [only] = constant;
  if (all.length === 1) return [`All values of “${name}” are ${only?.series[0]}: there is nothing to learn. Choose another column.`];
  return [`In ${amount(constant.length, 'series')}, “${only?.keyValue}” for example, all values of “${name}” are the same.`];
}

function describeSeason(season: number): string {
  return season === 1 ? 'No season was found.' : `A season of ${count(season)} steps was found.`;
}

/** At most `most` numbers from `from` to before `to`, evenly apart. */
function spread(from: number, to: number, most: number): number[] {
  const stride = Math.max(1, Math.ceil((to - from) / most));
  return Array.from({ length: Math.max(0, Math.ceil((to - from) / stride)) }, (_, index) => from + index * stride);
}
