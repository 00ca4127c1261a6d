export { emitChange, emitNorms } from './emitConstraint.ts';
export { emitDropoutOf } from './emitDropout.ts';
export { emitRecurrent } from './emitRecurrent.ts';
