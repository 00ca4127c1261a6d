import type { Shape } from '../core/shape.ts';
import type { Initializer } from './initializers.ts';

/** One weight array of a layer. Its values live in the model's parameter memory, never here. */
export interface Weight {
  /** `lstm/recurrentKernel` */
  readonly path: string;
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
}
