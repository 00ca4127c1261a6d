import {
  Add,
  Concatenate,
  Cropping1D,
  Embedding,
  GlobalAveragePooling1D,
  Input,
  Model,
  Multiply,
  Normalization,
  ops,
  RepeatVector,
  Rescaling,
  Reshape,
  type Sequential,
  Subtract,
  type SymbolicTensor,
  type TextVectorization,
} from 'backtime';
import { aheadOf, type ForecastInput, type ForecastNotes, firstStart, seriesAt, seriesNames } from '../tasks/forecast.ts';
import type { NumberNotes } from '../tasks/predictNumber.ts';
import { levelSpan } from '../tasks/season.ts';
import type { SeriesInput } from '../tasks/seriesInput.ts';
import type { TaskNotes } from '../tasks/taskNotes.ts';
import { type TextInput, vectorizationOf } from '../tasks/textInput.ts';
import { wordLayer } from '../tasks/wordInput.ts';

/**
 * A model that takes data as people have it and answers in its unit: texts, or numbers as they were
 * measured. It shares layers and weights with the one that was trained.
 * @returns null where there is none: a writer answers character by character, and no layer that is
 *   saved splits texts into words and characters
 */
export function pipelineOf(model: Sequential, notes: TaskNotes): Model | null {
  switch (notes.task) {
    case 'classifyText':
      return textPipeline(model, notes);
    case 'tagWords':
      return idsPipeline(model, wordLayer(notes));
    case 'predictNumber':
      return numberPipeline(model, notes);
    case 'classifySeries':
      return seriesPipeline(model, notes);
    case 'forecast':
      return forecastPipeline(model, notes);
    default:
      return null;
  }
}

function through(model: Sequential, input: SymbolicTensor): SymbolicTensor {
  return model.layers.reduce((value, layer) => layer.apply(value) as SymbolicTensor, input);
}

function textPipeline(model: Sequential, { vocabulary, units = 'words' }: TextInput): Model | null {
  return units === 'mixed' ? null : idsPipeline(model, vectorizationOf({ vocabulary }, units));
}

/** @param words turns texts into ids */
function idsPipeline(model: Sequential, words: TextVectorization): Model {
  const text = Input({ shape: [], dtype: 'string' });
  return new Model({ inputs: text, outputs: through(model, words.apply(text) as SymbolicTensor) });
}

function seriesPipeline(model: Sequential, { channels, scaling }: SeriesInput): Model {
  const numbers = Input({ shape: [null, channels.length] });
  const { means, deviations } = scaling;
  const scaled = new Normalization({ mean: [...means], variance: deviations.map((deviation) => deviation ** 2) }).apply(numbers);
  return new Model({ inputs: numbers, outputs: through(model, scaled as SymbolicTensor) });
}

/** Answers in the unit of the number. */
function numberPipeline(model: Sequential, notes: NumberNotes): Model | null {
  const pipeline = notes.from === 'text' ? textPipeline(model, notes) : seriesPipeline(model, notes);
  if (!pipeline) return null;
  const { inputs, outputs } = pipeline;
  const inUnit = new Rescaling(notes.scale, notes.mean).apply(outputs[0] as SymbolicTensor) as SymbolicTensor;
  return new Model({ inputs: inputs[0] as SymbolicTensor, outputs: inUnit });
}

/** The inputs of {@link forecastPipeline}. */
export const FORECAST_INPUTS = { series: 'series', rows: 'rows', next: 'next' } as const;

/**
 * A forecaster of all series that a model has learnt: beside the rows it takes the number of the
 * series, in whose scale these are.
 */
export function allSeriesPipeline(model: Sequential, notes: ForecastNotes): Model {
  return forecastPipeline(
    model,
    notes,
    seriesNames(notes).map((_, place) => seriesAt(notes, place)),
  );
}

/**
 * `[steps, 1 + inputs]` in the units of the columns, and where inputs are known ahead their
 * `[horizon, inputs]`, to `[horizon, 1]`; what encodeWindows and forecastFrom do.
 * @param all the notes of each series, of which one input gives the number; null for one series
 */
