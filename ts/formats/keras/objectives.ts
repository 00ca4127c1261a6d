import { describe } from '../../core/describe.ts';
import { FormatError } from '../../core/errors.ts';
import type { OwnConfig } from '../../objective/loss.ts';
import { isLossName, type LossState } from '../../objective/lossRegistry.ts';
import type { MetricState } from '../../objective/metrics.ts';
import { isKerasObject, kerasObject, type Plain } from './kerasObject.ts';
import { camelCase, lowerFirst, snakeName, snakeOption, upperFirst } from './names.ts';

// Losses and metrics, from Keras's form to Backtime's and back.

/** Options that Backtime does not have, with the values that change nothing. */
const FIXED: Readonly<Record<string, readonly unknown[]>> = {
  reduction: ['sum_over_batch_size', 'auto', 'mean', null],
  axis: [-1, null],
  sparse_y_true: [true],
  sparse_y_pred: [true],
  num_labels: [null],
  num_regressors: [0],
  label_weights: [null],
  fn: [undefined],
};

/** Classes that Backtime has under another name. */
const NAMES: Readonly<Record<string, string>> = {
  kLDivergence: 'klDivergence',
  kullbackLeiblerDivergence: 'klDivergence',
  logCoshError: 'logCosh',
  logcosh: 'logCosh',
  cTC: 'ctc',
};

/** Names of Backtime that Keras's `keras.losses` has not. */
const CLASS_NAMES: Readonly<Record<string, string>> = { klDivergence: 'KLDivergence', ctc: 'CTC' };

/** A name of Keras, of a function or a class, as Backtime's. */
function ownName(name: string): string {
  const own = /_|^[a-z]/.test(name) ? camelCase(name) : lowerFirst(name);
  return NAMES[own] ?? own;
}

/** The name of a function that is saved as an object; null for anything else. */
function functionName({ className, whole }: ReturnType<typeof kerasObject>): string | null {
  return className === 'function' && typeof whole.config === 'string' ? whole.config : null;
}

/** The object of a loss or a metric; that of a function has its name as its configuration. */
function objectOf(value: unknown, where: string): ReturnType<typeof kerasObject> {
  const isFunction = isKerasObject(value) && value.class_name === 'function';
  const object = kerasObject(isFunction ? { ...value, config: {} } : value, where);
  return isFunction ? { ...object, whole: value as Plain } : object;
}

/** Reads a loss. @throws {FormatError} naming an option that Backtime does not have */
export function readLoss(value: unknown, where: string): LossState & { readonly fromLogits: boolean } {
  if (typeof value === 'string') return { loss: value.includes('>') ? value : ownName(value), fromLogits: false };
  const object = objectOf(value, where);
  const { className, registeredName, config } = object;
  const called = functionName(object);
  if (called !== null) return readLoss(registeredName ?? called, where);
  const lossConfig = configOf(config, `${where} (${className})`);
  // The name of a loss is not visible: the history has the loss as `loss`.
  delete lossConfig.name;
  const fromLogits = lossConfig.fromLogits === true;
  if (registeredName) return { loss: registeredName, lossConfig, fromLogits };
  const name = ownName(className);
  // Losses without options have a name; those with options have a class.
  const bare = Object.keys(lossConfig).length === 0;
  if (isLossName(name) && (bare || KERNEL.includes(name))) return { loss: name, ...(bare ? {} : { lossConfig }), fromLogits };
  return { loss: className, lossConfig, fromLogits };
}

/** The losses whose options are part of them under their name. */
const KERNEL: readonly string[] = ['binaryCrossentropy', 'categoricalCrossentropy', 'sparseCategoricalCrossentropy'];

