import { isNode } from './nodeModule.ts';

/**
 * Milliseconds of a clock that only goes forward. Node loads what is behind its `performance` when
 * that is first used, which takes a millisecond of a program's start.
 */
export const now: () => number = isNode() ? () => process.uptime() * 1000 : () => performance.now();
