import type {
  BatchLoss,
  CustomCell,
  CustomInitializer,
  CustomLayer,
  ElementwiseLoss,
  ElementwiseOptimizer,
  Expression,
  LayerOptions,
  Metric,
  OptimizerOptions,
} from '../../ts/index.ts';

type Class<T, Options = undefined> = new (options?: Options) => T;

export function ownClasses(backtime: typeof import('../../ts/index.ts')): {
  cubic: (x: Expression) => Expression;
  Centered: Class<CustomLayer>;
  PeepholeLSTMCell: new (options: LayerOptions & { units: number }) => CustomCell;
  NormalizedLSTMCell: new (options: LayerOptions & { units: number }) => CustomCell;
  LoopedCell: new (options: LayerOptions & { units: number }) => CustomCell;
  DroppingCell: new (options: LayerOptions & { units: number; rate: number }) => CustomCell;
  Ramp: Class<CustomInitializer, { scale?: number }>;
  SumCell: Class<CustomCell, LayerOptions>;
  Squared: Class<ElementwiseLoss>;
  Huber: Class<ElementwiseLoss, { delta?: number }>;
  SquaredRows: Class<BatchLoss>;
  Pinball: Class<BatchLoss>;
  Contrast: Class<BatchLoss>;
  SumOverSteps: Class<BatchLoss>;
  AbsoluteMetric: Class<Metric, { name?: string }>;
  MacroF1: Class<Metric, { classes?: number; name?: string }>;
  LargestError: Class<Metric>;
  OwnAdam: Class<ElementwiseOptimizer, OptimizerOptions & { beta1?: number }>;
  Falling: Class<ElementwiseOptimizer, OptimizerOptions>;
};
