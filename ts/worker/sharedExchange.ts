import type { FloatArray } from '../backend/backend.ts';
import { OutOfMemoryError } from '../core/errors.ts';
import type { SharedAllocation } from '../core/sharedMemory.ts';
import type { Part, Replica } from '../run/replica.ts';
import { BARRIER_WORDS, Barrier } from './barrier.ts';
import { type Exchange, factors, RESULTS, type StepCommand, type ViewOf, weightedSum } from './exchange.ts';

/** The places in the command of the first replica. */
const COMMAND = { go: 0, learningRate: 1 } as const;

const COMMAND_LENGTH = 2;

/** The shared memory of replicas. */
export interface SharedRegions {
  readonly barrier: Int32Array;
  /** The first replica's command, at the places of `COMMAND`. */
  readonly command: Float64Array;
  /** `[size, R]` */
  readonly results: Float64Array;
  /** `[2, size, O]`: two that are used alternately. */
  readonly shared: Float64Array;
  /** `[size, P]` */
  readonly gradients: FloatArray;
  /** `[P]` */
  readonly parameters: FloatArray;
}

/**
 * Parts of the memory begin at multiples of a cache line, which no two threads then write to for
 * different purposes.
 */
const ALIGNMENT = 64;

/** How much shared memory replicas need. */
export interface RegionSizes {
  /** Number of replicas. */
  readonly size: number;
  /** P */
  readonly count: number;
  /** R, the numbers that a replica sends with its gradients. */
  readonly resultCount: number;
  /** O, the numbers that replicas tell each other before. */
  readonly sharedCount: number;
  readonly floatBytes: 4 | 8;
}

/**
 * Allocates the shared memory of replicas.
 * @throws {OutOfMemoryError} when there is not enough memory
 */
export function allocateRegions(
  memory: SharedAllocation,
  { size, count, resultCount, sharedCount, floatBytes }: RegionSizes,
): SharedRegions {
  const lengths = [
    BARRIER_WORDS * 4,
    COMMAND_LENGTH * 8,
    size * resultCount * 8,
    2 * size * sharedCount * 8,
    size * count * floatBytes,
    count * floatBytes,
  ];
  const starts: number[] = [];
  let bytes = 0;
  for (const length of lengths) {
    starts.push(bytes);
    bytes += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  }
  const [barrier, command, results, shared, gradients, parameters] = starts as [number, number, number, number, number, number];
  try {
    const block = memory.allocate(bytes);
    const floats = (start: number, length: number) =>
      floatBytes === 8 ? new Float64Array(block, start, length) : new Float32Array(block, start, length);
    const regions = {
      barrier: new Int32Array(block, barrier, BARRIER_WORDS),
      command: new Float64Array(block, command, COMMAND_LENGTH),
      results: new Float64Array(block, results, size * resultCount),
      shared: new Float64Array(block, shared, 2 * size * sharedCount),
      gradients: floats(gradients, size * count),
      parameters: floats(parameters, count),
    };
    // The other regions are written before they are read.
    for (const region of [regions.barrier, regions.command, regions.results, regions.shared]) region.fill(0);
    return regions;
  } catch (cause) {
    throw new OutOfMemoryError(`fit: ${size} workers need ${bytes} bytes of shared memory for their gradients`, { cause });
  }
}

/**
 * The exchange in shared memory. Two barriers for each step are enough: gradients are written
 * before the barrier of `reduceGradients` and read after it, parameters and the command before and
 * after the barrier of `shareParameters`. No replica reaches the next barrier before it has read.
 * `allGather` has a barrier and two regions of its own, used alternately: a replica that is one
 * `allGather` ahead writes where no other reads.
 */
export class SharedExchange implements Exchange {
  readonly rank: number;
  readonly size: number;
  readonly #regions: SharedRegions;
  readonly #barrier: Barrier;
  readonly #part: Part;
  readonly #sources: readonly FloatArray[];
  readonly #offsets: readonly number[];
  /** The region of the next `allGather`. */
  #turn = 0;

  /** @param part the part of the parameters that this replica updates */
  constructor({ rank, size }: Replica, regions: SharedRegions, part: Part) {
    this.rank = rank;
    this.size = size;
    this.#regions = regions;
    this.#part = part;
    this.#barrier = new Barrier(regions.barrier, size);
    this.#sources = Array.from({ length: size }, () => regions.gradients);
    this.#offsets = Array.from({ length: size }, (_, index) => index * regions.parameters.length);
  }

  shareParameters(values: ViewOf, command: StepCommand): void {
    const { parameters, command: words } = this.#regions;
    this.#publish(values());
    if (this.rank === 0) {
      words[COMMAND.go] = Number(command.go);
      words[COMMAND.learningRate] = command.learningRate;
    }
    this.#barrier.wait();
    const own = values();
    const { start, end } = this.#part;
    own.set(parameters.subarray(0, start), 0);
    own.set(parameters.subarray(end), end);
    command.go = words[COMMAND.go] === 1;
    command.learningRate = words[COMMAND.learningRate] as number;
  }

  allGather(own: Float64Array, all: Float64Array): void {
    const { shared } = this.#regions;
    const start = this.#turn * (shared.length / 2);
    this.#turn = 1 - this.#turn;
    shared.set(own, start + this.rank * own.length);
    this.#barrier.wait();
    for (let index = 0; index < all.length; index++) all[index] = shared[start + index] as number;
  }

  reduceGradients(values: ViewOf, own: Float64Array, all: Float64Array, whole: boolean): void {
    const { results, gradients, parameters } = this.#regions;
    if (own[RESULTS.weight] !== 0) gradients.set(values(), this.rank * parameters.length);
    results.set(own, this.rank * own.length);
    this.#barrier.wait();
    all.set(results);
    const part = whole ? { start: 0, end: parameters.length } : this.#part;
    weightedSum(values(), part, this.#sources, this.#offsets, factors(all, this.size));
  }

  gatherParts(values: ViewOf): void {
    // Other replicas may still be reading it.
    this.#barrier.wait();
    this.#publish(values());
    this.#barrier.wait();
    if (this.rank === 0) values().set(this.#regions.parameters.subarray(this.#part.end), this.#part.end);
    this.#barrier.wait();
  }

  #publish(values: FloatArray): void {
    const { start, end } = this.#part;
    this.#regions.parameters.set(values.subarray(start, end), start);
  }
}
