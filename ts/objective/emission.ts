export { emitElementwiseLoss } from './emitElementwiseLoss.ts';
export { emitKernelLoss } from './emitKernelLoss.ts';
export { LOSS_FORMULAS } from './lossFormulas.ts';
export { emitRowFactors } from './rowFactors.ts';
