import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { ArgumentError } from '../../ts/index.ts';
import { startOn } from '../support/modelBackends.ts';
import { caught, expectError } from '../support/refusals.ts';
import { regression, regressionModel } from '../support/regression.ts';

// What is printed does not depend on the backend.
const backend = await loadBackend('reference');
const { x, y } = regression(6);
let lines: string[] = [];

beforeEach(() => {
  startOn(backend);
  lines = [];
  vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(String(line)));
});
afterEach(() => vi.restoreAllMocks());

test('evaluate and predict print nothing by default, nor with verbose 0', async () => {
  const model = regressionModel();
  for (const options of [{}, { verbose: 0 }] as const) {
    await model.evaluate(x, y, options);
    await model.predict(x, options);
  }
  expect(lines).toEqual([]);
});

test('with verbose 2 they print a line at the end, and return the same', async () => {
  const model = regressionModel();
  const logs = await model.evaluate(x, y, { verbose: 2 });
  expect(logs).toEqual(await model.evaluate(x, y));
  const { data } = await model.predict(x, { verbose: 2 });
  expect(data).toEqual((await model.predict(x)).data);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^evaluate {2}\d+\.\d s {2}loss \d+\.\d{4} {2}meanAbsoluteError \d+\.\d{4}$/);
  expect(lines[1]).toMatch(/^predict {2}\d+\.\d s/);
});

test('with verbose 1 the bar leaves a line with the samples a second', async () => {
  const model = regressionModel();
  await model.evaluate(x, y, { verbose: 1, batchSize: 2 });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^evaluate .* samples\/s {2}loss /);
});

test.each([3, 'yes', true])('verbose %s is refused', async (verbose) => {
  const model = regressionModel();
  const options = { verbose } as never;
  for (const [name, call] of [
    ['evaluate', () => model.evaluate(x, y, options)],
    ['predict', () => model.predict(x, options)],
    ['fit', () => model.fit(x, y, options)],
  ] as const)
    expectError(await caught(call), ArgumentError, new RegExp(`^${name}: verbose must be one of 'auto', 0, 1, 2, got`));
});
