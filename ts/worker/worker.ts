// Backtime's own worker, as one script.
import { awaitGreeting } from './greeting.ts';

awaitGreeting();
