// The code that computes on a backend. A model that uses it cannot wait for it to load.
export { BatchStates } from '../program/batchStates.ts';
export { engineMemory, fillSlots, openEngine } from './engineMemory.ts';
export { ModelStream } from './modelStream.ts';
