import {
  ArgumentError,
  type ColumnDescription,
  DataError,
  EarlyStopping,
  type Logs,
  type Model,
  modelToBytes,
  setRandomSeed,
} from '../node.ts';
import { Interrupted, interruptible } from './interruption.ts';
import type { CommandReport } from './report.ts';
import { givenReading } from './table.ts';
import { refuseUnreadFlags } from './taskFlags.ts';
import type { TrainFlags, TrainSettings } from './tasks/task.ts';
import { TASKS } from './tasks/tasks.ts';
import { verdictOf } from './verdict.ts';
import { fileAt, requireWritable } from './writable.ts';

/** `backtime train`: reads, splits, trains, measures and saves. */
export async function train(file: string, flags: TrainFlags, report: CommandReport): Promise<void> {
  refuseUnreadFlags(flags, flags.task, null);
  if (!/\.(safetensors|keras)$/.test(flags.model))
    throw new ArgumentError(`--model must end in .safetensors or .keras, got '${flags.model}'`);
  // Before the hours of training, not after them.
  await requireWritable(flags.model);
  setRandomSeed(flags.seed);
  const task = TASKS[flags.task];
  const settings: TrainSettings = { ...task.defaults, ...flags };
  const prepared = await task.prepare(file, settings);
  const { columns, choice, unit, model, pipeline } = prepared;
  // Refused before training, too, when the format cannot hold it.
  if (flags.model.endsWith('.keras')) await modelToBytes(pipeline, { format: 'keras' });
  const [trained, held] = [prepared.train, prepared.validation].map(([, y]) => y.shape[0] as number) as [number, number];
  if (columns.length > 0) report.tell('columns', { columns }, columnsText(columns));
  report.tell('task', { task: flags.task, choice }, `${flags.task}: ${choice}`);
  const { length } = pipeline.getWeights();
  const sizes = { train: trained, validation: held, unit, parameters: model.countParams(), weights: length };
  report.tell('split', sizes, `${trained} ${unit} to train on, ${held} to validate on; ${sizes.parameters} parameters`);

  const { epochs, patience, batchSize, workers } = settings;
  const stopping = new EarlyStopping({ monitor: 'valLoss', restoreBestWeights: true, patience: patience === 0 ? epochs : patience });
  const onEpochEnd = (epoch: number, logs: Logs) => report.tell('epoch', { epoch: epoch + 1, ...logs }, '');
  const interruption = await interruptible((signal) =>
    model.fit(prepared.train[0], prepared.train[1], {
      epochs,
      batchSize,
      workers,
      signal,
      validationData: [prepared.validation[0], prepared.validation[1]],
      callbacks: [...(report.json ? [{ onEpochEnd }] : []), endWhenDiverged, stopping],
      verbose: report.json || report.quiet ? 0 : 'auto',
    }),
  );
  const { bestEpoch } = stopping;
  if (!pipeline.getWeights().every(({ data }) => data.every(Number.isFinite)))
    throw new DataError(
      `training diverged: the loss is not finite any more, and nothing was saved: a lower --learning-rate than ${settings.learningRate} may help`,
    );
  if (interruption && bestEpoch === null && (await fileAt(flags.model)))
    throw new Interrupted(interruption, ` before the first epoch had ended: ${flags.model} is still the file from before`);
  const { decimal } = prepared;
  const reading = { ...givenReading(flags), ...(decimal && { decimal }) };
  const metadata = { task: flags.task, ...(await prepared.metadata()), reading };
  const replaced = (await fileAt(flags.model)) !== null;
  await pipeline.save(flags.model, { includeOptimizer: false, metadata });
  if (interruption) {
    const which = bestEpoch === null ? 'the last batch' : `epoch ${bestEpoch + 1}, the best`;
    throw new Interrupted(interruption, `: ${flags.model} has the weights of ${which}`);
  }
  const { score, scores, text } = await prepared.evaluate();
  if (text !== '') report.tell('report', { text }, text);
  const best = (bestEpoch ?? 0) + 1;
  const verdict = verdictOf(score);
  const left = prepared.leftOut ?? [];
  report.tell(
    'result',
    {
      ...scores,
      baseline: score.baselineRule,
      bestEpoch: best,
      model: flags.model,
      replaced,
      verdict,
      ...(left.length > 0 && { leftOut: left }),
    },
    [
      `validation ${score.name} ${format(score.value)} after epoch ${best}; baseline (${score.baselineRule}) ${format(score.baseline)}`,
      verdict,
      ...(left.length > 0 ? [`The model does not read ${left.join(', ')}.`] : []),
      ...(best === epochs && score.value !== (score.isHigherBetter ? 1 : 0)
        ? ['The last epoch was the best: more --epochs may help.']
        : []),
      `saved as ${flags.model}${replaced ? ', in the place of the file that was there' : ''}. Next:`,
      `  npx backtime ${prepared.next}${flags.model === 'model.safetensors' ? '' : ` --model ${flags.model}`}`,
    ].join('\n'),
  );
}

/** Ends a run whose loss is not finite any more: further epochs change nothing. */
const endWhenDiverged = {
  onEpochEnd(_epoch: number, { loss }: Logs, model: Pick<Model, 'stopTraining'>) {
    if (!Number.isFinite(loss)) model.stopTraining = true;
  },
};

const format = (value: number) => (value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(2) : value.toPrecision(4));

function columnsText(columns: readonly ColumnDescription[]): string {
  const shown = columns.slice(0, 12).map(({ name, kind, reason, missing }) => {
    const gaps = missing > 0 ? `; ${missing} missing` : '';
    return `  ${name}: ${kind} (${reason}${gaps})`;
  });
  return ['columns:', ...shown, ...(columns.length > 12 ? [`  and ${columns.length - 12} more`] : [])].join('\n');
}
