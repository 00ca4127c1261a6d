import { Adam, Dense, forecastErrors, Input, Masking, type Model, Normalization, Reshape, Sequential, type Tensor } from '../../node.ts';
import { categoryPlaces } from './features.ts';
import { findSeries } from './findSeries.ts';
import { recurrentLayers } from './recurrentLayers.ts';
import { inUnitsOfData } from './restoreScale.ts';
import { readSeries, type SeriesForm } from './seriesSamples.ts';
import { normalizationOf, padded, takesRows } from './seriesTensors.ts';
import { splitRows } from './split.ts';
import type { Evaluation, Task } from './task.ts';

interface Saved {
  readonly form: SeriesForm;
  readonly means: readonly number[];
  /** The mean of the training targets, which the baseline answers. */
  readonly usual: number;
}

/** @param usual what the baseline always answers */
async function evaluateNumbers(model: Model, x: Tensor, y: ArrayLike<number>, usual: number): Promise<Evaluation> {
  const truth = Float64Array.from(y);
  const predicted = Float64Array.from((await model.predict(x)).data);
  const { mae, rmse } = forecastErrors(truth, predicted);
  const baseline = forecastErrors(
    truth,
    truth.map(() => usual),
  ).mae;
  return {
    score: { name: 'mae', value: mae, baseline, baselineRule: `always the mean, ${usual.toPrecision(4)}`, isHigherBetter: false },
    scores: { mae, rmse, baselineMae: baseline },
    text: '',
  };
}

/** Learns a number of a series, or of a row of features. */
export const regress: Task = {
  defaults: { units: 32, dropout: 0, learningRate: 0.003, epochs: 100, patience: 15, bidirectional: false },

  async prepare(file, settings) {
    const { form, columns, samples, choice, decimal, leftOut } = await findSeries(file, settings, 'number');
    const { channels, sequences } = samples;
    const areRows = form.kind === 'features';
    const targets = samples.numbers as Float64Array;
    const split = splitRows(sequences.length, settings);
    const chosen = (rows: readonly number[]) => rows.map((row) => sequences[row] as Float64Array);
    const numbers = (rows: readonly number[]) => Float64Array.from(rows, (row) => targets[row] as number);
    const normalization = normalizationOf(chosen(split.train), channels, form.kind === 'features' ? categoryPlaces(form) : undefined);
    const means = normalization.mean as readonly number[];
    const scale = new Normalization();
    scale.adapt({ shape: [split.train.length, 1], data: numbers(split.train) });
    const part = (rows: readonly number[]) =>
      [padded(chosen(rows), channels, means, areRows), scale.call({ shape: [rows.length, 1], data: numbers(rows) })] as const;
    const [train, validation] = [part(split.train), part(split.validation)];
    const model = new Sequential([
      Input({ shape: areRows ? [channels] : [null, channels] }),
      normalization,
      ...(areRows ? [new Reshape([1, channels])] : []),
      ...(new Set(sequences.map(({ length }) => length)).size > 1 ? [new Masking()] : []),
      ...recurrentLayers(settings, false),
      new Dense(1),
    ]);
    const pipeline = inUnitsOfData(model, scale);
    model.compile({ optimizer: new Adam({ learningRate: settings.learningRate, clipnorm: 1 }), loss: 'meanSquaredError' });
    const saved: Saved = { form, means, usual: scale.mean?.[0] as number };
    return {
      columns,
      choice: `${choice}; target ${form.kind === 'ts' ? 'of the file' : `'${form.target}'`}`,
      ...(decimal && { decimal }),
      leftOut,
      unit: form.kind === 'features' ? 'rows' : 'series',
      train,
      validation,
      model,
      pipeline,
      metadata: async () => ({ ...saved }),
      evaluate: () => evaluateNumbers(pipeline, validation[0], numbers(split.validation), saved.usual),
      next: `predict NEW${form.kind === 'ts' ? '.ts' : '.csv'} --out ANSWERS.csv`,
    };
  },

  async evaluate(model, file, flags) {
    const { form, means, usual } = model.metadata as unknown as Saved;
    const { sequences, channels, numbers } = await readSeries(file, form, flags, 'number');
    return evaluateNumbers(model, padded(sequences, channels, means, takesRows(model)), numbers as Float64Array, usual);
  },

  async predict(model, file, flags) {
    const { form, means } = model.metadata as unknown as Saved;
    const { sequences, channels, given, format } = await readSeries(file, form, flags, null);
    const { data } = await model.predict(padded(sequences, channels, means, takesRows(model)));
    const predicted = Array.from(data as Float32Array, (value) => Number(value.toPrecision(7)));
    return { columns: new Map([...given, ['predicted', predicted]]), format };
  },
};
