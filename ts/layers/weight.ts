import type { Shape } from '../core/shape.ts';
import type { Initializer } from './initializers.ts';

/** A weight of a layer. The model's parameter memory holds its values. */
export interface Weight {
  /** `lstm/recurrentKernel` */
  readonly path: string;
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
}
