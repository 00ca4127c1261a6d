// The operations that users make expressions of, under the names of keras.ops.
export {
  abs,
  add,
  divide,
  exp,
  less,
  log,
  maximum,
  minimum,
  multiply,
  negative,
  sigmoid,
  sqrt,
  square,
  subtract,
  tanh,
  where,
} from './expression.ts';
