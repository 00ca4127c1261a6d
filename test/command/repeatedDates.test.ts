import { expect, test } from 'vitest';
import { refuseUnreadFlags } from '../../ts/command/taskFlags.ts';
import { checkRepeatedDates } from '../../ts/command/tasks/repeatedDates.ts';
import { DataError, type TableRow, tableFromRows } from '../../ts/index.ts';

const date = (day: number) => new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10);

/** A row for each date and each of some other values. */
function rowsOf<T>(days: number, others: readonly T[], row: (day: number, other: T) => TableRow): TableRow[] {
  return Array.from({ length: days }, (_, day) => others.map((other) => ({ date: date(day), ...row(day, other) }))).flat();
}

/** The warnings about the dates of rows, of which `sold` is forecast. */
async function check(rows: readonly TableRow[]): Promise<string[]> {
  const table = (await tableFromRows(rows, { source: 'sales.csv' })).sortByDate('date');
  const warnings: string[] = [];
  checkRepeatedDates(table, table.dates('date'), ['sold', 'date'], (message) => warnings.push(message));
  return warnings;
}

const shops = (days: number) =>
  rowsOf(days, ['north', 'south'], (day, shop) => ({ shop, sold: shop === 'north' ? 50 + day : 100 + day, price: day + shop.length }));

test('a file of several series is refused, and the error says which column tells them apart', async () => {
  await expect(check(shops(30))).rejects.toThrow(DataError);
  await expect(check(shops(30))).rejects.toThrow(
    /^sales\.csv has 2 rows for each date, such as 2024-01-01, which 'shop' tells apart: a forecast continues one series, .* the rows of one 'shop', or a table with a column for each, .* --target$/,
  );
  const products = rowsOf(20, ['a 1', 'a 2', 'b 1', 'b 2'], (day, name) => ({ shop: name[0], product: name[2], sold: day }));
  await expect(check(products.slice(1))).rejects.toThrow(
    /has up to 4 rows for a date, such as .*, which 'shop' and 'product' tell apart: .* the rows of one 'shop' and 'product', or/,
  );
  const numbers = rowsOf(20, [101, 102, 103], (day, store) => ({ store, sold: day }));
  await expect(check(numbers)).rejects.toThrow(/3 rows for each date, .* which 'store' tells apart/);
  // Of three shops two are open on each day.
  const closed = rowsOf(30, ['north', 'south', 'west'], (day, shop) => ({ shop, sold: day })).filter(
    (_, row) => row % 3 !== Math.floor(row / 3) % 3,
  );
  await expect(check(closed)).rejects.toThrow(/2 rows for each date, .* which 'shop' tells apart/);
});

test('the columns with the fewest values tell series apart; remarks that not all rows have do not', async () => {
  const coded = rowsOf(20, ['a', 'b'], (day, shop) => ({ code: `${shop}${day % 3}`, shop, remark: shop === 'a' ? '' : 'late', sold: day }));
  await expect(check(coded)).rejects.toThrow(/which 'shop' tells apart/);
  const remarks = rowsOf(20, [0, 1], (day, row) => ({ remark: row === 0 ? null : 'late', sold: day }));
  expect((await check(remarks))[0]).toMatch(/20 of 20 dates, the first of them 2024-01-01: /);
  const products = rowsOf(20, ['a 1', 'a 2', 'b 1', 'b 2'], (day, name) => ({
    half: day < 10 ? 'first' : 'second',
    shop: name[0],
    product: name[2],
    sold: day,
  }));
  await expect(check(products)).rejects.toThrow(/which 'shop' and 'product' tell apart/);
});

test('hours tell no series apart, also beside names of series', async () => {
  const hours = rowsOf(20, ['a 8', 'a 16', 'b 8', 'b 16'], (day, name) => ({ hour: Number(name.slice(2)), shop: name[0], sold: day }));
  await expect(check(hours)).rejects.toThrow(/which 'hour' and 'shop' tell apart: .* with the rows of one 'shop', or a table/);
  const shortly = rowsOf(20, ['north', 'south'], (day, s) => ({ s, sold: day }));
  await expect(check(shortly)).rejects.toThrow(/which 's' tells apart/);
  const times = rowsOf(20, ['08:00', '16:00'], (day, time) => ({ time, sold: day }));
  expect((await check(times))[0]).toMatch(/which 'time' tells apart: .*; write 'time' into the dates$/);
});

test('what may be steps of one series is a warning', async () => {
  expect(await check(rowsOf(20, [0], (day) => ({ sold: day })))).toEqual([]);
  const hours = rowsOf(20, [0, 8, 16], (day, hour) => ({ hour, sold: day + hour }));
  expect(await check(hours)).toEqual([
    "sales.csv has several rows for 20 of 20 dates, the first of them 2024-01-01, which 'hour' tells apart: each row is taken for the next step, in the order of the file; write 'hour' into the dates",
  ]);
  const once = rowsOf(30, [0], (day) => ({ sold: day, price: day / 2 }));
  expect(await check([...once, { date: date(7), sold: 3, price: 4 }])).toEqual([
    'sales.csv has several rows for 1 of 30 dates, the first of them 2024-01-08: each row is taken for the next step, in the order of the file; if they are of one time, keep one of them, or write their sum or mean',
  ]);
  // A second shop on few days.
  const [both, days] = [shops(30), shops(3)];
  const few = [...days, ...both.filter((_, row) => row % 2 === 0).slice(3)];
  expect((await check(few))[0]).toMatch(
    /3 of 30 dates, the first of them 2024-01-01, which 'shop' tells apart: .*, or write their sum or mean$/,
  );
  // Nothing tells the rows apart: prices that differ by chance name no series.
  const prices = rowsOf(30, [1, 2], (day, which) => ({ sold: day, price: 10 * day + which / 7 }));
  expect((await check(prices))[0]).toMatch(/30 of 30 dates, the first of them 2024-01-01: /);
});

test('--group says how a file of several series is forecast', () => {
  expect(() => refuseUnreadFlags({ group: 'shop' }, 'forecast', null)).toThrow(/^--group is not for forecast: .* the rows of one 'shop'/);
});
