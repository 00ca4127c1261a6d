import * as backtime from 'backtime';
import { trainOwn } from './own.js';
import { train } from './train.js';

const startWorker = () => new Worker(new URL('./myWorker.js', import.meta.url), { type: 'module' });

// Where there is no terminal, 1 prints lines.
window.outcome = train(backtime, { verbose: 1 })
  .then(async (outcome) => `${outcome}; ${await trainOwn(backtime, startWorker)}`)
  .catch((error) => `FAILED ${error.stack}`);
