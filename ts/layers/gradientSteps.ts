import type { Layer } from './layer.ts';

/** `gradientSteps` of layers that follow each other. */
export function gradientStepsOf(layers: readonly Layer[]): number | null {
  let period = 0;
  for (const { gradientSteps } of layers) {
    if (gradientSteps === null) return null;
    if (gradientSteps > 0) period = period === 0 ? gradientSteps : leastCommonMultiple(period, gradientSteps);
  }
  return period;
}

function leastCommonMultiple(a: number, b: number): number {
  let [large, small] = [a, b];
  while (small > 0) [large, small] = [small, large % small];
  return (a / large) * b;
}