function forecastPipeline(model: Sequential, notes: ForecastNotes, all: readonly ForecastNotes[] | null = null): Model {
  const { window, horizon, season, scale, inputScale, inputs = [] } = notes;
  const length = firstStart(notes);
  const ahead = aheadOf(notes);
  /** Layers whose weights can be set once they are in a model. */
  const lookups: [Embedding, number[][]][] = [];
  const rows = Input({ shape: [length, 1 + inputs.length], name: FORECAST_INPUTS.rows });
  const next = ahead.length === 0 ? null : Input({ shape: [horizon, ahead.length], name: FORECAST_INPUTS.next });
  const place = all && Input({ shape: [1], name: FORECAST_INPUTS.series });
  const values = inputs.length === 0 ? rows : ops.slice(rows, [0, 0, 0], [-1, -1, 1]);
  const crop = (value: SymbolicTensor, first: number, last: number) => new Cropping1D([first, last]).apply(value) as SymbolicTensor;
  const join = (parts: readonly SymbolicTensor[], axis = -1) =>
    parts.length === 1 ? (parts[0] as SymbolicTensor) : (new Concatenate({ axis }).apply([...parts]) as SymbolicTensor);
  const flat = season === 1 ? values : (new Subtract().apply([crop(values, season, 0), crop(values, 0, season)]) as SymbolicTensor);
  const steps = season === 1 ? length : length - season;
  const level = new GlobalAveragePooling1D().apply(crop(flat, steps - levelSpan(season), 0)) as SymbolicTensor;
  const repeat = (value: SymbolicTensor, times: number) => new RepeatVector(times).apply(value) as SymbolicTensor;
  const relative = new Subtract().apply([crop(flat, steps - window, 0), repeat(level, window)]) as SymbolicTensor;
  const own = scaledBy(relative, window, 1 / inputScale, (series) => 1 / series.inputScale);
  const read = join([own, ...beside(), ...(next ? [constant(own, 0)] : [])]);
  const changes = new Reshape([horizon, 1]).apply(through(model, next ? join([read, following(next)], 1) : read)) as SymbolicTensor;
  const inUnit = scaledBy(changes, horizon, scale, (series) => series.scale);
  const blocks = Array.from({ length: season === 1 ? 1 : Math.ceil(horizon / season) }, (_, index) => {
    if (season === 1) return repeat(level, horizon);
    const size = Math.min(season, horizon - index * season);
    const moved = repeat(new Rescaling(index + 1).apply(level) as SymbolicTensor, size);
    return new Add().apply([crop(values, length - season, season - size), moved]) as SymbolicTensor;
  });
  const pipeline = new Model({
    inputs: [...(place ? [place] : []), rows, ...(next ? [next] : [])],
    outputs: new Add().apply([join(blocks, 1), inUnit]) as SymbolicTensor,
  });
  for (const [layer, factors] of lookups) layer.setWeights([factors]);
  return pipeline;

  /** What is read beside the series, in the last steps. */
  function beside(): SymbolicTensor[] {
    return inputs.map((input, column) => standardized(ops.slice(rows, [0, length - window, column + 1], [-1, window, 1]), input));
  }

  /** The steps that are forecast: what is known of them, and means for the rest. */
  function following(known: SymbolicTensor): SymbolicTensor {
    const columns = ahead.map((input, column) => standardized(ops.slice(known, [0, 0, column], [-1, horizon, 1]), input));
    const [first] = columns as [SymbolicTensor];
    const unknown = Array.from({ length: 1 + inputs.length - ahead.length }, () => constant(first, 0));
    return join([...unknown, ...columns, constant(first, 1)]);
  }

  /** Times a number, which with several series is that of the one that is chosen. */
  function scaledBy(value: SymbolicTensor, count: number, factor: number, factorOf: (series: ForecastNotes) => number): SymbolicTensor {
    if (!all || !place) return new Rescaling(factor).apply(value) as SymbolicTensor;
    const factors = new Embedding(all.length, 1);
    const chosen = new Reshape([1]).apply(factors.apply(place) as SymbolicTensor) as SymbolicTensor;
    lookups.push([factors, all.map((series) => [factorOf(series)])]);
    return new Multiply().apply([value, repeat(chosen, count)]) as SymbolicTensor;
  }
}

function standardized(value: SymbolicTensor, { mean, deviation }: ForecastInput): SymbolicTensor {
  return new Rescaling(1 / deviation, -mean / deviation).apply(value) as SymbolicTensor;
}

/** A number wherever a tensor has one. */
function constant(like: SymbolicTensor, value: number): SymbolicTensor {
  return new Rescaling(0, value).apply(like) as SymbolicTensor;
}
