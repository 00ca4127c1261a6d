import type { AdamArguments, RmsPropArguments, SgdArguments } from '../kernels.generated.ts';

/** Optimizer steps over P parameters, by Keras' formulas (<https://keras.io/api/optimizers/>). */

/** Gradient descent; with `velocity`, with momentum, which Nesterov's form looks ahead of. */
export function sgd({ count: P, momentum, nesterov, parameters, gradients, velocity, settings }: SgdArguments<Float64Array>): void {
  const rate = settings[0];
  for (let i = 0; i < P; i++) {
    const step = -rate * gradients[i];
    if (!velocity) {
      parameters[i] += step;
      continue;
    }
    velocity[i] = momentum * velocity[i] + step;
    parameters[i] += nesterov ? momentum * velocity[i] + step : velocity[i];
  }
}

/**
 * Steps divided by the root of a moving mean of the squared gradient (Tieleman and Hinton 2012);
 * epsilon inside the root.
 */
export function rmsProp(args: RmsPropArguments<Float64Array>): void {
  const { count: P, oneMinusRho, momentum, epsilon, parameters, gradients, meanSquare, mean, velocity, settings } = args;
  const rate = settings[0];
  for (let i = 0; i < P; i++) {
    const g = gradients[i];
    meanSquare[i] += oneMinusRho * (g * g - meanSquare[i]);
    let variance = meanSquare[i];
    if (mean) {
      mean[i] += oneMinusRho * (g - mean[i]);
      variance -= mean[i] * mean[i];
    }
    const step = (rate * g) / Math.sqrt(variance + epsilon);
    if (velocity) velocity[i] = momentum * velocity[i] + step;
    parameters[i] -= velocity ? velocity[i] : step;
  }
}

/**
 * Adam (Kingma and Ba 2015); both bias corrections are in `settings[0]`, epsilon outside the root.
 */
export function adam(args: AdamArguments<Float64Array>): void {
  const { count: P, oneMinusBeta1, oneMinusBeta2, epsilon, parameters, gradients, momentum: m, velocity: v, settings } = args;
  const alpha = settings[0];
  for (let i = 0; i < P; i++) {
    const g = gradients[i];
    m[i] += (g - m[i]) * oneMinusBeta1;
    v[i] += (g * g - v[i]) * oneMinusBeta2;
    parameters[i] -= (m[i] * alpha) / (Math.sqrt(v[i]) + epsilon);
  }
}
