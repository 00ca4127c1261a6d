import { expect, test } from 'vitest';
import { withLine } from '../../scripts/historyFile.mjs';

test('a commit has one line, the newest last, and a new column is empty before', async () => {
  const first = await withLine('', { commit: 'a1', date: '2026-11-01', 'README, gzipped': '40.1' });
  expect(first).toBe('commit,date,"README, gzipped"\na1,2026-11-01,40.1\n');
  const second = await withLine(first, { commit: 'b2', date: '2026-11-02', 'README, gzipped': '40.3', ratio: '1.5' });
  expect(second).toBe('commit,date,"README, gzipped",ratio\na1,2026-11-01,40.1,\nb2,2026-11-02,40.3,1.5\n');
  expect(await withLine(second, { commit: 'a1', date: '2026-11-01', ratio: '1.4' })).toBe(
    'commit,date,"README, gzipped",ratio\nb2,2026-11-02,40.3,1.5\na1,2026-11-01,,1.4\n',
  );
});
