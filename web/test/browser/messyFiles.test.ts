import type { Page } from 'puppeteer-core';
import { describe, expect, test } from 'vitest';
import {
  BROWSERS,
  chooseOption,
  dropFile,
  fieldText,
  pressIn,
  scoreOf,
  textOf,
  trainToEnd,
  typeInto,
  unfold,
  waitForText,
} from './session.ts';
import { useBrowser } from './visits.ts';

const lines = (count: number, row: (index: number) => readonly (string | number)[]) =>
  Array.from({ length: count }, (_, index) => row(index).join(','));

/** Says what a file is for once it is read: before, the page is still moving. */
async function chooseTask(page: Page, file: string, task: string): Promise<void> {
  await waitForText(page, '#data-status', new RegExp(`^${file}: `));
  await page.click(`label[for=task-${task}]`);
}

describe.each(BROWSERS)('in %s a file as people have it', (name) => {
  const { visit } = useBrowser(name);

  test('has its names found where pandas left one empty; a first row that becomes a class is warned of, and can be changed', async () => {
    const { page } = await visit();
    await dropFile(page, 'pandas.csv', [',text,label', ...lines(60, (row) => [row, `words ${row % 7} of ${row}`, row % 2])].join('\n'));
    await waitForText(page, '#task-status', /in 2 classes \(0, 1\)/);
    expect(await textOf(page, '#header-reason')).toBe('Taken for names, because “label” stands above numbers.');
    expect(await page.$('#data-warnings')).toBeNull();
    await page.focus('#header');
    await page.keyboard.press(' ');
    await waitForText(page, '#task-status', /in 3 classes \(0, 1, label\)/);
    expect(await textOf(page, '#data-warnings')).toBe(
      'Look here: A class has only one example: “label” in row 1. Row 1 may hold the names of the columns: if so, say it above, at the first rows.',
    );
    await page.keyboard.press(' ');
    await waitForText(page, '#task-status', /in 2 classes \(0, 1\)/);
    expect(await page.$('#data-warnings')).toBeNull();
    expect(await page.$eval('#header', (box) => (box as HTMLInputElement).checked)).toBe(true);
  });

  test('has names in two rows, which are shown, and can be taken apart and joined again by keyboard', async () => {
    const { page } = await visit();
    const rows = lines(80, (row) => [new Date(Date.UTC(2024, 0, 1 + row)).toISOString().slice(0, 10), row % 7, 10 + (row % 5)]);
    await dropFile(page, 'groups.csv', ['day,load of the plant,', ',least,most', ...rows].join('\n'));
    await waitForText(page, '#task-status', /^80 values/);
    const head = () => page.$$eval('#data thead th', (cells) => cells.map(({ textContent }) => textContent));
    expect(await head()).toEqual(['day', 'load of the plant least', 'load of the plant most']);
    expect(await textOf(page, 'label[for=header]')).toBe('Rows 1 and 2 hold the names of the columns');
    expect(await textOf(page, '#header-reason')).toBe(
      'Taken for names, because “load of the plant” stands above numbers, and row two tells columns of one group apart.',
    );
    await pressIn(page, '#more-names', ' ');
    await waitForText(page, 'label[for=header]', /^Row 1 holds the names/);
    await waitForText(page, 'label[for=more-names]', /^Row 2 belongs to them: it was taken for units$/);
    expect(await head()).toEqual(['day', 'load of the plant', 'column3']);
    await pressIn(page, '#more-names', ' ');
    await waitForText(page, 'label[for=header]', /^Rows 1 and 2 hold the names/);
    await waitForText(page, '#task-status', /^80 values/);
  });

  test('has a table of Markdown read when it is pasted, and its remark left out and named', async () => {
    const { page } = await visit();
    const rows = Array.from({ length: 80 }, (_, row) => `| ${row % 9} | ${(row * 7) % 11} |`);
    await dropFile(
      page,
      'notes.md',
      ['| speed | load |', '|------:|-----:|', ...rows.slice(0, 40), '# sensor replaced', ...rows.slice(40)].join('\n'),
    );
    await waitForText(page, '#task-status', /^80 values/);
    await unfold(page, 'row-problems');
    expect(await textOf(page, '#row-problems')).toBe(
      '1 row is left out\nRow 43: is a remark between the rows: it is left out, and is no step of a series',
    );
  });

  test('has its names found below a title, above numbers as names, and over an empty column', async () => {
    const { page } = await visit();
    await dropFile(
      page,
      'title.csv',
      ['Sales of 2023', '', 'text,rating', ...lines(60, (row) => [`words of ${row}`, row % 2 ? 'good' : 'bad'])].join('\n'),
    );
    await waitForText(page, '#task-status', /in 2 classes \(bad, good\)/);
    expect(await textOf(page, 'label[for=header]')).toBe('Row 3 holds the names of the columns');
    expect(await textOf(page, '#row-problems')).toBe('1 row is left out\nRow 1: is a title: the table begins below it');
    await dropFile(
      page,
      'numbers.csv',
      ['0,1,2,3,class', ...lines(60, (row) => [row * 0.5, row % 7, row % 5, 1, 'abc'[row % 3]])].join('\n'),
    );
    await chooseTask(page, 'numbers.csv', 'classifySeries');
    await waitForText(page, '#task-status', /in 3 classes \(a, b, c\)/);
    await dropFile(
      page,
      'excel.csv',
      ['text,rating,', ...lines(60, (row) => [`words of ${row}`, row % 2 ? 'good' : 'bad', ''])].join('\n'),
    );
    await chooseTask(page, 'excel.csv', 'classifyText');
    await waitForText(page, '#task-status', /in 2 classes \(bad, good\)/);
  });

  test('has its numbers forecast, not its dates, and missing ones filled in place and named', async () => {
    const { page } = await visit();
    const load = (row: number) => 20 + Math.round(8 * Math.sin(row / 4));
    const marks = ['', 'NA', 'n/a', '-', 'null', '-999'];
    const rows = lines(300, (row) => [
      new Date(Date.UTC(2020, 0, 10, row)).toISOString().slice(0, 16).replace('T', ' '),
      row % 50 === 20 ? marks[Math.floor(row / 50)] : load(row),
    ]);
    await dropFile(page, 'missing.csv', ['time,load', ...rows].join('\n'));
    await chooseTask(page, 'missing.csv', 'forecast');
    await waitForText(page, '#task-status', /^300 values \(6 missing ones filled in\)/);
    expect(await page.$eval('#column-value', (field) => (field as HTMLSelectElement).selectedOptions[0].text)).toBe('load');
    expect(await page.$('#row-problems')).toBeNull();
    expect(await textOf(page, '#missing-numbers summary')).toBe('6 rows lack numbers');
    await unfold(page, 'missing-numbers');
    const list = await textOf(page, '#missing-numbers');
    expect(list).toMatch(/A number is missing where a cell is empty, holds NA, n\/a, null/);
    for (const line of [
      'Row 22: column “load” is empty: filled in from its neighbours',
      'Row 72: column “load” has “NA”: filled in from its neighbours',
      'Row 272: column “load” has “-999”, a mark for a missing number: filled in from its neighbours',
    ])
      expect(list).toContain(line);
    await chooseOption(page, '#column-value', '0');
    await waitForText(page, '#task', /Problem: Column “time” holds dates or times, not numbers: row 2 has “2020-01-10 00:00”\./);
    await chooseOption(page, '#column-value', '1');
    await typeInto(page, '#setting-window', 30);
    await typeInto(page, '#setting-horizon', 5);
    await unfold(page, 'training-settings');
    await typeInto(page, '#learning-rate', '0,01');
    await waitForText(page, '#task-status', /30 are read, the next 5 forecast\./);
    await trainToEnd(page);
    const { model, baseline } = await scoreOf(page);
    expect(model).toBeLessThan(baseline / 2);
  });

  test('has one of its series forecast, by dates whose order can be said, along a plot of dates', async () => {
    const { page } = await visit();
    const rows = ['north', 'south'].flatMap((store, place) =>
      lines(60, (row) => [`01/${String(1 + (row % 12)).padStart(2, '0')}/${2015 + Math.floor(row / 12)}`, store, 100 * place + row]),
    );
    await dropFile(page, 'stores.csv', ['month,store,sales', ...rows].join('\n'));
    await waitForText(page, '#task-status', /^60 values/);
    const said = await textOf(page, '#data-warnings');
    expect(said).toMatch(/The table holds 2 series, told apart by “store”: “north” is forecast\. Choose another above, or all of them\./);
    expect(said).toMatch(/Every date of “month” may have the day or the month first\. “01\/02\/2015” is taken for /);
    await chooseOption(page, '#key-value', '1');
    await waitForText(page, '#data-warnings', /“south” is forecast/);
    const plot = () =>
      page.$eval('#series-plot', (details) => [
        details.querySelector('summary')?.textContent,
        details.querySelector('.u-legend')?.textContent,
      ]);
    const order = await fieldText(page, '#date-order');
    await chooseOption(page, '#date-order', order === 'dayFirst' ? 'monthFirst' : 'dayFirst');
    // Whoever works by keyboard is still where they were.
    await page.waitForSelector('#task [aria-busy=false]');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('date-order');
    await chooseOption(page, '#date-order', 'dayFirst');
    await waitForText(page, '#series-plot summary', /^Look at sales, from 2015-01-01 to 2019-12-01$/);
    expect(await textOf(page, '#data-warnings')).not.toContain('day or the month first');
    expect((await plot())[1]).toContain('date');
    await chooseOption(page, '#date-order', 'monthFirst');
    await waitForText(page, '#series-plot summary', /^Look at sales, from 2015-01-01 to 2019-01-12$/);
  });

  test('keeps series that lack numbers, as the archive of series has them', async () => {
    const { page } = await visit();
    const rows = lines(90, (row) => [
      ...Array.from({ length: 12 }, (_, step) =>
        row % 4 === 0 && step > 8 ? 'NaN' : row % 9 === 1 && step === 4 ? '' : (row % 2 ? step : -step) + (row % 5),
      ),
      row % 2 ? 'up' : 'down',
    ]);
    await dropFile(page, 'archive.csv', rows.join('\n'));
    await chooseTask(page, 'archive.csv', 'classifySeries');
    expect(await waitForText(page, '#task-status', /series/)).toMatch(
      /^59 series to learn from, 18 for validation and 13 for the test, in 2 classes/,
    );
    expect(await page.$('#row-problems')).toBeNull();
    expect(await textOf(page, '#missing-numbers summary')).toBe('31 rows lack numbers');
  });
});
