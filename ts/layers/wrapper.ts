import { Layer, type LayerConfig, type LayerConfigValue, type LayerOptions, noLayer, snakeCase } from './layer.ts';
import type { TensorSpec } from './spec.ts';

/** Makes a layer of its description in a configuration: `{ className, config }`. */
export type MakeLayer = (described: LayerConfigValue | undefined) => Layer;

/** A layer, or a model as a layer. */
export interface LayerLike {
  asLayer(): Layer;
}

/** The layer of an argument that may be a model; anything else as it is. */
export function layerOf(given: LayerLike): Layer {
  return typeof given?.asLayer === 'function' ? given.asLayer() : (given as Layer);
}

/** The base of layers that have others inside. */
export abstract class Wrapper extends Layer {
  readonly #inside: readonly Layer[];

  protected constructor(options: LayerOptions | undefined, known: readonly string[], className: string, inside: readonly Layer[]) {
    for (const layer of inside) if (!(layer instanceof Layer)) throw noLayer(`${className} takes a layer`, layer);
    super(options, known, className);
    this.#inside = inside;
    for (const layer of inside) if (!layer.hasName) layer.setName(snakeCase(layer.className));
  }

  override get sublayers(): readonly Layer[] {
    return this.#inside;
  }

  protected override checkInputShape(): number {
    return 0;
  }

  protected override featuresOf(): number {
    return 0;
  }

  override declare(inputs: readonly TensorSpec[]): void {
    super.declare(inputs);
    this.buildInside(inputs);
  }

  /** Declares the weights of the layers inside. */
  protected abstract buildInside(inputs: readonly TensorSpec[]): void;

  /** An equal wrapper with copies of the layers inside. */
  protected abstract copyOf(options: LayerOptions): Layer;

  override clone(name?: string): this {
    const inputShape = this.inputShape === null ? {} : { inputShape: this.inputShape };
    const copy = this.copyOf({ name: name ?? this.name, trainable: this.trainable, ...inputShape });
    this.copyBuild(copy);
    return copy as this;
  }

  /** A layer inside, as a configuration holds it. */
  protected configOf(layer: Layer): LayerConfig {
    return { className: layer.savedAs, config: layer.getConfig() };
  }
}
