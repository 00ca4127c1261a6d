import type { Endpoint } from 'comlink';
import { openChannel } from '../core/nodeGlobals.ts';
import { sameShape } from '../core/shape.ts';
import { isShared, SharedAllocation } from '../core/sharedMemory.ts';
import type { BatchSource } from '../feed/batches.ts';
import type { Column, Dataset } from '../feed/dataset.ts';
import { type DeliveryRegions, DeliverySignals } from './deliverySignals.ts';
import { endpointOf } from './endpoint.ts';
import type { LearningRates } from './learningRates.ts';

/** How a worker gets batches in shared memory. */
export interface PostedDelivery {
  readonly regions: DeliveryRegions;
  /**
   * Sends the worker a {@link PlacedDataset} for each place that changes; the worker sends any
   * message when all workers have taken a batch.
   */
  readonly port: MessagePort;
}

/** The arrays of batches, for a place in the worker's list. */
export interface PlacedDataset {
  readonly place: number;
  readonly dataset: Dataset;
}

/**
 * Number of places. Batches of one shape take three in turn: one for the batch that workers train
 * on, one for the next and one for that which is read.
 */
const PLACES = 8;

/**
 * Gives batches of an iterable to several workers, in shared memory that is used again for later
 * batches. A batch costs no message where its arrays are those of an earlier one: its place is
 * enough. It gives a batch when all workers have taken the one before.
 */
export class SharedDelivery {
  readonly #source: BatchSource;
  readonly #regions: DeliveryRegions;
  readonly #signals: DeliverySignals;
  readonly #ratesOf: (index: number) => LearningRates | null;
  readonly #ports: MessagePort[] = [];
  readonly #endpoints: Endpoint[] = [];
  /** The arrays that workers have at each place; null where later batches cannot have the same. */
  readonly #places: (Dataset | null)[] = new Array(PLACES).fill(null);
  #nextPlace = 0;
  #messages = 0;
  /** The memory of the last two batches that were given. */
  readonly #used: SharedAllocation[] = [];
  /** Memory that no worker uses. */
  readonly #free: SharedAllocation[] = [];
  /** Number of batches of the epoch that were given. */
  #given = 0;
  #isReading = false;
  /** Whether there is nothing to give: the epoch has ended, or none has begun. */
  #hasEnded = true;
  /** Number of epochs that were begun. What is read for an earlier one is dropped. */
  #epochs = 0;
  #failure: { readonly error: unknown } | null = null;

  /**
   * @param memory the memory of the run
   * @param ratesOf the learning rates that come with a batch, by its number in the epoch
   * @throws {OutOfMemoryError} when there is not enough memory
   */
  constructor(source: BatchSource, workers: number, memory: SharedAllocation, ratesOf: (index: number) => LearningRates | null) {
    this.#source = source;
    this.#regions = DeliverySignals.allocate(memory, workers);
    this.#signals = new DeliverySignals(this.#regions);
    this.#ratesOf = ratesOf;
    source.shareMemory?.(() => this.#free.pop() ?? new SharedAllocation());
  }

  /** Opens the delivery to one more worker. Its port must be transferred. */
  open(): PostedDelivery {
    const { port1, port2 } = openChannel();
    const endpoint = endpointOf(port1);
    endpoint.addEventListener('message', () => void this.#give());
    endpoint.start?.();
    this.#ports.push(port1);
    this.#endpoints.push(endpoint);
    return { regions: this.#regions, port: port2 };
  }

  /** Begins an epoch. The workers have ended the one before. */
  begin(epoch: number): void {
    this.#source.begin(epoch);
    this.#epochs++;
    this.#given = 0;
    this.#isReading = false;
    this.#hasEnded = false;
    this.#signals.begin();
    void this.#give();
  }

  /** Throws the error of a batch that could not be read. */
  throwFailure(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure) throw failure.error;
  }

  /**
   * Ends the delivery: it writes to no memory of the run any more.
   * @param haveFinished whether no worker uses the batches any more
   */
  close(haveFinished: boolean): void {
    this.#epochs++;
    this.#hasEnded = true;
    for (const port of this.#ports) port.close();
    if (!haveFinished) return;
    for (const memory of [...this.#used, ...this.#free]) memory.release();
  }

  /** Gives the next batch if all workers have taken those before. */
  async #give(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    const epochs = this.#epochs;
    while (!this.#hasEnded && this.#given <= this.#signals.taken) {
      // Who has taken a batch has trained on those before it.
      if (this.#used.length === 2) this.#freeMemory(this.#used.shift());
      let dataset: Dataset | null = null;
      try {
        const batch = await this.#source.next();
        if (epochs !== this.#epochs) {
          this.#freeMemory(batch?.memory);
          return;
        }
        if (batch?.memory) this.#used.push(batch.memory);
        dataset = batch?.dataset ?? null;
      } catch (error) {
        if (epochs !== this.#epochs) return;
        // Kept until the workers have trained on the batches before it.
        this.#failure = { error };
      }
      this.#hasEnded = dataset === null;
      const index = this.#given++;
      const given = dataset && { place: this.#placeOf(dataset), messages: this.#messages, rates: this.#ratesOf(index) };
      this.#signals.give(index, given);
    }
    this.#isReading = false;
  }

  /** The place of these arrays; if they have none, the workers are told a new one. */
  #placeOf(dataset: Dataset): number {
    const known = this.#places.findIndex((placed) => placed !== null && areSameArrays(placed, dataset));
    if (known >= 0) return known;
    const place = this.#nextPlace;
    this.#nextPlace = (place + 1) % PLACES;
    const { x, y, weight } = dataset;
    const columns = [...x, ...y, ...weight];
    this.#places[place] = columns.every((column) => column === null || isShared(column.data.buffer)) ? dataset : null;
    const message: PlacedDataset = { place, dataset };
    for (const endpoint of this.#endpoints) endpoint.postMessage(message);
    this.#messages++;
    return place;
  }

  #freeMemory(memory: SharedAllocation | null | undefined): void {
    if (!memory) return;
    memory.rewind();
    this.#free.push(memory);
  }
}

/** Whether two batches lie in the same arrays, with the same layout. */
function areSameArrays(a: Dataset, b: Dataset): boolean {
  return (
    a.count === b.count &&
    a.sampleShapes.every((shape, input) => sameShape(shape, b.sampleShapes[input] as readonly number[])) &&
    areSameColumns(a.x, b.x) &&
    areSameColumns(a.y, b.y) &&
    areSameColumns(a.weight, b.weight)
  );
}

function areSameColumns(a: readonly (Column | null)[], b: readonly (Column | null)[]): boolean {
  return a.length === b.length && a.every((column, index) => isSameColumn(column, b[index] as Column | null));
}

function isSameColumn(a: Column | null, b: Column | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.data.buffer === b.data.buffer &&
    a.data.byteOffset === b.data.byteOffset &&
    a.data.length === b.data.length &&
    a.data.constructor === b.data.constructor &&
    a.steps === b.steps &&
    a.features === b.features &&
    a.sampleStride === b.sampleStride &&
    a.stepStride === b.stepStride &&
    (a.order === b.order || (a.order !== null && b.order !== null && areSameNumbers(a.order, b.order)))
  );
}

function areSameNumbers(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
