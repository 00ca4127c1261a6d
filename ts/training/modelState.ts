import type { SeedWords } from '../core/seed.ts';
import type { Shape } from '../core/shape.ts';
import type { LayerConfig } from '../layers/layer.ts';
import type { SampleShape } from '../model/graph.ts';
import type { OptimizerConfig } from './optimizers/optimizer.ts';

/** Named values, as a file or a message holds them. */
export interface NamedArray {
  /** `lstm/recurrentKernel`; for optimizer slots `lstm/recurrentKernel/velocity`. */
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array | Float64Array;
}

/** How a model was compiled. */
export interface CompileState {
  readonly loss: string;
  readonly fromLogits: boolean;
  readonly metrics: readonly string[];
  readonly optimizer: { readonly className: string; readonly config: OptimizerConfig };
  readonly iteration: number;
  readonly epochsDone: number;
  readonly slots: readonly NamedArray[];
}

/** Everything that makes a model what it is, as plain data: from it a model predicts the same bits and trains on. */
export interface ModelState {
  readonly name: string;
  readonly seed: SeedWords;
  readonly layers: readonly { readonly className: string; readonly config: LayerConfig }[];
  /** One sample's shape, null where the length is free. */
  readonly inputShape: SampleShape;
  readonly weights: readonly NamedArray[];
  readonly compile: CompileState | null;
}
