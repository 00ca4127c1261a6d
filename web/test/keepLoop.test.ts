import { beforeEach, expect, test, vi } from 'vitest';
import type { TrainedModel } from '../src/model/trainedModel.ts';
import { forgetRun, type ListedRun, nameRun, runs, trained, updateModel, useModel } from '../src/state/trained.ts';

type Kept = Map<string, { readonly name: string; readonly score: unknown }>;

/** What the browser keeps, and what ends each attempt to write a model down, in order. */
const browser = vi.hoisted(() => ({ kept: new Map() as Kept, writes: [] as (() => void)[] }));

vi.mock('../src/model/keptRuns.ts', () => {
  const summaryOf = (id: string, { run, score }: TrainedModel) => ({ id, name: run?.name, score, created: run?.created });
  return {
    summaryOf,
    keepRun: async (id: string, model: TrainedModel) => {
      await new Promise<void>((end) => browser.writes.push(end));
      browser.kept.set(id, summaryOf(id, model) as never);
    },
    keptRuns: async () => [...browser.kept.values()],
    removeRun: async (id: string) => browser.kept.delete(id),
    renameRun: async (id: string, name: string) => browser.kept.set(id, { ...browser.kept.get(id), name } as never),
  };
});

/** A model that says whether it was given back. */
function modelOf(name: string) {
  const dispose = vi.fn();
  return { dispose, trained: { model: { dispose }, run: { name, created: 1 }, score: null } as unknown as TrainedModel };
}

const begun = (count: number) => vi.waitUntil(() => browser.writes.length >= count, { interval: 1, timeout: 30_000 });

/** Ends the next attempt to write a model down, once it has begun. */
async function written(): Promise<void> {
  await begun(1);
  browser.writes.shift()?.();
}

const listed = () => runs.value.map(({ name, isKept }) => ({ name, isKept }));

beforeEach(() => {
  browser.kept.clear();
  browser.writes.length = 0;
  runs.value = [];
  trained.value = null;
});

test('a model that is named while it is written down is kept with that name', async () => {
  const first = modelOf('first');
  const used = useModel(first.trained, 'Done.');
  await begun(1);
  await nameRun(runs.value[0] as ListedRun, 'better');
  await written();
  await written();
  await used;
  expect(listed()).toEqual([{ name: 'better', isKept: true }]);
  expect(browser.writes).toHaveLength(0);
  expect(first.dispose).not.toHaveBeenCalled();
});

test('a model that is removed while it is written down is not kept', async () => {
  const used = useModel(modelOf('first').trained, 'Done.');
  await begun(1);
  await forgetRun(runs.value[0] as ListedRun);
  await written();
  await used;
  expect([...browser.kept.keys(), ...listed()]).toEqual([]);
});

test('a model is given back once it is kept and another is tried, and not before', async () => {
  const [first, second] = [modelOf('first'), modelOf('second')];
  const used = useModel(first.trained, 'Done.');
  await begun(1);
  const usedToo = useModel(second.trained, 'Done.');
  await begun(2);
  expect(first.dispose).not.toHaveBeenCalled();
  await written();
  await used;
  expect(first.dispose).toHaveBeenCalledOnce();
  await written();
  await usedToo;
  expect(second.dispose).not.toHaveBeenCalled();
  expect(listed().every(({ isKept }) => isKept)).toBe(true);
});

test('a score that is found while a model is written down is kept', async () => {
  const used = useModel(modelOf('first').trained, 'Done.');
  await begun(1);
  const score = { name: 'accuracy', value: 1 };
  await updateModel({ ...trained.value, score } as never);
  await written();
  await written();
  await used;
  expect([...browser.kept.values()].map((each) => each.score)).toEqual([score]);
});
