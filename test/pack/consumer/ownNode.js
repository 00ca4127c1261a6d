import { Worker } from 'node:worker_threads';
import * as backtime from 'backtime';
import { trainOwn } from './own.js';

console.log(`OK ${await trainOwn(backtime, () => new Worker(new URL('./myWorker.js', import.meta.url)))}`);