/** Reads a metric. @throws {FormatError} naming an option that Backtime does not have */
export function readMetric(value: unknown, where: string): MetricState {
  if (typeof value === 'string') {
    if (value.includes('>')) return value;
    const name = ownName(value);
    return isLossName(name) || METRICS.includes(name) ? name : { className: upperFirst(value.includes('_') ? name : value), config: {} };
  }
  const object = objectOf(value, where);
  const { className, registeredName, config } = object;
  const called = functionName(object);
  if (called !== null) return readMetric(registeredName ?? called, where);
  if (className === 'MeanMetricWrapper' && config.fn !== undefined) return readMetric(config.fn, `${where}: fn`);
  const options = configOf(config, `${where} (${className})`);
  if (registeredName) return { className: registeredName, config: options };
  if (className === 'CosineSimilarity')
    throw new FormatError(`${where} is the metric CosineSimilarity, but Backtime has only the loss of this name, which has the other sign`);
  const name = ownName(className);
  const { name: given, ...own } = options;
  const isPlain = Object.keys(own).length === 0 || (name === 'binaryAccuracy' && own.threshold === 0.5);
  if (METRICS.includes(name) && isPlain) return name;
  if (isLossName(name)) return KERNEL.includes(name) && !isPlain ? { className: name, config: own } : name;
  // A name that differs from the default is the user's.
  const plainName = typeof given === 'string' ? given.replace(/_\d+$/, '') : null;
  return {
    className,
    config: plainName === null || plainName === snakeName(className) ? own : { ...own, name: camelCase(given as string) },
  };
}

/** The metrics that have a name and are no losses. */
const METRICS: readonly string[] = [
  'accuracy',
  'acc',
  'binaryAccuracy',
  'categoricalAccuracy',
  'sparseCategoricalAccuracy',
  'rootMeanSquaredError',
];

/** A configuration in camelCase, without what is as Backtime computes anyway. */
function configOf(config: Plain, where: string): Record<string, OwnConfig[string]> {
  const made: Record<string, OwnConfig[string]> = {};
  for (const [option, value] of Object.entries(config)) {
    if (option === '__proto__') throw new FormatError(`${where} has an option '__proto__'`);
    // The type in which numbers are added up; Keras 2 also says the function of the class.
    if (option === 'dtype' || (option === 'fn' && typeof value === 'string')) continue;
    const fixed = Object.hasOwn(FIXED, option) ? FIXED[option] : undefined;
    if (fixed?.includes(value)) continue;
    if (fixed)
      throw new FormatError(
        `${where} has ${option}: ${describe(value)}, but Backtime has no such option: it computes as with ${JSON.stringify(fixed[0])}`,
      );
    if (value === null || (option === 'label_smoothing' && value === 0)) continue;
    made[camelCase(option)] = (NAMED.includes(option) && typeof value === 'string' ? camelCase(value) : value) as OwnConfig[string];
  }
  return made;
}

/** Options whose values are names in snake_case. */
const NAMED: readonly string[] = ['average', 'summation_method', 'class_aggregation'];

/** Writes a loss. */
export function writeLoss({
  loss,
  fromLogits,
  lossConfig = fromLogits ? { fromLogits } : {},
}: LossState & { readonly fromLogits: boolean }): unknown {
  if (loss.includes('>')) return objectFor('keras.losses', loss, lossConfig);
  const className = CLASS_NAMES[loss] ?? upperFirst(loss);
  return objectFor('keras.losses', className, lossConfig);
}

/** Writes a metric. */
export function writeMetric(metric: MetricState): unknown {
  if (typeof metric === 'string') return metric.includes('>') || !/[A-Z]/.test(metric) ? metric : snakeOption(metric);
  const { className, config } = metric;
  return objectFor('keras.metrics', CLASS_NAMES[className] ?? upperFirst(className), config);
}

function objectFor(module: string, className: string, config: OwnConfig): Plain {
  const isOwn = className.includes('>');
  const written = Object.entries(config).map(([key, value]) => [
    snakeOption(key),
    NAMED.includes(snakeOption(key)) && typeof value === 'string' ? snakeOption(value) : value,
  ]);
  return {
    module: isOwn ? null : module,
    class_name: isOwn ? className.split('>')[1] : className,
    config: Object.fromEntries(written),
    registered_name: isOwn ? className : null,
  };
}
