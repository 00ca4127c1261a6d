import type { Backend, Placement } from '../backend/backend.ts';
import type { SeedWords } from '../core/seed.ts';
import type { Shape } from '../core/shape.ts';
import { type Initializer, initializerCall } from '../layers/initializers.ts';
import type { Weight } from '../layers/weight.ts';
import { ProgramBuilder } from './programBuilder.ts';
import type { WeightStore } from './weightStore.ts';

/**
 * The distance between the random streams of the parts of a weight, larger than the number of
 * weights.
 */
const PART_STREAMS = 2 ** 24;

/**
 * Gives weights their start values.
 * @param streams the random stream of each weight: its number in the model, which does not depend
 *   on known or frozen weights
 */
export function drawStartValues(backend: Backend, store: WeightStore, streams: ReadonlyMap<Weight, number>, seed: SeedWords): void {
  const builder = new ProgramBuilder(backend, { batch: 1, seed });
  const start = (initializer: Initializer, place: Placement, shape: Shape, path: string, stream: number): void => {
    if (initializer.kind === 'constant') backend.floats(place).fill(initializer.value);
    else if (initializer.kind === 'kernel') {
      const { kernel, args } = initializerCall(initializer.name, shape, seed, stream);
      builder.call(kernel, { ...args, y: builder.external(path, place) } as never);
    } else {
      let { byteOffset } = place;
      for (const [number, { initializer: ofPart, length }] of initializer.parts.entries()) {
        start(ofPart, { ...place, byteOffset, length }, [length], path, stream + number * PART_STREAMS);
        byteOffset += length * backend.floatBytes;
      }
    }
  };
  for (const [weight, stream] of streams) start(weight.initializer, store.placeOf(weight), weight.shape, weight.path, stream);
  const program = builder.finish('initial weights');
  try {
    program.step();
  } finally {
    program.dispose();
  }
}
