import type { Page } from 'puppeteer-core';
import { describe, expect, test } from 'vitest';
import { BROWSERS, chooseData, chooseEpochs, dropFile, trainToEnd, waitForText } from './session.ts';
import { useBrowser } from './visits.ts';

const HOURS = 200;
const hour = (step: number) => new Date(Date.UTC(2024, 0, 1) + step * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');

/** Which sides of charts have something drawn at the edge of the canvas, where it would be cut. */
function cutSides(page: Page): Promise<string[]> {
  return page.$$eval('.chart canvas', (canvases) =>
    canvases.flatMap((canvas, index) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const context = (canvas as HTMLCanvasElement).getContext('2d') as CanvasRenderingContext2D;
      const isDrawn = (x: number) => context.getImageData(x, 0, 2, height).data.some((value, place) => place % 4 === 3 && value > 0);
      return [
        ...(isDrawn(0) ? [`the left of chart ${index}`] : []),
        ...(isDrawn(width - 2) ? [`the right of chart ${index}`] : []),
        ...(width === 0 ? [`chart ${index} is empty`] : []),
      ];
    }),
  );
}

describe.each(BROWSERS)('charts in %s', (name) => {
  const { visit } = useBrowser(name);

  test('show every mark whole: the last date with its time of day, and large numbers', async () => {
    const { page } = await visit();
    const rows = Array.from({ length: HOURS }, (_, step) => `${hour(step)},${123_456_000 + 1000 * (step % 24) * (1 + (step % 5))}`);
    await dropFile(page, 'power.csv', `hour,power\n${rows.join('\n')}`);
    await waitForText(page, '#task-status', /^200 values/);
    for (const width of [1280, 320]) {
      await page.setViewport({ width, height: 900 });
      await page.waitForFunction(() => {
        const charts = [...document.querySelectorAll('.chart')];
        return charts.length > 0 && charts.every((chart) => chart.querySelector('.uplot')?.clientWidth === chart.clientWidth);
      });
      // The drawing follows in the next frame.
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      expect(await cutSides(page)).toEqual([]);
    }
    // Whoever points at a chart reads the numbers there.
    await page.$eval('.chart .u-over', (plot) => plot.scrollIntoView({ block: 'center' }));
    await page.hover('.chart .u-over');
    const legend = await page.$eval('.chart .u-legend', (element) => (element as HTMLElement).innerText.replace(/\s+/g, ' '));
    expect(legend).toMatch(/2024-01-0\d( \d\d:00)?.*123,/);
  });

  test('have marks at whole epochs only, few as they are', async () => {
    const { page } = await visit();
    // What is drawn below an axis has its middle at its mark.
    await page.evaluate(() => {
      const drawn: string[] = [];
      (globalThis as unknown as { drawn: string[] }).drawn = drawn;
      const { fillText } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.fillText = function (text, x, y, most) {
        if (this.textAlign === 'center') drawn.push(text);
        fillText.call(this, text, x, y, most);
      };
    });
    await chooseData(page, 'motions', /^52 series/);
    await chooseEpochs(page, 2);
    await trainToEnd(page);
    const marks = () =>
      page.evaluate(() => (globalThis as unknown as { drawn: string[] }).drawn.filter((text) => /\d/.test(text)).map(Number));
    await page.waitForFunction(() => {
      const { drawn } = globalThis as unknown as { drawn: string[] };
      return drawn.includes('epoch') && drawn.slice(drawn.lastIndexOf('epoch') - 5).includes('2');
    });
    const found = await marks();
    expect(found).toEqual(expect.arrayContaining([0, 1, 2]));
    // Marks between epochs would show a fraction, or an epoch twice.
    expect(found.filter((mark, place) => !Number.isInteger(mark) || mark === found[place - 1])).toEqual([]);
  });
});
