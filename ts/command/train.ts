import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ArgumentError, type ColumnDescription, EarlyStopping, FileError, type Logs, setRandomSeed } from '../node.ts';
import { interruptible } from './interruption.ts';
import { type CommandReport, Interrupted } from './report.ts';
import type { Score, TrainFlags, TrainSettings } from './tasks/task.ts';
import { TASKS } from './tasks/tasks.ts';

/** `backtime train`: reads, splits, trains, measures and saves. */
export async function train(file: string, flags: TrainFlags, report: CommandReport): Promise<void> {
  if (!flags.model.endsWith('.safetensors')) throw new ArgumentError(`--model must end in .safetensors, got '${flags.model}'`);
  // Before the hours of training, not after them.
  await requireWritable(flags.model);
  setRandomSeed(flags.seed);
  const task = TASKS[flags.task];
  const settings: TrainSettings = { ...task.defaults, ...flags };
  const prepared = await task.prepare(file, settings);
  const { columns, choice, unit, model, pipeline } = prepared;
  const [trained, held] = [prepared.train, prepared.validation].map(([, y]) => y.shape[0] as number) as [number, number];
  if (columns.length > 0) report.tell('columns', { columns }, columnsText(columns));
  report.tell('task', { task: flags.task, choice }, `${flags.task}: ${choice}`);
  const { length } = pipeline.getWeights();
  const sizes = { train: trained, validation: held, unit, parameters: model.countParams(), weights: length };
  report.tell('split', sizes, `${trained} ${unit} to train on, ${held} to validate on; ${sizes.parameters} parameters`);

  const { epochs, patience, batchSize, workers } = settings;
  const stopping = new EarlyStopping({ monitor: 'valLoss', restoreBestWeights: true, patience: patience === 0 ? epochs : patience });
  const onEpochEnd = (epoch: number, logs: Logs) => report.tell('epoch', { epoch: epoch + 1, ...logs }, '');
  const wasInterrupted = await interruptible(async (signal) => {
    try {
      await model.fit(prepared.train[0], prepared.train[1], {
        epochs,
        batchSize,
        workers,
        signal,
        validationData: [prepared.validation[0], prepared.validation[1]],
        callbacks: [...(report.json ? [{ onEpochEnd }] : []), stopping],
        verbose: report.json || report.quiet ? 0 : 'auto',
      });
      return false;
    } catch (error) {
      if (signal.aborted) return true;
      throw error;
    }
  });
  const metadata = { task: flags.task, ...(await prepared.metadata()) };
  await pipeline.save(flags.model, { includeOptimizer: false, metadata });
  if (wasInterrupted) {
    const which = stopping.bestEpoch === null ? 'its last batch' : `epoch ${stopping.bestEpoch + 1}, the best`;
    throw new Interrupted(`interrupted; ${flags.model} has the weights of ${which}`);
  }
  const { score, scores, text } = await prepared.evaluate();
  if (text !== '') report.tell('report', { text }, text);
  const bestEpoch = (stopping.bestEpoch ?? 0) + 1;
  report.tell(
    'result',
    { ...scores, bestEpoch, model: flags.model, verdict: verdictOf(score) },
    [
      `validation ${score.name} ${format(score.value)} after epoch ${bestEpoch}; baseline (${score.baselineRule}) ${format(score.baseline)}`,
      verdictOf(score),
      `saved as ${flags.model}. Next:`,
      `  npx backtime ${prepared.next}${flags.model === 'model.safetensors' ? '' : ` --model ${flags.model}`}`,
    ].join('\n'),
  );
}

const format = (value: number) => (value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(2) : value.toPrecision(4));

/** @throws {FileError} when a file cannot be written in its folder */
export async function requireWritable(file: string): Promise<void> {
  try {
    await access(dirname(file), constants.W_OK);
  } catch (cause) {
    throw new FileError(`cannot write ${file}: its folder does not exist or may not be written`, { cause });
  }
  if (
    await stat(file).then(
      (found) => found.isDirectory(),
      () => false,
    )
  )
    throw new FileError(`cannot write ${file}: it is a folder`);
}

function columnsText(columns: readonly ColumnDescription[]): string {
  const shown = columns.slice(0, 12).map(({ name, kind, reason, missing }) => {
    const gaps = missing > 0 ? `; ${missing} missing` : '';
    return `  ${name}: ${kind} (${reason}${gaps})`;
  });
  return ['columns:', ...shown, ...(columns.length > 12 ? [`  and ${columns.length - 12} more`] : [])].join('\n');
}

/** What a score is worth beside its baseline, in a sentence. */
export function verdictOf({ value, baseline, isHigherBetter }: Score): string {
  const [error, usual] = isHigherBetter ? [1 - value, 1 - baseline] : [value, baseline];
  const saved = usual > 0 ? 1 - error / usual : 0;
  const percent = Math.round(100 * saved);
  if (saved < 0) return 'The model is worse than the baseline: more data, other columns or another --learning-rate may help.';
  if (saved < 0.05) return 'The model is no better than the baseline: it has learned next to nothing from these data.';
  if (saved < 0.3) return `The model is somewhat better than the baseline: it makes ${percent} % less error.`;
  return `The model is clearly better than the baseline: it makes ${percent} % less error.`;
}
