// Backtime's own worker, as one script.
import { awaitHandshake } from './handshake.ts';

awaitHandshake();
