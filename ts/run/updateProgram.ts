import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { Program } from '../program/program.ts';
import { ProgramBuilder } from '../program/programBuilder.ts';
import type { Engine } from './engine.ts';

/** An update of the weights from their gradients, without a forward pass. */
export interface UpdateProgram {
  readonly program: Program;
  /** Written before each update by the optimizer's `writeSettings`. */
  readonly settings: PlannedBuffer;
  /** The optimizer's slots `[P]`, if they lie in the program; otherwise empty. */
  readonly slots: readonly PlannedBuffer[];
}

/**
 * Builds an update.
 * @param ownSlots whether the optimizer's slots lie in the program; otherwise they are those of
 *   training
 * @throws {OutOfMemoryError} when it does not fit in memory
 */
export function buildUpdate(engine: Engine, optimizer: Optimizer, ownSlots: boolean): UpdateProgram {
  const { backend, parameters, seed } = engine;
  const builder = new ProgramBuilder(backend, { batch: 1, seed, parameters });
  const settings = builder.persistent('settings', 'float', optimizer.writtenLength);
  const slots = optimizer.keptSlots.map((name, index) =>
    ownSlots ? builder.persistent(name, 'float', parameters.trainableCount) : builder.external(name, parameters.slot(index)),
  );
  // The gradients are from forward and backward passes outside of this program.
  engine.emitUpdate(builder, optimizer, settings, slots, () => true);
  return { program: builder.build('an update of the weights'), settings, slots: ownSlots ? slots : [] };
}
