// Speeds beside each other in one run: the packed kernels against a naive one, relaxed SIMD against
// simd128. Never absolute times, which say more about the machine. What is asked for is below what
// is seen on a busy machine too, and a failed attempt is repeated; a kernel that lost its SIMD, its
// packing or its fused multiply-add fails.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { median } from '../../bench/median.mjs';
import { ask, root } from '../process.mjs';
import { SetUpError } from '../steps.mjs';
import { relaxedNode } from '../tools.mjs';
import { single, total } from './outcome.mjs';

const ATTEMPTS = 5;

/** [the faster, the slower, how many times faster it must be] */
const RATIOS = /** @type {const} */ ([
  ['product simd128', 'naive', 14],
  ['product relaxed', 'naive', 16],
  ['sequence simd128', 'naive', 8],
  ['sequence relaxed', 'naive', 8],
  ['product relaxed', 'product simd128', 1.1],
  ['sequence relaxed', 'sequence simd128', 1.1],
]);

/**
 * The ratios of one run of bench/ratios.mjs, a number for each round.
 * @returns {Record<string, number[]> | undefined} Undefined where it could not be run.
 */
function ratiosOfRun() {
  const answer = ask(relaxedNode(), [join(root, 'bench', 'ratios.mjs')]);
  if (answer === undefined) return undefined;
  const rates = JSON.parse(answer);
  // Two rates of one round are moments apart, and mostly suffer from the same neighbours.
  return Object.fromEntries(
    RATIOS.map(([faster, slower]) => [`${faster} / ${slower}`, rates[faster].map((rate, round) => rate / rates[slower][round])]),
  );
}

/**
 * The median of each ratio over the rounds of one run.
 * @returns {Record<string, number>}
 */
export function measuredRatios() {
  const ratios = ratiosOfRun();
  if (ratios === undefined) throw new SetUpError('bench/ratios.mjs could not be run (see above)');
  return Object.fromEntries(Object.entries(ratios).map(([name, rounds]) => [name, median(rounds)]));
}

/**
 * Measures until the median over all rounds so far is right for every ratio, or the attempts are
 * used up.
 */
export function speedRatios() {
  /** @type {number[][]} Of each ratio, one in each round. */
  const rounds = RATIOS.map(() => []);
  const reached = (index) => rounds[index].length > 0 && median(rounds[index]) >= RATIOS[index][2];
  for (let attempt = 0; attempt < ATTEMPTS && !RATIOS.every((_, index) => reached(index)); attempt++) {
    const ratios = ratiosOfRun();
    if (ratios === undefined) {
      console.error('bench/ratios.mjs could not be run');
      return single(false);
    }
    for (const [index, measured] of Object.values(ratios).entries()) rounds[index].push(...measured);
  }
  return total(
    RATIOS.map(([faster, slower, wanted], index) => {
      console.log(
        `${reached(index) ? 'ok    ' : 'FAILED'} ${faster} / ${slower}: ${median(rounds[index]).toFixed(2)} (at least ${wanted})`,
      );
      return single(reached(index));
    }),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = speedRatios().failed === 0 ? 0 : 1;
