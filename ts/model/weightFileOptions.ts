import type { TensorLike } from '../core/tensor.ts';

/**
 * The source of weights: a file name (in a browser an address), bytes, a `File` of an input
 * element, or arrays by the names that they would have in a file.
 */
export type WeightsSource = string | URL | Uint8Array | ArrayBuffer | Blob | Readonly<Record<string, TensorLike>>;

/** The formats of files of weights. */
export type WeightFormat = 'backtime' | 'pytorch' | 'keras';

/** Names of layers or modules in a file, and the names of the layers of the model. */
export type WeightNames = Readonly<Record<string, string | readonly string[]>>;

/** Options of `saveWeights`. */
export interface SaveWeightsOptions {
  /**
   * 'backtime', the default: a safetensors file with the names and the order of this library.
   * 'pytorch': a safetensors file with PyTorch's names and orders, for `load_state_dict`. 'keras': a
   * `.weights.h5` file, for `load_weights` of Keras 3.
   */
  format?: WeightFormat;
  /**
   * The names of the layers in the file: the key is the name in the file, the value the name of the
   * layer, as for `loadWeights`; for a PyTorch module of several layers, an array of names.
   * Default: the names of the layers.
   */
  names?: WeightNames;
}

/** Options of `loadWeights`. */
export interface LoadWeightsOptions {
  /** The format of the file. Default: it is detected from the first bytes and the metadata. */
  format?: WeightFormat;
  /**
   * The layer for each name in the file: `{ encoder: 'lstm', fc: 'dense' }`. A PyTorch module of
   * several layers takes an array. Layers that are not named keep the default: that of their own
   * name or, in files of PyTorch, of the order.
   */
  names?: WeightNames;
  /**
   * Load the weights that fit, and report the others as `missing` and `unexpected`, instead of
   * refusing the file. Default false.
   */
  skipMismatch?: boolean;
  /**
   * Load the layers whose name is in the file, and report the others. A layer of the same name must
   * still have the same shapes. Default false: the file must have all layers of the model and no
   * others. PyTorch's files take `names` instead.
   */
  byName?: boolean;
}

/** The result of `loadWeights`. */
export interface LoadedWeights {
  /** The weights of the model that were set, such as `lstm/kernel`. */
  readonly loaded: readonly string[];
  /** The weights of the model that keep their values. */
  readonly missing: readonly string[];
  /** The arrays of the file that were not used, as the file names them. */
  readonly unexpected: readonly string[];
}
