import type { FloatArray, Tensor } from '../../core/tensor.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Weight } from '../../layers/weight.ts';
import type { Model } from '../../model/model.ts';
import type { WeightNames } from '../../model/weightFileOptions.ts';

/** The source from which a format reads weights. */
export interface WeightsToRead {
  /** The bytes of a file, or arrays by the names that a file would have. */
  readonly source: Uint8Array | ReadonlyMap<string, Tensor>;
  /** The source's name, for error messages. */
  readonly called: string;
  readonly model: Model;
  /** The model's graph. */
  readonly graph: Graph;
  readonly names: WeightNames;
  readonly skipMismatch: boolean;
  readonly byName: boolean;
}

/** Which weights get which values. Nothing has been written. */
export interface ReadWeights {
  /** Values in the order and of the size of their weight. */
  readonly values: ReadonlyMap<Weight, FloatArray>;
  /** The names of the arrays of the file that no weight takes. */
  readonly unexpected: readonly string[];
  /** Warns of what the file does not tell; called when the weights were set. */
  warn?(): void;
}

/** The weights that a format writes. */
export interface WeightsToWrite {
  readonly model: Model;
  /** The values of all weights of the model. */
  readonly values: ReadonlyMap<Weight, FloatArray>;
  readonly names: WeightNames;
}

/** The code of a format of weights. */
export interface WeightFormatCode {
  /**
   * Finds the values of weights, and checks all of them.
   * @throws {FormatError} when the bytes are no such file, or the weights do not fit the model and
   *   `skipMismatch` is false
   * @throws {ArgumentError} for names that the file or the model does not have
   */
  read(what: WeightsToRead): ReadWeights;
  /**
   * Makes the bytes of a file.
   * @throws {ArgumentError} when the format cannot hold a layer, and for names that the model does
   *   not have
   */
  write(what: WeightsToWrite): Uint8Array;
}
