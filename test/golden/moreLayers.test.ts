import { beforeEach, describe, expect, test } from 'vitest';
import * as backtime from '../../ts/index.ts';
import { Input, type Layer, loadModel, Model, modelToBytes, SGD, type SymbolicTensor, type Tensor } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { goldenTrainingTolerance } from '../support/tolerances.ts';
import { type GoldenTensor, readGolden } from './goldenFiles.ts';
import { tensorOf } from './goldenModels.ts';

/** Other names of the same things here. */
const CALLED: Readonly<Record<string, string>> = { Identity: 'IdentityLayer' };

/** Type, arguments and options; in the place of an argument the layer inside a wrapper. */
type Described = readonly [type: string, args: readonly unknown[], options: object];

interface Case {
  readonly name: string;
  readonly layers: readonly { readonly type: string; readonly arguments: readonly unknown[]; readonly options: object }[];
  /** The values, and the mask where there is one. */
  readonly inputs: readonly GoldenTensor[];
  readonly ids: boolean;
  readonly training: boolean;
  readonly weights: readonly GoldenTensor[];
  readonly output: GoldenTensor;
  readonly upstream: GoldenTensor;
  /** Of the trainable weights. */
  readonly gradients: readonly GoldenTensor[];
  readonly gradientOfX: GoldenTensor | null;
  /** The weights that are not trained, after the pass. */
  readonly after: readonly GoldenTensor[];
}

const groups = readGolden<Record<string, readonly Case[]>>('moreLayers');
const cases = Object.entries(groups).flatMap(([group, each]) => (group === 'header' ? [] : each));

function layerOf([type, args, options]: Described): Layer {
  const inside = args.map((argument) =>
    Array.isArray(argument) && typeof argument[0] === 'string' ? layerOf(argument as unknown as Described) : argument,
  );
  const Class = (backtime as unknown as Record<string, new (...given: unknown[]) => Layer>)[CALLED[type] ?? type] as new (
    ...given: unknown[]
  ) => Layer;
  return new Class(...inside, options);
}

function modelOf({ layers, inputs, ids, weights }: Case): Model {
  const [x, mask] = inputs as readonly [GoldenTensor, GoldenTensor?];
  const source = Input({ shape: x.shape.slice(1), dtype: ids ? 'int32' : 'float32' });
  const given = mask && Input({ shape: mask.shape.slice(1), dtype: 'bool' });
  const output = layers.reduce<SymbolicTensor>(
    (value, { type, arguments: args, options }, index) =>
      layerOf([type, args, options]).apply(value, index === 0 && given ? { mask: given } : {}) as SymbolicTensor,
    source,
  );
  const model = new Model({ inputs: given ? [source, given] : source, outputs: output });
  model.setWeights(weights.map(tensorOf));
  return model;
}

describe.each(await availableBackends())('more layers on $label compute what Keras computes', ({ backend }) => {
  const tolerance = goldenTrainingTolerance(backend);
  beforeEach(() => startOn(backend));

  test.each(cases.map((each) => [each.name, each] as const))('%s', async (_name, each) => {
    const model = modelOf(each);
    const x = each.inputs.map(tensorOf);
    const given = x.length > 1 ? x : (x[0] as Tensor);
    const pass = await model.forward(given, { training: each.training });
    const output = pass.outputs as Tensor;
    expect(output.shape).toEqual(each.output.shape);
    expectClose(output.data, each.output.data, tolerance, 'output');
    const layers = model.layers.filter((layer) => layer.trainable);
    const trained = layers.flatMap((layer) => layer.weights.filter(({ trainable }) => trainable));
    const before = trained.map((weight) => weight.read() as ArrayLike<number>);
    const [gradientOfX] = [pass.backward(tensorOf(each.upstream)) as unknown].flat() as (Tensor | null)[];
    if (each.gradientOfX) expectClose(gradientOfX?.data, each.gradientOfX.data, tolerance, 'gradient of x');
    if (trained.length > 0) model.applyGradients(new SGD({ learningRate: 1 }));
    for (const [index, weight] of trained.entries()) {
      const now = weight.read() as ArrayLike<number>;
      const gradient = Array.from(before[index] as ArrayLike<number>, (value, place) => value - (now[place] as number));
      expectClose(gradient, each.gradients[index]?.data, { ...tolerance, absolute: 1e-6 }, `gradient of ${weight.path}`);
    }
    const rest = model.weights.filter((weight) => !trained.includes(weight));
    for (const [index, weight] of rest.entries()) expectClose(weight.read(), each.after[index]?.data, tolerance, `${weight.path} after`);
  });

  test.each(cases.filter(({ training }) => !training).map((each) => [each.name, each] as const))('%s, loaded', async (_name, each) => {
    const loaded = (await loadModel(await modelToBytes(modelOf(each)))) as Model;
    const x = each.inputs.map(tensorOf);
    expectClose(((await loaded.predict(x.length > 1 ? x : (x[0] as Tensor))) as Tensor).data, each.output.data, tolerance, 'output');
  });
});
