import { Adam, DataError, Dense, Input, Masking, Reshape, Sequential, type Tensor } from '../../node.ts';
import { evaluateClasses, mostFrequent, mostProbable } from './classes.ts';
import { categoryPlaces } from './features.ts';
import { findSeries } from './findSeries.ts';
import { recurrentLayers } from './recurrentLayers.ts';
import { readSeries, type SeriesForm, seriesLabels } from './seriesSamples.ts';
import { normalizationOf, padded, takesRows } from './seriesTensors.ts';
import { splitRows } from './split.ts';
import type { Task } from './task.ts';

interface Saved {
  readonly form: SeriesForm;
  readonly labels: readonly string[];
  readonly usual: number;
  readonly means: readonly number[];
}

const labelTensor = (labels: ArrayLike<number>): Tensor => ({ shape: [labels.length], data: Int32Array.from(labels) });

/** Learns the class of a series, or of a row of features. */
export const classifySeries: Task = {
  defaults: { units: 32, dropout: 0.2, learningRate: 0.005, epochs: 100, patience: 15, bidirectional: false },

  async prepare(file, settings) {
    const { form, columns, samples, choice, decimal, leftOut } = await findSeries(file, settings, 'class');
    const { channels, sequences } = samples;
    const areRows = form.kind === 'features';
    const { labels, names } = seriesLabels(samples);
    if (names.length < 2 || names.length > sequences.length / 2)
      throw new DataError(
        `the target of ${file} has ${names.length} different values in ${sequences.length} ${form.kind === 'features' ? 'rows' : 'series'}, too many for classes: name another column by --target`,
      );
    const split = splitRows(sequences.length, settings, labels);
    const chosen = (rows: readonly number[]) => rows.map((row) => sequences[row] as Float64Array);
    const normalization = normalizationOf(chosen(split.train), channels, form.kind === 'features' ? categoryPlaces(form) : undefined);
    const means = normalization.mean as readonly number[];
    const part = (rows: readonly number[]) =>
      [padded(chosen(rows), channels, means, areRows), labelTensor(rows.map((row) => labels[row] as number))] as const;
    const [train, validation] = [part(split.train), part(split.validation)];
    const model = new Sequential([
      Input({ shape: areRows ? [channels] : [null, channels] }),
      normalization,
      ...(areRows ? [new Reshape([1, channels])] : []),
      ...(new Set(sequences.map(({ length }) => length)).size > 1 ? [new Masking()] : []),
      ...recurrentLayers(settings, false),
      new Dense(names.length, { activation: 'softmax' }),
    ]);
    const optimizer = new Adam({ learningRate: settings.learningRate, clipnorm: 1 });
    model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    const usual = mostFrequent(train[1].data);
    const saved: Saved = { form, labels: names, usual, means };
    return {
      columns,
      choice: `${choice}; ${names.length} classes: ${names.join(', ')}`,
      ...(decimal && { decimal }),
      leftOut,
      unit: form.kind === 'features' ? 'rows' : 'series',
      train,
      validation,
      model,
      pipeline: model,
      metadata: async () => ({ ...saved }),
      evaluate: () => evaluateClasses(model, validation, names, usual),
      next: `predict NEW${form.kind === 'ts' ? '.ts' : '.csv'} --out ANSWERS.csv`,
    };
  },

  async evaluate(model, file, flags) {
    const { form, labels, usual, means } = model.metadata as unknown as Saved;
    const samples = await readSeries(file, form, flags, 'class');
    const y = labelTensor(seriesLabels(samples, labels).labels);
    return evaluateClasses(model, [padded(samples.sequences, samples.channels, means, takesRows(model)), y], labels, usual);
  },

  async predict(model, file, flags) {
    const { form, labels, means } = model.metadata as unknown as Saved;
    const { sequences, channels, given, format } = await readSeries(file, form, flags, null);
    const answers = mostProbable(await model.predict(padded(sequences, channels, means, takesRows(model))), labels);
    return { columns: new Map([...given, ...answers]), format };
  },
};
