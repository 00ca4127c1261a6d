import { ArgumentError, ShapeError } from '../core/errors.ts';
import { booleanOption, oneOf } from '../core/options.ts';
import { formatShape, positiveInteger } from '../core/shape.ts';
import { emitCRF } from './emitMore.ts';
import { type InitializerLike, resolveInitializer, type StartValues } from './initializers.ts';
import { Layer, type LayerConfig, type LayerOptions, requireFeatures } from './layer.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';
import type { Weight } from './weight.ts';
import { type ConstraintLike, type RegularizerLike, ruleOptions, WeightRules } from './weightRules.ts';

/** How the names of the options of each weight begin. */
const WEIGHTS = ['kernel', 'bias', 'chain', 'boundary'] as const;

/** The prediction of a {@link CRF}. */
export type CRFDecoding = 'viterbi' | 'marginal';

export interface CRFOptions extends LayerOptions {
  /**
   * The prediction. 'viterbi': the most probable sequence of tags, 1 for the tag of a step and 0
   * for the others. 'marginal': the probability of each tag at each step, over all sequences.
   * Default 'viterbi'.
   */
  decoding?: CRFDecoding;
  /**
   * Whether the energies of tags are `x · kernel + bias`; otherwise they are the input, of as many
   * features. Default true.
   */
  useKernel?: boolean;
  /** Whether there is a bias. Default true, without a kernel false. */
  useBias?: boolean;
  /** Whether tags have energies for beginning and ending a sequence. Default true. */
  useBoundary?: boolean;
  /** The initializer of the kernel. Default 'glorotUniform'. */
  kernelInitializer?: InitializerLike;
  /** The initializer of the bias. Default 'zeros'. */
  biasInitializer?: InitializerLike;
  /** The initializer of the transitions. Default 'orthogonal'. */
  chainInitializer?: InitializerLike;
  /** The initializer of the energies of both boundaries. Default 'zeros'. */
  boundaryInitializer?: InitializerLike;
  /** A penalty on the kernel, added to the loss. Default none. */
  kernelRegularizer?: RegularizerLike | null;
  /** A penalty on the bias. Default none. */
  biasRegularizer?: RegularizerLike | null;
  /** A penalty on the transitions. Default none. */
  chainRegularizer?: RegularizerLike | null;
  /** A penalty on the energies of each boundary. Default none. */
  boundaryRegularizer?: RegularizerLike | null;
  /** A constraint on the kernel, applied after each update. Default none. */
  kernelConstraint?: ConstraintLike | null;
  /** A constraint on the bias, applied after each update. Default none. */
  biasConstraint?: ConstraintLike | null;
  /** A constraint on the transitions, applied after each update. Default none. */
  chainConstraint?: ConstraintLike | null;
  /** A constraint on the energies of each boundary, applied after each update. Default none. */
  boundaryConstraint?: ConstraintLike | null;
}

/**
 * A linear-chain conditional random field: tags for the steps of a sequence `[T, D]` that fit the
 * input and each other. It is the last layer of a model that is trained with `CRFLoss`, instead of
 * a `Dense` layer with a softmax: its output `[T, units]` has the same targets and the same
 * metrics. Masked steps are left out of the sequence; their outputs are zeros.
 *
 *     model.add(new CRF(tags));
 *     model.compile({ optimizer: 'adam', loss: new CRFLoss(), metrics: ['accuracy'] });
 *
 * A sequence of tags y has the score
 *
 *     leftBoundary[y_1] + Σ_t (x_t · kernel + bias)[y_t] + Σ_t chainKernel[y_t-1, y_t] + rightBoundary[y_T]
 *
 * and the probability `exp(score)` over the sum for all sequences of tags.
 *
 * Weights: kernel `[D, units]`, bias `[units]`, chainKernel `[units, units]`, leftBoundary and
 * rightBoundary `[units]`. Lafferty et al. 2001. Names and defaults are those of the CRF layers of
 * keras-contrib and TensorFlow Addons; Keras has none.
 */
