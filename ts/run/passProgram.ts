import { formatShape, type Shape } from '../core/shape.ts';
import { Emission } from '../graph/emission.ts';
import { emitGraph } from '../graph/emitGraph.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import { ProgramBuilder } from '../program/programBuilder.ts';
import type { BatchProgram, Engine } from './engine.ts';

/**
 * A forward pass and its backward pass. The caller writes the gradients of the outputs between
 * them; the gradients of the weights go to the memory of the parameters.
 */
export interface PassProgram extends BatchProgram {
  /** For each output its gradient, as the outputs in memory. */
  readonly outputGradients: readonly PlannedBuffer[];
  /** For each feed of the graph its gradient; null for ids, and where no output depends on it. */
  readonly inputGradients: readonly (PlannedBuffer | null)[];
}

/**
 * Builds a pass.
 * @param drops whether dropout is active
 * @throws {OutOfMemoryError} when it does not fit in memory
 */
export function buildPass(engine: Engine, batch: number, samples: readonly Shape[], drops: boolean): PassProgram {
  const { backend, graph, parameters, seed } = engine;
  const builder = new ProgramBuilder(backend, { batch, seed, parameters });
  const emission = new Emission(builder, { keeps: true, drops });
  const { tape } = emission;
  const { inputs, inputValues, outputs } = emitGraph(graph, emission, samples, { inputGradients: true });
  const results = outputs.map((output) => builder.keep(emission.floatsOf(output)));
  builder.startLosses();
  const outputGradients = results.map(({ length }) => builder.persistent('outputGradient', 'float', length));
  for (const [index, output] of outputs.entries()) tape.start(output, outputGradients[index] as PlannedBuffer);
  tape.emitBackward();
  const inputGradients = graph.feeds.map(({ input, kind }) => {
    const value = inputValues[input];
    const gradient = kind === 'floats' && value ? tape.gradientOf(value) : null;
    return gradient && builder.keep(gradient);
  });
  const purpose = `a pass of batches of shape ${samples.map((sample) => formatShape([batch, ...sample])).join(', ')}`;
  const shared = { batch, inputs, objectives: [], penalties: [], outputs: results, settings: null, states: emission.states, masks: [] };
  return { program: builder.build(purpose), ...shared, outputGradients, inputGradients };
}
