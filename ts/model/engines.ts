// What computes on a backend, and may not be awaited when a model uses it.
export { BatchStates } from '../program/batchStates.ts';
export { engineMemory, fillSlots, openEngine } from './engineMemory.ts';
export { ModelStream } from './modelStream.ts';