export class CRF extends Layer {
  readonly className = 'CRF';
  readonly units: number;
  readonly decoding: CRFDecoding;
  readonly useKernel: boolean;
  readonly useBias: boolean;
  readonly useBoundary: boolean;
  readonly #initializers: Readonly<Record<(typeof WEIGHTS)[number], StartValues>>;
  readonly #rules: WeightRules;

  /**
   * @param units number of tags
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(units: number, options?: CRFOptions) {
    const initializers = WEIGHTS.map((weight) => `${weight}Initializer`);
    super(options, ['decoding', 'useKernel', 'useBias', 'useBoundary', ...initializers, ...ruleOptions(WEIGHTS)], 'CRF');
    this.units = positiveInteger(units, 'CRF: units', 'new CRF(units, options)');
    this.decoding = oneOf(options?.decoding ?? 'viterbi', ['viterbi', 'marginal'], 'CRF: decoding');
    this.useKernel = booleanOption(options?.useKernel, true, 'CRF: useKernel');
    this.useBias = booleanOption(options?.useBias, this.useKernel, 'CRF: useBias');
    if (this.useBias && !this.useKernel) throw new ArgumentError('CRF: useBias needs the kernel, and useKernel is false');
    this.useBoundary = booleanOption(options?.useBoundary, true, 'CRF: useBoundary');
    this.#initializers = {
      kernel: resolveInitializer(options?.kernelInitializer ?? 'glorotUniform', 2, 'CRF: kernelInitializer'),
      bias: resolveInitializer(options?.biasInitializer ?? 'zeros', 1, 'CRF: biasInitializer'),
      chain: resolveInitializer(options?.chainInitializer ?? 'orthogonal', 2, 'CRF: chainInitializer'),
      boundary: resolveInitializer(options?.boundaryInitializer ?? 'zeros', 1, 'CRF: boundaryInitializer'),
    };
    this.#rules = new WeightRules(options, WEIGHTS, 'CRF');
  }

  protected override checkInputShape(inputShape: readonly (number | null)[]): number {
    const features = requireFeatures(this, inputShape, [2], 'samples [steps, features]');
    if (!this.useKernel && features !== this.units)
      throw new ShapeError(
        `${this.title} takes energies [steps, ${this.units}] because useKernel is false, got samples of shape ${formatShape(inputShape)}`,
      );
    return features;
  }

  protected override declareWeights(features: number): void {
    const { units } = this;
    const add = (name: string, shape: readonly number[], of: (typeof WEIGHTS)[number]) =>
      this.addWeight(name, shape, this.#initializers[of], this.#rules.of(of));
    if (this.useKernel) add('kernel', [features, units], 'kernel');
    if (this.useBias) add('bias', [units], 'bias');
    add('chainKernel', [units, units], 'chain');
    if (this.useBoundary) for (const side of ['left', 'right']) add(`${side}Boundary`, [units], 'boundary');
  }

  override outputShape(inputShape: readonly (number | null)[]): readonly (number | null)[] {
    return [...inputShape.slice(0, -1), this.units];
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const weights = [...this.weights];
    const [kernel = null, bias = null] = this.useKernel ? weights.splice(0, this.useBias ? 2 : 1) : [];
    const [chainKernel, ...boundaries] = weights as [Weight, ...Weight[]];
    return [emitCRF(scope, input, { title: this.title, decoding: this.decoding, kernel, bias, chainKernel, boundaries })];
  }

  override getConfig(): LayerConfig {
    const initializers = Object.entries(this.#initializers).map(([weight, { saved }]) => [`${weight}Initializer`, saved]);
    return {
      ...super.getConfig(),
      units: this.units,
      decoding: this.decoding,
      useKernel: this.useKernel,
      useBias: this.useBias,
      useBoundary: this.useBoundary,
      ...Object.fromEntries(initializers),
      ...this.#rules.getConfig(),
    };
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig({ units, ...options }: LayerConfig): CRF {
    return new CRF(units as number, options as CRFOptions);
  }
}
