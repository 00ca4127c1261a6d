import { describe } from '../../core/describe.ts';
import { FormatError } from '../../core/errors.ts';
import { warn } from '../../core/warnings.ts';
import type { CompileState, OutputState } from '../../model/modelState.ts';
import { isKerasObject, isPlain, type Plain } from './kerasObject.ts';
import { readLoss, readMetric, writeLoss, writeMetric } from './objectives.ts';
import { type DescribedOptimizer, readOptimizer, writeOptimizer } from './optimizers.ts';

/** How a model is compiled, without what training has kept. */
export type CompileOptionsState = Omit<CompileState, 'trainable' | 'iteration' | 'epochsDone' | 'slots' | 'optimizer'> & {
  readonly optimizer: DescribedOptimizer;
};

/**
 * Reads `compile_config`, or the `training_config` of Keras 2.
 * @param names the names of the outputs, in their order
 * @returns null for a model that is not compiled
 * @throws {FormatError} naming what Backtime does not have
 */
export function readCompileConfig(value: unknown, names: readonly string[]): CompileOptionsState | null {
  if (!isPlain(value)) return null;
  const { optimizer = value.optimizer_config, loss, loss_weights: weights, metrics, weighted_metrics: weighted } = value;
  if (optimizer === undefined || optimizer === null) return null;
  if (loss === undefined || loss === null) {
    warn('NO_LOSS', 'The file has an optimizer and no loss, which Backtime cannot be compiled with: compile the model to train it.', value);
    return null;
  }
  const losses = ofOutputs(loss, names, 'compile_config: loss');
  const lossWeights = ofOutputs(weights ?? null, names, 'compile_config: loss_weights');
  const [counted, weightedMetrics] = [metricsOf(metrics, names, 'metrics'), metricsOf(weighted, names, 'weighted_metrics')];
  const outputs = names.map((name, index): OutputState => {
    const where = `compile_config: loss${names.length > 1 ? ` of output ${name}` : ''}`;
    const given = losses[index];
    if (given === null || given === undefined) throw new FormatError(`${where} is missing, but Backtime needs one for each output`);
    const lossWeight = lossWeights[index] ?? 1;
    if (typeof lossWeight !== 'number')
      throw new FormatError(`compile_config: loss_weights has ${describe(lossWeight)}, expected a number`);
    return {
      ...readLoss(given, where),
      ...(lossWeight === 1 ? {} : { lossWeight }),
      metrics: (counted[index] ?? []).map((metric) => readMetric(metric, 'compile_config: metrics')),
      weightedMetrics: (weightedMetrics[index] ?? []).map((metric) => readMetric(metric, 'compile_config: weighted_metrics')),
    };
  });
  const [first, ...moreOutputs] = outputs as [OutputState, ...OutputState[]];
  return { ...first, ...(moreOutputs.length > 0 ? { moreOutputs } : {}), optimizer: readOptimizer(optimizer, 'compile_config: optimizer') };
}

/** An option for each output: one for all, an array, or an object by their names. */
function ofOutputs(value: unknown, names: readonly string[], where: string): readonly unknown[] {
  if (Array.isArray(value)) {
    if (value.length !== names.length) throw new FormatError(`${where} has ${value.length} elements for ${names.length} outputs`);
    return value;
  }
  if (!isPlain(value) || isKerasObject(value)) return names.map(() => value);
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new FormatError(`${where} has ${describe(unknown)}, expected one of the outputs ${names.join(', ')}`);
  return names.map((name) => (Object.hasOwn(value, name) ? value[name] : undefined));
}

/** The metrics of each output. */
function metricsOf(value: unknown, names: readonly string[], option: string): readonly (readonly unknown[])[] {
  const isForEach = names.length > 1 && Array.isArray(value) && value.length === names.length;
  const isNested = Array.isArray(value) && value.length === names.length && value.every((each) => Array.isArray(each) || each === null);
  const listed = isPlain(value) || isForEach || isNested ? ofOutputs(value, names, `compile_config: ${option}`) : names.map(() => value);
  return listed.map((metrics) => (metrics === null || metrics === undefined ? [] : Array.isArray(metrics) ? metrics : [metrics]));
}

/** Writes `compile_config`. @throws {ArgumentError} for what Keras does not store */
export function writeCompileConfig({ moreOutputs = [], optimizer, ...first }: CompileState): Plain {
  const outputs = [first, ...moreOutputs];
  const several = outputs.length > 1;
  const weights = outputs.map(({ lossWeight = 1 }) => lossWeight);
  const lists = (of: (output: OutputState) => readonly unknown[]) => {
    const written = outputs.map((output) => of(output));
    if (written.every(({ length }) => length === 0)) return null;
    return several ? written : written[0];
  };
  return {
    optimizer: writeOptimizer(optimizer),
    loss: several ? outputs.map(writeLoss) : writeLoss(first),
    loss_weights: weights.every((weight) => weight === 1) ? null : several ? weights : weights[0],
    metrics: lists(({ metrics }) => metrics.map(writeMetric)),
    weighted_metrics: lists(({ weightedMetrics = [] }) => weightedMetrics.map(writeMetric)),
    run_eagerly: false,
    steps_per_execution: 1,
    jit_compile: 'auto',
  };
}
