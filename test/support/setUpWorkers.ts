// Not from the index: what a test mocks must not be loaded before it.
import { setWorkerUrl } from '../../ts/training/workerOptions.ts';

// Node 20 cannot run ts/worker/worker.ts, so workers run the package's file; `npm test` has compiled it from the same sources.
setWorkerUrl(new URL('../../dist/worker/worker.js', import.meta.url));
