import { describe } from '../../core/describe.ts';
import { ArgumentError, FormatError } from '../../core/errors.ts';
import type { FloatArray } from '../../core/numericArray.ts';
import { power } from '../../core/power.ts';
import type { OptimizerConfig } from '../../optimizers/optimizer.ts';
import { isKerasObject, kerasObject, type Plain } from './kerasObject.ts';
import { camelCase, snakeName, snakeOption } from './names.ts';

// Optimizers and their schedules, from Keras's form to Backtime's and back.

/** An optimizer as a state holds it. */
export interface DescribedOptimizer {
  readonly className: string;
  readonly config: OptimizerConfig;
}

/** Options that no result of Backtime depends on. */
const IGNORED: readonly string[] = ['name', 'jit_compile', 'is_legacy_optimizer', 'overwrite'];
/** Options of Keras that Backtime does not have, with the values that change nothing. */
const FIXED: Readonly<Record<string, readonly unknown[]>> = { loss_scale_factor: [null], decay: [0, null] };

/** Reads an optimizer. @throws {FormatError} naming an option that Backtime does not have */
export function readOptimizer(value: unknown, where: string): DescribedOptimizer {
  if (typeof value === 'string') {
    const known = Object.keys(SLOTS).find((name) => name.toLowerCase() === value.toLowerCase());
    return { className: known ?? value, config: {} };
  }
  const { className: given, registeredName, config } = kerasObject(value, where);
  // Keras 2 registers its own classes under 'Custom'.
  const isOwn = registeredName !== null && !Object.hasOwn(SLOTS, registeredName.replace(/^Custom>/, ''));
  const name = given.split('>').at(-1) as string;
  const made: Record<string, OptimizerConfig[string]> = {};
  for (const [option, setting] of Object.entries(config)) {
    const at = `${where}: ${option}`;
    if (option === '__proto__') throw new FormatError(`${where} has an option '__proto__'`);
    if (IGNORED.includes(option) || setting === null || setting === undefined) continue;
    if (Object.hasOwn(FIXED, option)) {
      if (!FIXED[option]?.includes(setting)) throw new FormatError(`${at} is ${describe(setting)}, but Backtime has no such option`);
      continue;
    }
    if (option === 'amsgrad' && setting === false) continue;
    made[camelCase(option)] = isKerasObject(setting) ? (readSchedule(setting, at) as never) : (setting as OptimizerConfig[string]);
  }
  return { className: isOwn ? registeredName : name, config: made };
}

function readSchedule(value: unknown, where: string): DescribedOptimizer {
  const { className, registeredName, config } = kerasObject(value, where);
  const options = Object.entries(config).filter(([option, setting]) => option !== 'name' && setting !== null);
  return {
    className: registeredName ?? className,
    config: Object.fromEntries(options.map(([option, set]) => [camelCase(option), set])) as never,
  };
}

/** Writes an optimizer. @throws {ArgumentError} for an option that Keras does not store */
export function writeOptimizer({ className, config }: DescribedOptimizer): Plain {
  if (config.excludeFromWeightDecay !== undefined)
    throw new ArgumentError(
      `save: a .keras file does not hold excludeFromWeightDecay of the optimizer: save with includeOptimizer: false, or as .safetensors`,
    );
  const options = Object.entries(config).map(([option, value]) => {
    const isSchedule = typeof value === 'object' && value !== null && 'className' in value;
    return [snakeOption(option), isSchedule ? written('keras.optimizers.schedules', value as DescribedOptimizer) : value];
  });
  return { ...written('keras.optimizers', { className, config: {} }), config: Object.fromEntries(options) };
}

function written(module: string, { className, config }: DescribedOptimizer): Plain {
  const isOwn = className.includes('>');
  return {
    module: isOwn ? null : module,
    class_name: isOwn ? className.split('>')[1] : className,
    config: Object.fromEntries(Object.entries(config).map(([option, value]) => [snakeOption(option), value])),
    registered_name: isOwn ? className : null,
  };
}

/**
 * The values that Keras keeps for each weight, by Backtime's names, in Keras's order: the values of
 * a group for the first weight, then those for the second, …; then the next group.
 */
export const SLOTS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  SGD: [['velocity']],
  RMSprop: [['meanSquare'], ['velocity'], ['mean']],
  Adam: [['momentum', 'velocity'], ['largestVelocity']],
  AdamW: [['momentum', 'velocity'], ['largestVelocity']],
  Adamax: [['momentum', 'largest']],
  Nadam: [['momentum', 'velocity']],
  Adagrad: [['sumOfSquares']],
  Adadelta: [['meanSquare', 'meanSquareOfSteps']],
  Lion: [['momentum']],
  Ftrl: [['sumOfSquares', 'linear']],
};

/** The values that every optimizer of Keras may keep, before its own. */
export const COMMON_SLOTS: readonly (readonly string[])[] = [['average'], ['accumulatedGradient']];

/** How many single values follow those of the weights: Nadam keeps the product of its factors. */
export function extraValues({ className }: DescribedOptimizer): number {
  return className === 'Nadam' ? 1 : 0;
}

/**
 * Makes Backtime's values of Keras's, in place, or the other way: Backtime's sums of squares begin
 * at 0, and Nadam's mean square is corrected.
 * @param updates the number of updates so far
 */
export function convertSlot(
  { className, config }: DescribedOptimizer,
  slot: string,
  values: FloatArray,
  updates: number,
  to: 'backtime' | 'keras',
): void {
  const sign = to === 'backtime' ? -1 : 1;
  if (slot === 'sumOfSquares') {
    const initial = (config.initialAccumulatorValue as number | undefined) ?? 0.1;
    // The rounding of the initial value to float32 must not make a sum negative.
    for (let index = 0; index < values.length; index++) values[index] = Math.max(0, (values[index] as number) + sign * initial);
  }
  if (className === 'Nadam' && slot === 'velocity' && updates > 0) {
    const factor = (1 - power((config.beta2 as number | undefined) ?? 0.999, updates)) ** sign;
    for (let index = 0; index < values.length; index++) values[index] = (values[index] as number) * factor;
  }
}

/** The product that Nadam of Keras keeps. */
export function nadamProduct({ config }: DescribedOptimizer, updates: number): number {
  const beta = (config.beta1 as number | undefined) ?? 0.9;
  let product = 1;
  for (let step = 1; step <= updates && product > 0; step++) product *= beta * (1 - 0.5 * power(0.96, step));
  return product;
}

/** Keras's default name of an optimizer. */
export const optimizerName = ({ className }: DescribedOptimizer): string => snakeName(className.split('>').at(-1) as string);
