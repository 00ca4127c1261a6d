/** Options of `save` and `modelToBytes`. */
export interface SaveOptions {
  /**
   * Default true. False leaves out the optimizer with its arrays, which for Adam are two thirds of
   * a file, and the loss and the metrics. As in Keras, the loaded model must then be compiled
   * before it can be trained or evaluated.
   */
  includeOptimizer?: boolean;
  /**
   * The metadata of the file, instead of `model.metadata`: strings, finite numbers, true, false,
   * null, and arrays and plain objects of these, with at most 1,048,576 characters as JSON and 64
   * arrays and objects inside each other.
   */
  metadata?: Readonly<Record<string, unknown>>;
  /**
   * Of `modelToBytes`: the format of the bytes, 'safetensors', which is Backtime's own, 'keras', a
   * `.keras` file of Keras 3, or 'onnx', which has no optimizer. Default 'safetensors'. `save`
   * takes the format from the file's name.
   */
  format?: string;
}
