/** The shape of one sample; null where the length is free. */
export type SampleShape = readonly (number | null)[];

/** The kind of a layer's inputs: ids (integers below a limit) or floats. */
export type InputKind = 'ids' | 'floats';

/** The specification of a value: shape and kind. */
export interface TensorSpec {
  readonly shape: SampleShape;
  /** `any`: an input whose kind its layers decide. */
  readonly kind: InputKind | 'any';
}
