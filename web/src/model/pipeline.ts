import {
  Add,
  Concatenate,
  Cropping1D,
  GlobalAveragePooling1D,
  Input,
  Model,
  Normalization,
  ops,
  RepeatVector,
  Rescaling,
  Reshape,
  type Sequential,
  Subtract,
  type SymbolicTensor,
} from 'backtime';
import { type ForecastNotes, firstStart } from '../tasks/forecast.ts';
import type { NumberNotes } from '../tasks/predictNumber.ts';
import { levelSpan } from '../tasks/season.ts';
import type { SeriesInput } from '../tasks/seriesInput.ts';
import type { TaskNotes } from '../tasks/taskNotes.ts';
import { type TextInput, vectorizationOf } from '../tasks/textInput.ts';

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
  if (units === 'mixed') return null;
  const text = Input({ shape: [], dtype: 'string' });
  const ids = vectorizationOf({ vocabulary }, units).apply(text) as SymbolicTensor;
  return new Model({ inputs: text, outputs: through(model, ids) });
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

/**
 * `[steps, 1 + inputs]` in the units of the columns to `[horizon, 1]`; what encodeWindows and
 * forecastFrom do.
 */
function forecastPipeline(model: Sequential, notes: ForecastNotes): Model {
  const { window, horizon, season, scale, inputScale, inputs = [] } = notes;
  const length = firstStart(notes);
  const all = Input({ shape: [length, 1 + inputs.length] });
  const input = inputs.length === 0 ? all : ops.slice(all, [0, 0, 0], [-1, -1, 1]);
  const crop = (value: SymbolicTensor, first: number, last: number) => new Cropping1D([first, last]).apply(value) as SymbolicTensor;
  const flat = season === 1 ? input : (new Subtract().apply([crop(input, season, 0), crop(input, 0, season)]) as SymbolicTensor);
  const steps = season === 1 ? length : length - season;
  const level = new GlobalAveragePooling1D().apply(crop(flat, steps - levelSpan(season), 0)) as SymbolicTensor;
  const repeat = (value: SymbolicTensor, times: number) => new RepeatVector(times).apply(value) as SymbolicTensor;
  const relative = new Subtract().apply([crop(flat, steps - window, 0), repeat(level, window)]) as SymbolicTensor;
  const own = new Rescaling(1 / inputScale).apply(relative) as SymbolicTensor;
  const changes = through(model, inputs.length === 0 ? own : (new Concatenate().apply([own, beside()]) as SymbolicTensor));
  const inUnit = new Reshape([horizon, 1]).apply(new Rescaling(scale).apply(changes) as SymbolicTensor) as SymbolicTensor;
  const blocks = Array.from({ length: season === 1 ? 1 : Math.ceil(horizon / season) }, (_, index) => {
    if (season === 1) return repeat(level, horizon);
    const size = Math.min(season, horizon - index * season);
    const moved = repeat(new Rescaling(index + 1).apply(level) as SymbolicTensor, size);
    return new Add().apply([crop(input, length - season, season - size), moved]) as SymbolicTensor;
  });
  const reference = blocks.length === 1 ? blocks[0] : (new Concatenate({ axis: 1 }).apply(blocks) as SymbolicTensor);
  return new Model({ inputs: all, outputs: new Add().apply([reference, inUnit]) as SymbolicTensor });

  /** What is read beside the series, in the last steps. */
  function beside(): SymbolicTensor {
    const scaled = inputs.map(({ mean, deviation }, place) => {
      const last = ops.slice(all, [0, length - window, place + 1], [-1, window, 1]);
      return new Rescaling(1 / deviation, -mean / deviation).apply(last) as SymbolicTensor;
    });
    return scaled.length === 1 ? (scaled[0] as SymbolicTensor) : (new Concatenate().apply(scaled) as SymbolicTensor);
  }
}
