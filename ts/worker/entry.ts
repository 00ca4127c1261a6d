// `backtime/worker`: for a worker file of the user's own, and for the thread that has workers.
import { awaitHandshake } from './handshake.ts';

export { releaseWorkers } from './workerPool.ts';

awaitHandshake();
