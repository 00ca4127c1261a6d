import { expose } from 'comlink';
import { DataServer } from './dataServer.ts';

expose(new DataServer());
