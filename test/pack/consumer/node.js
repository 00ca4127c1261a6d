import * as backtime from 'backtime';
import { train } from './train.js';

console.log(await train(backtime, { verbose: 0 }));
