import { ArgumentError } from '../../core/errors.ts';
import { checkOptions, numberInRange } from '../../core/options.ts';
import { describe } from '../../core/shape.ts';
import type { Emitter } from '../../layers/emitter.ts';
import type { PlannedBuffer } from '../../layers/plannedBuffer.ts';
import type { Part } from '../replica.ts';

/** Options that every optimizer takes. https://keras.io/api/optimizers/ */
export interface OptimizerOptions {
  /**
   * Step size, or a function of the number of steps done so far. Defaults: SGD 0.01, the others 0.001. No file can hold a function:
   * a saved model has the rate of its last step, and is compiled anew with the function to go on with it.
   */
  learningRate?: number | ((iteration: number) => number);
  /** Scale each weight's gradient down to at most this Euclidean norm. */
  clipnorm?: number;
  /** Limit every element of the gradients to -clipvalue .. clipvalue. */
  clipvalue?: number;
  /** Scale all gradients together down to at most this Euclidean norm. */
  globalClipnorm?: number;
}

/** The flat arrays `[P]` an optimizer works on. */
export interface UpdateBuffers {
  /** P */
  readonly count: number;
  readonly parameters: PlannedBuffer;
  readonly gradients: PlannedBuffer;
  /** One for each name in `slotNames`. */
  readonly slots: readonly PlannedBuffer[];
  /** `[1]`, written before each step from `stepSize`. */
  readonly settings: PlannedBuffer;
  /** Each trainable weight's part of `gradients`. */
  readonly weightGradients: readonly PlannedBuffer[];
}

export type OptimizerConfig = Record<string, string | number | boolean | null>;

/** Moves the trainable weights against their gradients: one kernel pass over all of them. */
export abstract class Optimizer {
  /** `Adam`; saved models find the class by it. */
  abstract readonly className: string;
  /** What it remembers for each parameter between steps. */
  abstract readonly slotNames: readonly string[];
  /** May be changed while training; it counts from the next step on. */
  learningRate: number | ((iteration: number) => number);
  readonly clipnorm: number | null;
  readonly clipvalue: number | null;
  readonly globalClipnorm: number | null;

  protected constructor(options: OptimizerOptions | undefined, known: readonly string[], className: string, defaultRate: number) {
    checkOptions(options, ['learningRate', 'clipnorm', 'clipvalue', 'globalClipnorm', ...known], className);
    const rate = options?.learningRate ?? defaultRate;
    this.learningRate = typeof rate === 'function' ? rate : numberInRange(rate, 0, Number.POSITIVE_INFINITY, `${className}: learningRate`);
    const limit = (name: 'clipnorm' | 'clipvalue' | 'globalClipnorm') => {
      const value = options?.[name];
      if (value === undefined || value === null) return null;
      if (!(typeof value === 'number' && value > 0))
        throw new ArgumentError(`${className}: ${name} must be a number above 0, got ${describe(value)}`);
      return value;
    };
    this.clipnorm = limit('clipnorm');
    this.clipvalue = limit('clipvalue');
    this.globalClipnorm = limit('globalClipnorm');
    if ([this.clipnorm, this.clipvalue, this.globalClipnorm].filter((value) => value !== null).length > 1) {
      throw new ArgumentError(`${className} takes one of clipnorm, clipvalue and globalClipnorm, got several`);
    }
  }

  /** The learning rate at this number of steps done. @throws {ArgumentError} when it has become none */
  learningRateAt(iteration: number): number {
    const rate = typeof this.learningRate === 'function' ? this.learningRate(iteration) : this.learningRate;
    return numberInRange(rate, 0, Number.POSITIVE_INFINITY, `${this.className}: learningRate at step ${iteration}`);
  }

  /** What the kernel multiplies by at this number of steps done: the learning rate, with any bias correction. */
  stepSize(iteration: number): number {
    return this.learningRateAt(iteration);
  }

  /** Whether a gradient's clipping depends on other gradients, so that all must be known wherever one is clipped. */
  get clipsByNorm(): boolean {
    return this.clipnorm !== null || this.globalClipnorm !== null;
  }

  /**
   * Appends clipping and the update to a program.
   * @param part what of the parameters is updated; by default all
   */
  emit(emitter: Emitter, buffers: UpdateBuffers, part: Part = { start: 0, end: buffers.count }): void {
    const { count, gradients, weightGradients } = buffers;
    const clipByNorm = (part: PlannedBuffer, limit: number) =>
      emitter.call('clipByNorm', { count: part.length, limit, gradients: part, norm: emitter.floats('norm', 1) });
    if (this.globalClipnorm !== null) clipByNorm(gradients, this.globalClipnorm);
    if (this.clipnorm !== null) for (const part of weightGradients) clipByNorm(part, this.clipnorm);
    if (this.clipvalue !== null) emitter.call('clipByValue', { count, limit: this.clipvalue, gradients });
    if (part.end > part.start) this.emitUpdate(emitter, partOfBuffers(emitter, buffers, part));
  }

  protected abstract emitUpdate(emitter: Emitter, buffers: UpdateBuffers): void;

  /**
   * The constructor's options.
   * @param iteration for which step a learning rate that is a function is asked: the options hold its number. Default 0, the first
   */
  getConfig(iteration = 0): OptimizerConfig {
    const config: OptimizerConfig = { learningRate: this.learningRateAt(iteration) };
    for (const name of ['clipnorm', 'clipvalue', 'globalClipnorm'] as const) if (this[name] !== null) config[name] = this[name];
    return config;
  }
}

function partOfBuffers(emitter: Emitter, buffers: UpdateBuffers, { start, end }: Part): UpdateBuffers {
  const count = end - start;
  if (count === buffers.count) return buffers;
  const part = (buffer: PlannedBuffer) => emitter.slice(buffer, start, count);
  const { parameters, gradients, slots } = buffers;
  return { ...buffers, count, parameters: part(parameters), gradients: part(gradients), slots: slots.map(part) };
}

/** The optimizer with a learning rate of 0, for whoever needs its configuration and gets the rates otherwise. */
export function rateless(optimizer: Optimizer): Optimizer {
  return Object.create(optimizer, { learningRate: { value: 0 } }) as Optimizer;
}
