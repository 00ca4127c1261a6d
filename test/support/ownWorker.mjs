// A user's worker: the package's worker entry, and the user's classes.
import '../../dist/worker/entry.js';
import * as backtime from '../../dist/index.js';
import { ownClasses } from './ownClasses.mjs';

ownClasses(backtime);
