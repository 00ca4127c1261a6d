// `backtime` in Node, where a backend loads without waiting: the code that computes is there from
// the beginning.
import { provideComputation } from './model/provideComputation.ts';

export * from './index.ts';

provideComputation();
