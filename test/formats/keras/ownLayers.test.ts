import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ZipArchive } from '../../../ts/data/zip.ts';
import { HDF5Dataset } from '../../../ts/formats/hdf5/dataset.ts';
import { HDF5Group } from '../../../ts/formats/hdf5/group.ts';
import { readHDF5 } from '../../../ts/formats/hdf5/readHDF5.ts';
import {
  Bidirectional,
  CustomLayer,
  Dense,
  GRU,
  LayerNormalization,
  type LayerOptions,
  LSTM,
  loadModel,
  type Model,
  modelToBytes,
  ops,
  registerClass,
  type SampleShape,
  type Sequential,
  type SymbolicTensor,
  setBackend,
  type Tensor,
  type Weight,
} from '../../../ts/node.ts';
import { type GoldenTensor, readGolden } from '../../golden/goldenFiles.ts';
import { expectClose } from '../../support/differences.ts';

// The classes of scripts/golden/kerasOwnLayers.py: custom layers with others inside.

class Gate extends CustomLayer {
  static className = 'Gate';
  innerDense = new Dense(2, { activation: 'sigmoid' });

  override call(x: SymbolicTensor): SymbolicTensor {
    return ops.multiply(x, this.innerDense.apply(x));
  }
}

class Block extends CustomLayer {
  static className = 'Block';
  readonly units: number;
  secondDense: Dense;
  firstDense: Dense;
  again: Dense;
  recurrent: LSTM;
  blocks: (Dense | LayerNormalization)[];
  both: Bidirectional;
  _hidden: Dense;
  gate: Gate;
  scale!: Weight;

  constructor({ units = 2, ...options }: LayerOptions & { units?: number } = {}) {
    super(options);
    this.units = units;
    this.secondDense = new Dense(units);
    this.firstDense = new Dense(units, { activation: 'tanh' });
    this.again = this.secondDense;
    this.recurrent = new LSTM(units, { returnSequences: true });
    this.blocks = [new Dense(3), new LayerNormalization(), new Dense(2)];
    this.both = new Bidirectional(new GRU(1, { returnSequences: true }));
    this._hidden = new Dense(2);
    this.gate = new Gate();
  }

  override build(_shape: SampleShape): void {
    this.scale = this.addWeight({ name: 'scale', shape: [this.units], initializer: 'ones' });
  }

  override call(x: SymbolicTensor): SymbolicTensor {
    let y = ops.multiply(this.again.apply(this.secondDense.apply(this.firstDense.apply(x))), this.scale);
    y = this.both.apply(this.recurrent.apply(y));
    for (const block of this.blocks) y = block.apply(y);
    return this.gate.apply(this._hidden.apply(y));
  }

  override getConfig() {
    return { ...super.getConfig(), units: this.units };
  }
}

registerClass(Gate, { package: 'own' });
registerClass(Block, { package: 'own' });

const golden = readGolden<{
  readonly file: string;
  /** The shapes of the datasets of the weights, by their paths. */
  readonly places: Readonly<Record<string, readonly number[]>>;
  readonly inputs: GoldenTensor;
  readonly targets: GoldenTensor;
  readonly outputs: GoldenTensor;
  /** By Keras's paths, in its order, after one more step. */
  readonly weights: Readonly<Record<string, GoldenTensor>>;
}>('kerasOwnLayers');
const bytes = new Uint8Array(inflateSync(Buffer.from(golden.file, 'base64')));
const tensorOf = ({ shape, data }: GoldenTensor): Tensor => ({ shape, data: Float64Array.from(data) });

/** Fails unless a file predicts as in Keras and goes on learning as there. */
async function expectAsInKeras(file: Uint8Array): Promise<void> {
  const model = await loadModel<Model>(file);
  expectClose(((await model.predict(tensorOf(golden.inputs))) as Tensor).data, golden.outputs.data, { relative: 1e-5 }, 'outputs');
  await model.trainOnBatch(tensorOf(golden.inputs), tensorOf(golden.targets));
  const sorted = (all: readonly (ArrayLike<number> | undefined)[]) => all.map((each) => Array.from(each as ArrayLike<number>));
  const expected = sorted(Object.values(golden.weights).map(({ data }) => data));
  for (const [index, { data }] of model.getWeights().entries())
    expectClose(data, expected[index], { relative: 1e-4 }, `${model.weights[index]?.path}`);
}

test('layers inside of a registered layer are read with their weights, and go on learning as in Keras', async () => {
  setBackend('reference');
  await expectAsInKeras(bytes);
});

test('they are written where Keras has them', async () => {
  setBackend('reference');
  const written = await modelToBytes(await loadModel<Sequential>(bytes), { format: 'keras' });
  const found: Record<string, readonly number[]> = {};
  const walk = (group: HDF5Group, path: string) => {
    for (const name of group.names) {
      const value = group.get(name);
      if (value instanceof HDF5Dataset) found[`${path}${name}`] = value.shape;
      else if (value instanceof HDF5Group) walk(value, `${path}${name}/`);
    }
  };
  walk(readHDF5(new ZipArchive(written, 'test').read('model.weights.h5'), 'test'), '');
  const ofWeights = (places: Readonly<Record<string, readonly number[]>>) =>
    Object.fromEntries(Object.entries(places).filter(([path]) => path.startsWith('layers/')));
  expect(ofWeights(found)).toEqual(ofWeights(golden.places));
  await expectAsInKeras(written);
});
