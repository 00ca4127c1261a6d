import { beforeAll, describe, expect, test } from 'vitest';
import { loadModel, type Model, modelToBytes, setRandomSeed, type Tensor } from '../../ts/index.ts';
import { readGolden } from '../golden/goldenFiles.ts';
import { RandomArrays } from '../support/randomArrays.ts';

type Values = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;

/** What a program is trained on. */
export interface ProgramData {
  readonly x: Values;
  readonly y: Values;
}

/** A public program: its network in our own words, and made data of its shapes. */
export interface Program<Sizes> {
  readonly name: string;
  /** Where it is published. */
  readonly source: string;
  /** The sizes as published. */
  readonly published: Sizes;
  /**
   * Parameters of the network with the published sizes. Default what Keras counts in the same
   * network (`scripts/golden/programs.py`).
   */
  readonly parameters?: number;
  /** Sizes that train within seconds. */
  readonly small: Sizes;
  /** The network, compiled. */
  readonly network: (sizes: Sizes) => Model;
  readonly data: (sizes: Sizes, made: MadeData) => ProgramData;
  /** Rows of a step. Default all rows. */
  readonly batchSize?: number;
  /** Default 30. */
  readonly epochs?: number;
  readonly shuffle?: boolean;
  /** The program's own training. It gives the loss of each epoch. Default `fit`. */
  readonly train?: (model: Model, data: ProgramData) => Promise<readonly number[]>;
  /** Weights whose gradient is zero in the program. Default none. */
  readonly withoutGradient?: readonly string[];
}

/** Makes data from a seed. */
export class MadeData {
  readonly #random = new RandomArrays(1);

  /** Uniform floats. */
  floats(shape: readonly number[], low = -1, high = 1): Tensor {
    return { shape, data: this.#random.float32s(sizeOf(shape), low, high) };
  }

  /** Uniform integers below a limit: ids or classes. */
  ids(shape: readonly number[], limit: number, low = 0): Tensor {
    return { shape, data: this.#random.integers(sizeOf(shape), limit, low) };
  }

  /** One-hot rows of random ids. */
  oneHot(shape: readonly number[], limit: number): Tensor {
    const data = new Float32Array(sizeOf(shape) * limit);
    for (const [row, id] of this.ids(shape, limit).data.entries()) data[row * limit + id] = 1;
    return { shape: [...shape, limit], data };
  }

  /** Waves with a phase of their own in each row and feature, `[count, steps, features]`. */
  waves(count: number, steps: number, features: number): Tensor {
    const phases = this.#random.floats(count * features, 0, 6);
    const data = new Float32Array(count * steps * features);
    for (let index = 0; index < data.length; index++) {
      const [row, step, feature] = [Math.floor(index / (steps * features)), Math.floor(index / features) % steps, index % features];
      data[index] = Math.sin(0.4 * step + (phases[row * features + feature] as number));
    }
    return { shape: [count, steps, features], data };
  }
}

const COUNTED = readGolden<{ readonly programs: readonly { name: string; parameters: number }[] }>('programs').programs;

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** Steps `from` to `to` of every sequence. */
export function stepsOf({ shape, data }: Tensor, from: number, to?: number): Tensor {
  const [count, steps, ...rest] = shape as [number, number, ...number[]];
  const width = sizeOf(rest);
  const rows = Array.from({ length: count }, (_, row) => data.slice((row * steps + from) * width, (row * steps + (to ?? steps)) * width));
  return { shape: [count, (to ?? steps) - from, ...rest], data: Float32Array.from(rows.flatMap((row) => [...row])) };
}

/** Tests that a program runs: parameters as published, learning, gradients, files. */
export function describeProgram<Sizes>(program: Program<Sizes>): void {
  const { published, small, network, data, batchSize, epochs = 30, shuffle = true, withoutGradient = [] } = program;
  const counted = COUNTED.find(({ name }) => name === program.name);

  describe(`${program.name} (${program.source})`, () => {
    beforeAll(() => setRandomSeed(1));

    test('has as many parameters as published', () => {
      expect(network(published).countParams()).toBe(program.parameters ?? counted?.parameters);
    });

    test('learns with every weight and predicts the same when loaded', async () => {
      setRandomSeed(1);
      const model = network(small);
      const made = data(small, new MadeData());
      const before = model.getWeights();
      const fitAll = async () => {
        const { history } = await model.fit(made.x, made.y, {
          batchSize: batchSize ?? 1024,
          epochs,
          shuffle,
          verbose: 0,
        });
        return history.loss as readonly number[];
      };
      const losses = await (program.train ? program.train(model, made) : fitAll());
      expect(losses.at(-1)).toBeLessThan(0.9 * (losses[0] as number));
      const unchanged = model.weights.filter((weight, index) => {
        const after = model.getWeights()[index] as Tensor;
        return weight.trainable && after.data.every((value, place) => value === before[index]?.data[place]);
      });
      expect(unchanged.map(({ path }) => path)).toEqual(withoutGradient);

      const loaded = await loadModel(await modelToBytes(model));
      model.resetStates();
      expect(await loaded.predict(made.x, batchSize ? { batchSize } : {})).toEqual(
        await model.predict(made.x, batchSize ? { batchSize } : {}),
      );
    });
  });
}
