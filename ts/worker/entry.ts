// `backtime/worker`: for a worker file of the user's own, and for the thread that has workers.
import { awaitGreeting } from './greeting.ts';

export { releaseWorkers } from './workerPool.ts';

awaitGreeting();
