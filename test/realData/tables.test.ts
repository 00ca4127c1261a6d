import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCSV } from '../../ts/index.ts';
import { describeWithData } from './sharedData.ts';

describeWithData('real tables', 'forecast', (folder) => {
  test('their columns are what they are', async () => {
    const names = readdirSync(folder).filter((name) => /\.csv(\.gz)?$/.test(name));
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) {
      const table = await readCSV(join(folder, name));
      expect(table.rowCount).toBeGreaterThan(30);
      const columns = table.describeColumns();
      expect(columns.filter(({ kind }) => kind === 'number').length).toBeGreaterThan(0);
      for (const { name: column, kind } of columns) {
        if (kind === 'number') expect(table.numbers(column, { missing: 'linear' }).every(Number.isFinite)).toBe(true);
        if (kind === 'date') expect(table.dates(column).every(Number.isFinite)).toBe(true);
      }
    }
  });
});
