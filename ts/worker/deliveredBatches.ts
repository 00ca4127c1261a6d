import type { Endpoint } from 'comlink';
import { invariant } from '../core/invariant.ts';
import type { Batch, BatchSource } from '../feed/batches.ts';
import { inOrder } from '../run/writeBatch.ts';
import { DeliverySignals } from './deliverySignals.ts';
import { endpointOf } from './endpoint.ts';
import type { LearningRates } from './learningRates.ts';
import { ofOwnRealm } from './ownRealm.ts';
import type { PlacedDataset, PostedDelivery } from './sharedDelivery.ts';

/**
 * The batches that the caller gives to several workers in shared memory. Each worker has the whole
 * batch. It sleeps until the next batch is there, which is read while it trains on one.
 */
export class DeliveredBatches implements BatchSource {
  readonly #signals: DeliverySignals;
  readonly #port: MessagePort;
  readonly #endpoint: Endpoint;
  readonly #rank: number;
  readonly #onRates: (rates: LearningRates) => void;
  /** The batches at the places that the caller names. */
  readonly #places: Batch[] = [];
  /** Messages about places, and how many of all were read. */
  readonly #arrived: PlacedDataset[] = [];
  #read = 0;
  #wake: (() => void) | null = null;
  /** The number of the next batch in the epoch. */
  #index = 0;

  /** @param onRates gets the learning rates that come with a batch, when its step begins */
  constructor({ regions, port }: PostedDelivery, rank: number, onRates: (rates: LearningRates) => void) {
    this.#signals = new DeliverySignals(regions);
    this.#port = port;
    this.#endpoint = endpointOf(port);
    this.#rank = rank;
    this.#onRates = onRates;
    this.#endpoint.addEventListener('message', (event) => {
      this.#arrived.push((event as MessageEvent<PlacedDataset>).data);
      this.#wake?.();
    });
    this.#endpoint.start?.();
  }

  begin(): void {
    this.#index = 0;
  }

  async next(): Promise<Batch | null> {
    const given = this.#signals.wait(this.#index);
    if (given === null) return null;
    this.#index++;
    if (this.#signals.take(this.#rank, this.#index)) this.#endpoint.postMessage(null);
    // The caller has sent them before it gave the batch.
    while (this.#read < given.messages) await this.#readMessage();
    if (given.rates !== null) this.#onRates(given.rates);
    const batch = this.#places[given.place];
    invariant(batch, `place ${given.place} has a batch`);
    return batch;
  }

  close(): void {
    this.#port.close();
  }

  async #readMessage(): Promise<void> {
    while (this.#arrived.length === 0)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    const { place, dataset } = ofOwnRealm(this.#arrived.shift() as PlacedDataset);
    this.#places[place] = { dataset, order: inOrder(dataset.count), start: 0, rows: dataset.count };
    this.#read++;
  }
}
