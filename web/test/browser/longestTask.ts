import type { Page } from 'puppeteer-core';

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** CPU time of the thread, in microseconds. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/**
 * The CPU time in milliseconds of the longest task on the main thread of a Chromium's pages while
 * `work` is done. Other programs on the machine lengthen the time that a task takes, but not its
 * CPU time.
 */
export async function longestTask(page: Page, work: () => Promise<unknown>): Promise<number> {
  await page.tracing.start({ categories: ['toplevel'] });
  await work();
  const { traceEvents } = JSON.parse(new TextDecoder().decode(await page.tracing.stop())) as { traceEvents: TraceEvent[] };
  const thread = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const main = new Set(traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(thread));
  const times = traceEvents.flatMap((event) => (event.tdur !== undefined && main.has(thread(event)) ? [event.tdur] : []));
  if (times.length === 0) throw new Error('The trace of the browser holds no task of a page.');
  return times.reduce((longest, time) => Math.max(longest, time), 0) / 1000;
}

/**
 * The CPU time in milliseconds of a task that does about 50 ms of work on a desktop of 2024: the
 * measure for other tasks, because machines differ in speed. A trace may lack a task, so the
 * longest of some counts.
 */
export async function measureOfTasks(page: Page): Promise<number> {
  const times: number[] = [];
  for (let attempt = 0; attempt < 3; attempt++)
    times.push(
      await longestTask(page, () =>
        page.evaluate(() => {
          let state = 1;
          for (let step = 0; step < 20_000_000; step++) state = (Math.imul(state, 1664525) + 1013904223) | 0;
          return state;
        }),
      ),
    );
  return Math.max(...times);
}
