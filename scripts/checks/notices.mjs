// Checks that THIRD_PARTY_NOTICES.md is what its generator makes of the lock files and of what is
// bundled.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { noticesFile, thirdPartyNotices } from '../notices.mjs';
import { report } from './outcome.mjs';

export const noticesAreCurrent = () =>
  report('THIRD_PARTY_NOTICES.md', async () => {
    const expected = await thirdPartyNotices();
    if (readFileSync(noticesFile, 'utf8') !== expected)
      throw new Error('it does not list what is linked and bundled now: run `node scripts/notices.mjs`, read its changes and commit them');
    return `${expected.match(/^### /gm)?.length} projects`;
  });

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = (await noticesAreCurrent()).failed === 0 ? 0 : 1;
