/** One sample's shape; null where the length is free. */
export type SampleShape = readonly (number | null)[];

/** What a layer takes: ids (integers below a limit) or floats. */
export type InputKind = 'ids' | 'floats';

/** What is known of a value before there is a program. */
export interface TensorSpec {
  readonly shape: SampleShape;
  /** `any`: an input whose consumers decide. */
  readonly kind: InputKind | 'any';
}
