import { beforeEach, describe, expect, test } from 'vitest';
import * as backtime from '../../ts/index.ts';
import { type AnyCell, Bidirectional, GRUCell, Input, Model, RNN, SGD, type Tensor } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';
import { ownClasses } from '../support/ownClasses.mjs';
import { type GoldenTensor, readGolden } from './goldenFiles.ts';
import { tensorOf } from './goldenModels.ts';

interface OwnCellCase {
  readonly name: string;
  readonly cells: readonly { readonly className: keyof typeof CELLS; readonly units: number }[];
  readonly options: { readonly returnSequences?: boolean; readonly returnState?: boolean };
  readonly bidirectional: boolean;
  readonly x: GoldenTensor;
  readonly y: readonly GoldenTensor[];
  readonly mask: GoldenTensor | null;
  readonly initialState: readonly GoldenTensor[];
  readonly weights: readonly GoldenTensor[];
  readonly outputs: readonly GoldenTensor[];
  readonly losses: readonly number[];
  readonly trained: readonly GoldenTensor[];
}

const own = ownClasses(backtime);
const CELLS = {
  PeepholeLSTMCell: (units: number): AnyCell => new own.PeepholeLSTMCell({ units }),
  NormalizedLSTMCell: (units: number): AnyCell => new own.NormalizedLSTMCell({ units }),
  GRUCell: (units: number): AnyCell => new GRUCell(units),
  SumCell: (): AnyCell => new own.SumCell(),
};
interface StatefulCase {
  readonly x: readonly GoldenTensor[];
  readonly mask: GoldenTensor;
  readonly outputs: readonly GoldenTensor[];
}

const { cases, stateful } = readGolden<{ cases: readonly OwnCellCase[]; stateful: readonly StatefulCase[] }>('ownCells');
/** What SumCell has in the place of a slice: a matrix that takes the first feature twice. */
const FIRST_FEATURE: Tensor = { shape: [3, 2], data: Float64Array.of(1, 1, 0, 0, 0, 0) };

describe.each(await availableBackends())('cells of one’s own on $label give what Keras gives', ({ backend }) => {
  const tolerance = backend.name === 'reference' ? { absolute: 1e-11, relative: 1e-11 } : { absolute: 8e-6, relative: 2e-5 };
  beforeEach(() => startOn(backend));

  test.each(stateful)('a batch goes on from the states, not from the output before its first step', async (each) => {
    const [batch, steps, features] = (each.x[0] as GoldenTensor).shape as [number, number, number];
    const x = Input({ shape: [steps, features], batchSize: batch });
    const mask = Input({ shape: [steps], dtype: 'bool' });
    const rnn = new RNN(new own.SumCell(), { returnSequences: true, stateful: true, unroll: true });
    const model = new Model({ inputs: [x, mask], outputs: rnn.apply(x, { mask }) });
    model.setWeights([FIRST_FEATURE]);
    for (const [index, given] of each.x.entries()) {
      const { data } = (await model.predict([tensorOf(given), tensorOf(each.mask)])) as Tensor;
      expectClose(data, each.outputs[index]?.data ?? [], tolerance, `batch ${index}`);
    }
  });

  test.each(cases)('$name', async (each) => {
    const cells = each.cells.map(({ className, units }) => CELLS[className](units));
    const rnn = new RNN<boolean>(cells, each.options);
    const layer = each.bidirectional ? new Bidirectional(rnn) : rnn;
    const sample = ({ shape }: GoldenTensor) => shape.slice(1);
    const x = Input({ shape: sample(each.x) });
    const mask = each.mask && Input({ shape: sample(each.mask), dtype: 'bool' });
    const states = each.initialState.map((state) => Input({ shape: sample(state) }));
    const outputs = layer.applyAll(x, { ...(mask && { mask }), ...(states.length > 0 && { initialState: states }) });
    const model = new Model({ inputs: [x, ...(mask ? [mask] : []), ...states], outputs: [...outputs] });
    const fixed = each.cells[0]?.className === 'SumCell' ? [FIRST_FEATURE] : [];
    model.setWeights([...fixed, ...each.weights.map(tensorOf)]);
    const given = [each.x, ...(each.mask ? [each.mask] : []), ...each.initialState].map(tensorOf);
    const found = [(await model.predict(given)) as Tensor | Tensor[]].flat();
    expect(found.map(({ shape }) => shape)).toEqual(each.outputs.map(({ shape }) => shape));
    for (const [index, { data }] of found.entries())
      expectClose(data, (each.outputs[index] as GoldenTensor).data, tolerance, `output ${index}`);

    if (each.losses.length === 0) return;
    model.compile({ optimizer: new SGD({ learningRate: 0.125 }), loss: 'mse' });
    const losses: number[] = [];
    for (const _ of each.losses) losses.push((await model.trainOnBatch(given, each.y.map(tensorOf))).loss);
    expectClose(losses, each.losses, tolerance, 'losses');
    const trained = each.trained.flatMap(({ data }) => data);
    expectClose(flatWeights(model), trained, tolerance, 'weights');
  });
});
