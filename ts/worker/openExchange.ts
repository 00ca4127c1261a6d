import { invariant } from '../core/invariant.ts';
import { CACHE_LINE } from '../run/engine.ts';
import { partOf, type Replica } from '../run/replica.ts';
import type { ExchangeTransport } from './commands.ts';
import type { Exchange } from './exchange.ts';
import { MessageExchange } from './messageExchange.ts';
import { SharedExchange } from './sharedExchange.ts';

/** Makes the exchange of a replica with the others. */
export function openExchange(transport: ExchangeTransport, replica: Replica, trainableCount: number): Exchange {
  const parts = Array.from({ length: replica.size }, (_, rank) => partOf(trainableCount, { ...replica, rank }, CACHE_LINE));
  if ('ports' in transport) return new MessageExchange(replica, transport.ports, parts, trainableCount);
  const part = parts[replica.rank];
  invariant(part, `replica ${replica.rank} of ${replica.size}`);
  return new SharedExchange(replica, transport.regions, part);
}
