import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withTable } from '../support/featureTables.ts';

const file = new URL('../../FEATURES.md', import.meta.url);

test("FEATURES.md says which of Keras's names there are; `npm run features` brings it up to date", () => {
  const page = readFileSync(file, 'utf8');
  if (process.env.BACKTIME_WRITE_FEATURES) writeFileSync(file, withTable(page));
  else expect(page).toBe(withTable(page));
});
