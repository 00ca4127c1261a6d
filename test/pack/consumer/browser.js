import * as backtime from 'backtime';
import { train } from './train.js';

// Where there is no terminal, 1 prints lines.
window.outcome = train(backtime, { verbose: 1 }).catch((error) => `FAILED ${error.stack}`);
