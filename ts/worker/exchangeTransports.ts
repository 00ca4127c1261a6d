import { openChannel } from '../core/nodeGlobals.ts';
import { canShareMemory, type SharedAllocation } from '../core/sharedMemory.ts';
import { warn } from '../core/warnings.ts';
import type { ExchangeTransport, ModelSizes } from './commands.ts';
import { allocateRegions, type RegionSizes } from './sharedExchange.ts';

/**
 * Makes the transport of each replica's exchange, by rank: shared memory if the runtime has it,
 * otherwise a channel between each two replicas; null for a single replica.
 * @throws {OutOfMemoryError} when there is not enough shared memory
 */
export function exchangeTransports(
  size: number,
  { trainableCount: count, floatBytes }: ModelSizes,
  numbers: Pick<RegionSizes, 'resultCount' | 'sharedCount'>,
  memory: SharedAllocation,
): (ExchangeTransport | null)[] {
  if (size === 1) return [null];
  if (canShareMemory()) {
    const regions = allocateRegions(memory, { size, count, floatBytes, ...numbers });
    return Array.from({ length: size }, () => ({ regions }));
  }
  warn(
    'NO_SHARED_MEMORY',
    'there is no SharedArrayBuffer here (pages need the headers Cross-Origin-Opener-Policy: same-origin and ' +
      'Cross-Origin-Embedder-Policy: require-corp), so workers exchange gradients by messages, which takes longer.',
  );
  const ports = Array.from({ length: size }, () => new Array<MessagePort | null>(size).fill(null));
  for (let first = 0; first < size; first++) {
    for (let second = first + 1; second < size; second++) {
      const { port1, port2 } = openChannel();
      (ports[first] as (MessagePort | null)[])[second] = port1;
      (ports[second] as (MessagePort | null)[])[first] = port2;
    }
  }
  return ports.map((own) => ({ ports: own }));
}
