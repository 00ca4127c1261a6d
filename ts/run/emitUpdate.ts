import { emitInPlace } from '../layers/emitInPlace.ts';
import { add, expression, input, multiply, subtract, where } from '../layers/expression.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { Weight } from '../layers/weight.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { Parameters } from '../program/parameters.ts';
import type { ProgramBuilder } from '../program/programBuilder.ts';
import type { Part } from './replica.ts';

/** The parameters that a program updates. */
export interface Updated {
  readonly parameters: Parameters;
  readonly updatedPart: Part;
}

/**
 * Appends the update of the weights from their gradients, in the order of Keras: gradients of
 * several batches are averaged, then clipped; weights decay, are updated, and enter their average.
 * @param slots `[P]` each, in the order of `keptSlots`
 * @param reached whether a gradient reaches a weight; the others do not decay, as in Keras
 */
export function emitUpdate(
  builder: ProgramBuilder,
  { parameters, updatedPart }: Updated,
  optimizer: Optimizer,
  settings: PlannedBuffer,
  slots: readonly PlannedBuffer[],
  reached: (weight: Weight) => boolean,
): void {
  const { trainableWeights: weights, trainableCount: P } = parameters;
  builder.startUpdate();
  if (weights.length === 0) return;
  // Before clipping, which touches the gradients of all.
  const decayed = new Set(
    weights.filter((weight) => reached(weight) && !optimizer.excludeFromWeightDecay.some((text) => weight.path.includes(text))),
  );
  const gradients = builder.external('gradients', parameters.trainableGradients);
  const { slotNames, gradientAccumulationSteps: batches, settingsLength } = optimizer;
  const own = slots.slice(0, slotNames.length);
  const ownSettings = builder.slice(settings, 0, settingsLength);
  const accumulated = batches > 1 ? (slots[slotNames.length] as PlannedBuffer) : null;
  const average = optimizer.useEma ? (slots.at(-1) as PlannedBuffer) : null;
  const number = (index: number) => builder.slice(settings, settingsLength + index, 1);
  const sum = add(input(0), input(1));
  if (accumulated) emitInPlace(builder, P, [multiply(sum, 1 / batches), expression(0)], [gradients, accumulated], [gradients, accumulated]);
  optimizer.emitClipping(
    builder,
    gradients,
    weights.map((weight) => builder.gradient(weight)),
  );
  /** Calls a function with each run of parameters that lies in a range of all of them. */
  const inRuns = (first: number, last: number, emit: (moved: PlannedBuffer, part: (whole: PlannedBuffer) => PlannedBuffer) => void) => {
    for (const { start, values } of parameters.runs) {
      const from = Math.max(start, first, updatedPart.start);
      const to = Math.min(start + values.length, last, updatedPart.end);
      if (from >= to) continue;
      const moved = builder.slice(builder.external('parameters', values), from - start, to - from);
      emit(moved, (whole) => builder.slice(whole, from, to - from));
    }
  };
  if (optimizer.weightDecay !== null)
    for (const [first, last] of rangesOf(builder, weights, decayed))
      inRuns(first, last, (moved) =>
        emitInPlace(builder, moved.length, [subtract(input(0), multiply(input(0), input(1)))], [moved, number(0)], [moved]),
      );
  inRuns(0, P, (moved, part) =>
    optimizer.emitUpdate(builder, {
      count: moved.length,
      parameters: moved,
      gradients: part(gradients),
      slots: own.map(part),
      settings: ownSettings,
    }),
  );
  const emitAverage = () => {
    if (!average) return;
    // Inputs: the parameter, its average, the momentum, and whether the average replaces it.
    const mixed = add(multiply(input(2), input(1)), multiply(subtract(1, input(2)), input(0)));
    const overwrites = optimizer.emaOverwriteFrequency !== null;
    inRuns(0, P, (moved, part) => {
      const mean = part(average);
      const inputs = [moved, mean, number(1)];
      if (overwrites) emitInPlace(builder, moved.length, [mixed, where(input(3), mixed, input(0))], [...inputs, number(2)], [mean, moved]);
      else emitInPlace(builder, moved.length, [mixed], inputs, [mean]);
    });
  };
  emitAverage();
  if (!accumulated) return;
  builder.startAccumulation();
  emitInPlace(builder, P, [sum], [accumulated, gradients], [accumulated]);
  emitAverage();
}

/** The ranges of the parameters of some weights. */
function rangesOf(
  builder: ProgramBuilder,
  weights: Parameters['trainableWeights'],
  chosen: ReadonlySet<Weight>,
): readonly (readonly [first: number, last: number])[] {
  const ranges: [number, number][] = [];
  let start = 0;
  for (const weight of weights) {
    const end = start + builder.gradient(weight).length;
    const last = ranges[ranges.length - 1];
    if (chosen.has(weight)) {
      if (last?.[1] === start) last[1] = end;
      else ranges.push([start, end]);
    }
    start = end;
  }
  return ranges;
}
