import { invariant } from '../core/invariant.ts';
import { CACHE_LINE } from '../run/engine.ts';
import { partOf, type Replica } from '../run/replica.ts';
import type { MeetingPlace } from './commands.ts';
import type { Exchange } from './exchange.ts';
import { MessageExchange } from './messageExchange.ts';
import { SharedExchange } from './sharedExchange.ts';

/** Makes the exchange of a replica with the others. */
export function meet(place: MeetingPlace, replica: Replica, trainableCount: number): Exchange {
  const parts = Array.from({ length: replica.size }, (_, rank) => partOf(trainableCount, { ...replica, rank }, CACHE_LINE));
  if ('ports' in place) return new MessageExchange(replica, place.ports, parts, trainableCount);
  const part = parts[replica.rank];
  invariant(part, `replica ${replica.rank} of ${replica.size}`);
  return new SharedExchange(replica, place.regions, part);
}
