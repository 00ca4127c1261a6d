// Only `npm run bench` installs these, so the type checks do without their types.
declare module '@tensorflow/tfjs';
declare module '@tensorflow/tfjs-backend-wasm';
declare module 'brain.js';
declare module 'deepbox';
