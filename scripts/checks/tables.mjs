// Checks that each table of measured numbers whose sources have changed says so in its page. A
// stale table does not fail the check, because measuring again needs hours or other machines: it is
// listed below the summary. A stale table without its mark fails it.
import { pathToFileURL } from 'node:url';
import { describeStale, markPages } from '../tables.mjs';
import { report } from './outcome.mjs';

/** @returns {Promise<import('./outcome.mjs').Outcome>} */
export async function measuredTables() {
  /** @type {string[]} */
  const notes = [];
  const outcome = await report('tables', () => {
    const { changes, stale, names } = markPages();
    notes.push(...stale.map(describeStale));
    if (changes.length > 0) {
      const pages = changes.map(({ page }) => page).join(', ');
      throw new Error(`${pages}: run \`npm run tables\` and commit the marks of stale tables that it writes or takes away`);
    }
    return `${names.length} tables, ${stale.length} of them stale and marked so`;
  });
  for (const note of notes) console.log(note);
  return { ...outcome, notes };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = (await measuredTables()).failed === 0 ? 0 : 1;
