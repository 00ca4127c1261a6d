// Results on the terminal.
import { ENGINE_NAMES } from './names.mjs';

/** Three figures, with a unit that fits. @param {number} ms */
export function formatTime(ms) {
  if (ms < 1) return `${significant(ms * 1000)} µs`;
  return ms < 10_000 ? `${significant(ms)} ms` : `${significant(ms / 1000)} s`;
}

const significant = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const percent = (share) => (share === null ? '' : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`);

/** @param {import('./results.mjs').Row[]} rows Of one workload and kind. */
export function printRows(title, rows) {
  console.log(`\n${title}`);
  console.log(
    `  ${''.padEnd(50)}${'time'.padStart(10)}${'GFLOP/s'.padStart(10)}${'of limit'.padStart(10)}${'(needed)'.padStart(10)}${'× best'.padStart(9)}`,
  );
  const times = rows.filter(({ ms, kind }) => ms !== null && kind !== 'limit').map(({ ms }) => ms);
  const best = Math.min(...times);
  for (const { engine, ms, gflops, shareOfLimit, neededShareOfLimit, kind, cannot } of rows) {
    const name = ENGINE_NAMES[engine].padEnd(50);
    if (ms === null) console.log(`  ${name}cannot: ${cannot}`);
    else {
      const ratio = kind === 'limit' ? '' : (ms / best).toFixed(2);
      const cells = [formatTime(ms), gflops ? significant(gflops) : '', percent(shareOfLimit), percent(neededShareOfLimit)];
      console.log(`  ${name}${cells.map((cell) => cell.padStart(10)).join('')}${ratio.padStart(9)}`);
    }
  }
  const around = rows.find((row) => row.around)?.around;
  if (around) console.log(`  the limit's loop before: ${significant(around.before)} GFLOP/s, after: ${significant(around.after)} GFLOP/s`);
}
