// Only `npm run bench` installs these, so the type checks do without their types.
declare module '@tensorflow/tfjs';
declare module '@tensorflow/tfjs-backend-wasm';
declare module 'deepbox/ndarray';
declare module 'deepbox/nn';
declare module 'deepbox/optim';
declare module 'onnxruntime-node';
declare module 'onnxruntime-web';
