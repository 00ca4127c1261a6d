import { beforeEach, describe, expect, test } from 'vitest';
import * as backtime from '../../ts/index.ts';
import { loadModel, modelToBytes, PeepholeLSTMCell, RNN, type Tensor } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, tensor } from '../support/models.ts';
import { ownClasses } from '../support/ownClasses.mjs';
import { RandomArrays } from '../support/randomArrays.ts';

const own = ownClasses(backtime);
const [BATCH, STEPS, FEATURES, UNITS] = [4, 5, 3, 2];
const X = tensor([BATCH, STEPS, FEATURES], new RandomArrays(1));

/** Columns of a gate of a matrix, or elements of a vector. */
function gateOf({ shape, data }: Tensor, gate: number): Tensor {
  const width = shape[shape.length - 1] / 4;
  const values = Float64Array.from(data).filter((_, index) => Math.floor((index % (4 * width)) / width) === gate);
  return { shape: [...shape.slice(0, -1), width], data: values };
}

for (const { label, backend } of await availableBackends())
  describe(`PeepholeLSTMCell, ${label}`, () => {
    beforeEach(() => startOn(backend));
    const made = (options = {}) =>
      builtModel(
        [new RNN(new PeepholeLSTMCell({ units: UNITS, ...options }), { returnSequences: true })],
        [STEPS, FEATURES],
        new RandomArrays(2),
      );

    test('is the cell whose gates are layers of their own', async () => {
      const model = made();
      const other = builtModel(
        [new RNN(new own.PeepholeLSTMCell({ units: UNITS }), { returnSequences: true })],
        [STEPS, FEATURES],
        new RandomArrays(3),
      );
      const [kernel, recurrent, bias, ...peepholes] = model.getWeights();
      const gates = [0, 1, 2, 3];
      const fromInput = gates.flatMap((gate) => [gateOf(kernel, gate), gateOf(bias, gate)]);
      other.setWeights([...peepholes, ...fromInput, ...gates.map((gate) => gateOf(recurrent, gate))]);
      const expected = await other.predict(X);
      expectClose((await model.predict(X)).data, expected.data, { relative: 1e-5 }, 'outputs');
    });

    test('is found in files, with its options', async () => {
      const model = made({ activation: 'relu', recurrentActivation: 'hardSigmoid', useBias: false });
      const loaded = await loadModel(await modelToBytes(model));
      expect((loaded.layers[0] as RNN).cells[0].getConfig()).toMatchObject({
        activation: 'relu',
        recurrentActivation: 'hardSigmoid',
        useBias: false,
      });
      expect((await loaded.predict(X)).data).toEqual((await model.predict(X)).data);
    });

    test('learns', async () => {
      const model = made();
      model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
      const before = model.getWeights();
      const y = { shape: [BATCH, STEPS, UNITS], data: new Float64Array(BATCH * STEPS * UNITS) };
      const { history } = await model.fit(X, y, { epochs: 5, verbose: 0 });
      expect(history.loss[4]).toBeLessThan(history.loss[0]);
      for (const [index, { data }] of model.getWeights().entries()) expect(data).not.toEqual(before[index].data);
    });
  });
