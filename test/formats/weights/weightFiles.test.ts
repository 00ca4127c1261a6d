import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import { BACKTIME_WEIGHTS } from '../../../ts/formats/weights/backtimeWeights.ts';
import { Dense, FormatError, Sequential } from '../../../ts/node.ts';
import { startOn } from '../../support/modelBackends.ts';
import { caught, expectError } from '../../support/refusals.ts';

const reference = await loadBackend('reference');
beforeEach(() => startOn(reference));
afterEach(() => vi.restoreAllMocks());

test.each(['before', 'after'])('values of a wrong number, whatever read them, change no weight %s predict', async (when) => {
  const model = new Sequential([new Dense(2, { inputShape: [3], name: 'layer' })]);
  if (when === 'after') await model.predict([[1, 2, 3]], { verbose: 0 });
  const before = model.getWeights();
  const [kernel, bias] = model.weights;
  const values = new Map([
    [kernel as NonNullable<typeof kernel>, new Float32Array(6)],
    [bias as NonNullable<typeof bias>, new Float32Array(5)],
  ]);
  vi.spyOn(BACKTIME_WEIGHTS, 'read').mockReturnValue({ values, unexpected: [] });
  const refused = await caught(() => model.loadWeights({}, { format: 'backtime' }));
  expectError(refused, FormatError, /weight layer\/bias has shape \[2\], 2 values, got 5\. No weight has changed$/);
  expect(model.getWeights()).toEqual(before);
});
