import { type HTMLInput, type Model, modelToHTML } from 'backtime';
import { aheadOf, type ForecastNotes, firstStart, seriesAt, seriesNames } from '../tasks/forecast.ts';
import { THINGS } from '../tasks/things.ts';
import { courseOf, verdictOf } from '../tasks/verdict.ts';
import { allSeriesPipeline, FORECAST_INPUTS, pipelineOf } from './pipeline.ts';
import type { TrainedModel } from './trainedModel.ts';

/** Digits of the numbers that stand in a field at first: as many as the model reads. */
const DIGITS = 8;

/**
 * One HTML file that runs a model. Where it has learnt several series, one is chosen from a list.
 * @param leavesOut whether the last values of the series are left out, which else are there to go
 *   on from
 * @throws {Error} in a person's words, where the model reads what only the page can prepare
 */
export async function modelPage(trained: TrainedModel, leavesOut: boolean): Promise<string> {
  const { notes, run, trainedOn, score } = trained;
  const verdict = score ? verdictOf(score, courseOf(run), THINGS[notes.task].plural).sentence : '';
  const title = run?.name ?? trainedOn;
  if (notes.task !== 'forecast') {
    const how = notes.task === 'tagWords' ? 'Write words and signs with spaces between them. ' : '';
    const classNames = 'classes' in notes && { classNames: notes.classes };
    return modelToHTML(pipelineFor(trained), { title, description: `${how}${verdict}`, ...classNames });
  }
  const isOfAll = hasSeveral(notes);
  return modelToHTML(isOfAll ? allSeriesPipeline(trained.model, notes) : pipelineFor(trained), {
    title: `${title}${notes.key && !isOfAll ? ` (${notes.key.value})` : ''}`,
    description: `${isOfAll ? 'Choose a series, and give' : 'Give'} its last values: it goes on from there. ${verdict}`,
    inputs: forecastInputs(notes, leavesOut),
  });
}

/** Whether a model has learnt several series. */
export function hasSeveral({ others = [] }: ForecastNotes): boolean {
  return others.length > 0;
}

/** @throws {Error} in a person's words, where the model reads what only this page can prepare */
export function pipelineFor({ model, notes }: TrainedModel): Model {
  const pipeline = pipelineOf(model, notes);
  if (pipeline) return pipeline;
  throw new Error('only this page reads words and characters mixed. Choose words or characters alone, train again, and save that model');
}

/** What is said of the fields of a forecaster, and what stands in them at first. */
function forecastInputs(notes: ForecastNotes, leavesOut: boolean): Record<string, HTMLInput> {
  const { inputs = [], name, horizon } = notes;
  const steps = firstStart(notes);
  const ahead = aheadOf(notes).map((input) => input.name);
  const all = seriesNames(notes).map((_, place) => seriesAt(notes, place));
  const held = leavesOut || notes.series.length === 0 ? [] : all;
  return {
    [FORECAST_INPUTS.rows]: {
      label:
        inputs.length === 0
          ? `The last ${steps} values of ${name}`
          : `The last ${steps} rows of ${[name, ...inputs.map((input) => input.name)].join(', ')}`,
      ...(held.length > 0 && { examples: held.map((own) => rowsText(lastRows(own, steps))) }),
    },
    ...(ahead.length > 0 && {
      [FORECAST_INPUTS.next]: {
        label: `What is known ahead: the next ${horizon} ${ahead.length === 1 ? 'values' : 'rows'} of ${ahead.join(', ')}`,
        ...(held.length > 0 && { examples: held.map((own) => rowsText(nextRows(own))) }),
      },
    }),
    ...(hasSeveral(notes) && {
      [FORECAST_INPUTS.series]: { label: notes.key?.column ?? 'series', choices: seriesNames(notes) },
    }),
  };
}

function lastRows({ series, inputs = [] }: ForecastNotes, steps: number): number[][] {
  return Array.from({ length: steps }, (_, index) => {
    const step = series.length - steps + index;
    return [series, ...inputs.map(({ values }) => values)].map((values) => values[step] as number);
  });
}

/** What is known of the steps to come, as far as it is known. */
function nextRows(notes: ForecastNotes): number[][] {
  const known = aheadOf(notes).map(({ values }) => values.slice(notes.series.length, notes.series.length + notes.horizon));
  const steps = known.reduce((least, { length }) => Math.min(least, length), notes.horizon);
  return Array.from({ length: steps }, (_, step) => known.map((values) => values[step] as number));
}

/** Rows as the page of a model takes them: single numbers beside each other. */
function rowsText(rows: readonly (readonly number[])[]): string {
  const texts = rows.map((row) => row.map((value) => String(Number(value.toPrecision(DIGITS)))).join(' '));
  return texts.join(rows[0]?.length === 1 ? ' ' : '\n');
}
