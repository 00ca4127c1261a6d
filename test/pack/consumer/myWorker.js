import 'backtime/worker';
import * as backtime from 'backtime';
import { defineOwn } from './own.js';

defineOwn(backtime);
