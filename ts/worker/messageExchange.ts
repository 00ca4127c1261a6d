import type { FloatArray } from '../backend/backend.ts';
import type { Part, Replica } from '../run/replica.ts';
import { type Exchange, factors, RESULTS, type StepCommand, type ViewOf, weightedSum } from './exchange.ts';

/** The message of one replica to another in one exchange. */
interface ReplicaMessage {
  readonly floats: FloatArray;
  /** The numbers of `reduceGradients` or `allGather`. */
  readonly results?: Float64Array;
  readonly command?: StepCommand;
}

/**
 * The exchange without shared memory: every pair of replicas has a channel and transfers buffers.
 */
export class MessageExchange implements Exchange {
  readonly rank: number;
  readonly size: number;
  readonly #part: Part;
  readonly #parts: readonly Part[];
  readonly #count: number;
  /** The links to the other replicas by rank; null for this one. */
  readonly #links: readonly (Link | null)[];

  /**
   * @param ports the ports to the other replicas by rank; null for this one
   * @param parts the part of the `count` parameters that each replica updates
   */
  constructor({ rank, size }: Replica, ports: readonly (MessagePort | null)[], parts: readonly Part[], count: number) {
    this.rank = rank;
    this.size = size;
    this.#parts = parts;
    this.#part = parts[rank] as Part;
    this.#count = count;
    this.#links = ports.map((port) => port && new Link(port));
  }

  async shareParameters(values: ViewOf, command: StepCommand): Promise<void> {
    const { start, end } = this.#part;
    const own = values();
    for (const link of this.#links) link?.send({ floats: own.slice(start, end), command });
    for (const [rank, link] of this.#links.entries()) {
      if (!link) continue;
      const message = await link.receive();
      values().set(message.floats, this.#parts[rank]?.start);
      if (rank === 0 && message.command) Object.assign(command, message.command);
    }
  }

  async allGather(own: Float64Array, all: Float64Array): Promise<void> {
    for (const link of this.#links) link?.send({ floats: new Float32Array(0), results: own });
    for (const [rank, link] of this.#links.entries())
      all.set(link ? ((await link.receive()).results as Float64Array) : own, rank * own.length);
  }

  async reduceGradients(values: ViewOf, own: Float64Array, all: Float64Array, whole: boolean): Promise<void> {
    const gradients = values();
    const everything = { start: 0, end: this.#count };
    for (const [rank, link] of this.#links.entries()) {
      const { start, end } = whole ? everything : (this.#parts[rank] as Part);
      link?.send({ floats: own[RESULTS.weight] === 0 ? gradients.slice(0, 0) : gradients.slice(start, end), results: own });
    }
    const part = whole ? everything : this.#part;
    const sources: FloatArray[] = [];
    for (const [rank, link] of this.#links.entries()) {
      const message = link ? await link.receive() : null;
      all.set(message?.results ?? own, rank * own.length);
      sources.push(message?.floats ?? values().slice(part.start, part.end));
    }
    // The received arrays begin with this replica's part.
    weightedSum(
      values(),
      part,
      sources,
      sources.map(() => -part.start),
      factors(all, this.size),
    );
  }

  async gatherParts(values: ViewOf): Promise<void> {
    const { start, end } = this.#part;
    if (this.rank > 0) this.#links[0]?.send({ floats: values().slice(start, end) });
    else {
      for (const [rank, link] of this.#links.entries()) if (link) values().set((await link.receive()).floats, this.#parts[rank]?.start);
    }
  }

  close(): void {
    for (const link of this.#links) link?.close();
  }
}

/** A channel to another replica. Messages wait in order until they are read. */
class Link {
  readonly #port: MessagePort;
  readonly #arrived: ReplicaMessage[] = [];
  #waiting: ((message: ReplicaMessage) => void) | null = null;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<ReplicaMessage>) => {
      const waiting = this.#waiting;
      this.#waiting = null;
      if (waiting) waiting(data);
      else this.#arrived.push(data);
    };
  }

  send(message: ReplicaMessage): void {
    this.#port.postMessage(message, [message.floats.buffer as ArrayBuffer]);
  }

  receive(): Promise<ReplicaMessage> {
    const next = this.#arrived.shift();
    return next
      ? Promise.resolve(next)
      : new Promise((resolve) => {
          this.#waiting = resolve;
        });
  }

  close(): void {
    this.#port.close();
  }
}
