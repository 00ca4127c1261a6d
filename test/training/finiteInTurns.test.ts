import { afterEach, describe, expect, it, vi } from 'vitest';
import { allFiniteInTurns } from '../../ts/control/finiteInTurns.ts';

const PIECE = 2 ** 18;

afterEach(() => vi.restoreAllMocks());

describe('values checked in pieces', () => {
  it.each([0, PIECE - 1, PIECE, 2 * PIECE + 2])('finds the one value that is not finite at %i', async (index) => {
    const values = new Float32Array(2 * PIECE + 3);
    expect(await allFiniteInTurns(() => values)).toBe(true);
    values[index] = Number.NaN;
    expect(await allFiniteInTurns(() => values)).toBe(false);
    values[index] = Number.NEGATIVE_INFINITY;
    expect(await allFiniteInTurns(() => values)).toBe(false);
  });

  it('has nothing to find in none', async () => {
    expect(await allFiniteInTurns(() => null)).toBe(true);
  });

  it('handles waiting events between pieces, and looks at memory that moved meanwhile', async () => {
    let seconds = process.uptime();
    vi.spyOn(process, 'uptime').mockImplementation(() => (seconds += 0.1));
    let values = new Float32Array(3 * PIECE);
    setImmediate(() => {
      // As when a module's memory grows: the view before has no values.
      values = new Float32Array(3 * PIECE);
      values[3 * PIECE - 1] = Number.POSITIVE_INFINITY;
    });
    expect(await allFiniteInTurns(() => values)).toBe(false);
  });
});
