// A user's worker, on a page.
import 'backtime/worker';
import { setWorker } from 'backtime';

setWorker(() => new Worker(new URL('./myWorker.js', import.meta.url), { type: 'module' }));
setWorker(null);
// @ts-expect-error an address is no function
setWorker('./myWorker.js');
