import type { Backend, MemoryBlock, Placement } from '../backend/backend.ts';
import { CELLS } from '../backend/kernels.generated.ts';
import type { CellWeights } from '../layers/scope.ts';
import type { Weight } from '../layers/weight.ts';
import type { Program } from './program.ts';
import { ProgramBuilder, type ProgramOptions } from './programBuilder.ts';
import { changesSoFar } from './weightChanges.ts';

/** The largest number of columns by which the products of a layer are padded. */
const PADDING = 16;

/**
 * The weights of recurrent layers, packed in the order in which products read them. A stream packs
 * them when they have changed, not at each step.
 */
export class StreamWeights {
  readonly #backend: Backend;
  readonly #builder: ProgramBuilder;
  readonly #blocks = new Map<Weight, MemoryBlock>();
  #program: Program | null = null;
  #packedAt = -1;

  constructor(backend: Backend, options: ProgramOptions) {
    this.#backend = backend;
    this.#builder = new ProgramBuilder(backend, options);
  }

  /**
   * The place of a layer's packed weights, before `finish`.
   * @throws {OutOfMemoryError} when there is not enough memory
   */
  placeOf({ cell, features, units, kernel, recurrentKernel }: CellWeights): Placement {
    const { code, gates } = CELLS[cell];
    const packedLength = (features + units) * (gates * units + PADDING);
    const known = this.#blocks.get(recurrentKernel);
    const block = known ?? this.#backend.allocate(packedLength * this.#backend.floatBytes, 'packed weights of a stream');
    const place = { block, byteOffset: 0, length: packedLength };
    if (known) return place;
    this.#blocks.set(recurrentKernel, block);
    const builder = this.#builder;
    builder.call('packSequence', {
      ...{ cell: code, features, units, packedLength },
      kernel: builder.weight(kernel),
      recurrentKernel: builder.weight(recurrentKernel),
      packed: builder.external('packed weights', place),
    });
    return place;
  }

  /** Ends the list of weights. @throws {OutOfMemoryError} when there is not enough memory */
  finish(): void {
    if (this.#blocks.size > 0) this.#program = this.#builder.build('packing the weights of a stream');
  }

  /** Packs the weights if some weight has changed since the last call. */
  refresh(): void {
    const changes = changesSoFar();
    if (changes === this.#packedAt || !this.#program) return;
    this.#program.step();
    this.#packedAt = changes;
  }

  get bytes(): number {
    return [...this.#blocks.values()].reduce((sum, { bytes }) => sum + bytes, this.#program?.bytes ?? 0);
  }

  dispose(): void {
    this.#program?.dispose();
    for (const block of this.#blocks.values()) this.#backend.free(block);
  }
}
