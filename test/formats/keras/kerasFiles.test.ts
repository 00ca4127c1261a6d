import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ZipArchive } from '../../../ts/data/zip.ts';
import type { LayerConfig, LayerOptions, Model, SampleShape, SymbolicTensor, Tensor, Weight } from '../../../ts/node.ts';
import { CustomLayer, loadModel, modelToBytes, ops, registerClass } from '../../../ts/node.ts';
import { type GoldenTensor, readGolden } from '../../golden/goldenFiles.ts';
import { availableBackends } from '../../support/backends.ts';
import { expectClose } from '../../support/differences.ts';
import { startOn } from '../../support/modelBackends.ts';
import { goldenTolerance } from '../../support/tolerances.ts';

interface Case {
  readonly name: string;
  /** The file, packed by zlib, in base 64. */
  readonly file: string;
  readonly inputs: readonly GoldenTensor[];
  readonly outputs: readonly GoldenTensor[];
}

/** The class of a user that a golden file has. */
class Halved extends CustomLayer {
  static readonly className = 'Halved';
  readonly scale: number;
  shift!: Weight;
  constructor({ scale = 2, ...options }: { scale?: number } & LayerOptions = {}) {
    super(options);
    this.scale = scale;
  }
  override build([features]: SampleShape): void {
    this.shift = this.addWeight({ name: 'shift', shape: [features as number], initializer: 'zeros' });
  }
  override call(x: SymbolicTensor): SymbolicTensor {
    return ops.add(ops.divide(x, this.scale), this.shift);
  }
  override getConfig(): LayerConfig {
    return { ...super.getConfig(), scale: this.scale };
  }
}
registerClass(Halved, { package: 'golden' });

/** Where files are kept for Keras to load. */
const FOLDER = process.env.BACKTIME_KERAS_FILES;

/** Keras computes the scores of attention in float32, whatever the type of its layers. */
const ATTENTION = { relative: 2e-6 };

const { models } = readGolden<{ models: readonly Case[] }>('kerasFiles');
const bytesOf = ({ file }: Case) => new Uint8Array(inflateSync(Buffer.from(file, 'base64')));
const tensorsOf = (tensors: readonly GoldenTensor[]): Tensor[] =>
  tensors.map(({ shape, data }) => ({ shape, data: Float64Array.from(data) }));

/** The configuration in the bytes of a `.keras` file. */
const writtenConfig = (bytes: Uint8Array): unknown =>
  JSON.parse(new TextDecoder().decode(new ZipArchive(bytes, 'the file').read('config.json')));

async function outputsOf(model: Model, inputs: readonly GoldenTensor[]): Promise<Tensor[]> {
  const tensors = tensorsOf(inputs);
  const outputs: Tensor | Tensor[] | Record<string, Tensor> = await model.predict(tensors.length === 1 ? (tensors[0] as Tensor) : tensors);
  return 'shape' in outputs ? [outputs as Tensor] : Object.values(outputs);
}

for (const { label, backend } of await availableBackends()) {
  describe(`files of Keras on ${label}`, () => {
    test.each(models)('$name predicts as in Keras', async (golden) => {
      startOn(backend);
      const model = await loadModel<Model>(bytesOf(golden));
      const outputs = await outputsOf(model, golden.inputs);
      expect(outputs.map(({ shape }) => shape)).toEqual(golden.outputs.map(({ shape }) => shape));
      const { name } = golden;
      for (const [index, { data }] of golden.outputs.entries())
        expectClose(
          outputs[index]?.data,
          data,
          name.includes('attention') ? ATTENTION : goldenTolerance(backend),
          `output ${index} of ${name}`,
        );
    });

    test.each(models)('$name predicts the same after it was saved again', async (golden) => {
      startOn(backend);
      const { name, inputs, outputs: expected } = golden;
      const again = await modelToBytes(await loadModel<Model>(bytesOf(golden)), { format: 'keras' });
      // For scripts/checks/kerasFiles.py, which loads them in Keras.
      if (FOLDER) writeFileSync(join(FOLDER, `${name}.keras`), again);
      const model = await loadModel<Model>(again);
      const outputs = await outputsOf(model, inputs);
      for (const [index, { data }] of expected.entries())
        expectClose(
          outputs[index]?.data,
          data,
          name.includes('attention') ? ATTENTION : goldenTolerance(backend),
          `output ${index} of ${name}`,
        );
      expect(JSON.stringify(writtenConfig(await modelToBytes(model, { format: 'keras' })))).toBe(JSON.stringify(writtenConfig(again)));
    });
  });
}

test('uses of models inside that are outputs are counted as in Keras', async () => {
  const bytes = bytesOf(models.find(({ name }) => name === 'shared_models_inside_of_models') as Case);
  const again = await modelToBytes(await loadModel<Model>(bytes), { format: 'keras' });
  const outputs = [bytes, again].map((each) => (writtenConfig(each) as { config: { output_layers: unknown } }).config.output_layers);
  expect(outputs[1]).toEqual(outputs[0]);
  expect(JSON.stringify(outputs[0])).toContain('["tower",1,1]');
});
