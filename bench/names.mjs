// What engines are called in tables.

const LIMITS = ['limit', 'gemm', 'limit-simd128', 'gemm-simd128'];
/** Whether it is no engine but what the machine can do. @param {string} engine */
export const isLimit = (engine) => LIMITS.includes(engine);

/** Backtime in a page. */
export const BROWSERS = ['chromium', 'firefox'];

export const ENGINE_NAMES = {
  relaxed: 'backtime, relaxed SIMD',
  simd128: 'backtime, simd128',
  'relaxed-2': 'backtime, relaxed SIMD, 2 workers',
  wide: 'backtime, wide vectors',
  'wide-2': 'backtime, wide vectors, 2 workers',
  int16: 'backtime, int16',
  'int16-2': 'backtime, int16, 2 workers',
  int8: 'backtime, int8',
  'int8-2': 'backtime, int8, 2 workers',
  before: 'backtime of --against, relaxed SIMD',
  'tfjs-wasm': 'TF.js, wasm',
  'tfjs-cpu': 'TF.js, cpu',
  chromium: 'backtime in Chromium',
  firefox: 'backtime in Firefox',
  deepbox: 'Deepbox',
  brain: 'brain.js',
  'onnx-web': 'onnxruntime-web, 1 thread',
  'onnx-web-int8': 'onnxruntime-web, int8, 1 thread',
  'onnx-node': 'onnxruntime-node, 1 thread',
  'onnx-node-int8': 'onnxruntime-node, int8, 1 thread',
  'onnx-node-2': 'onnxruntime-node, 2 threads',
  'onnx-node-int8-2': 'onnxruntime-node, int8, 2 threads',
  pytorch: 'PyTorch, 1 thread',
  'pytorch-2': 'PyTorch, 2 threads',
  'keras-jax': 'Keras on JAX, 1 thread',
  'keras-jax-2': 'Keras on JAX, 2 threads',
  'keras-tensorflow': 'Keras on TensorFlow, 1 thread',
  'keras-tensorflow-2': 'Keras on TensorFlow, 2 threads',
  limit: 'limit: multiply-adds in registers, relaxed SIMD',
  gemm: 'limit: packed product of this size, relaxed SIMD',
  'limit-simd128': 'limit: multiply-adds in registers, simd128',
  'gemm-simd128': 'limit: packed product of this size, simd128',
};
