import { describe, expect, test } from 'vitest';
import {
  Dense,
  forecast,
  Input,
  type Layer,
  LSTM,
  loadModel,
  type Model,
  modelToBytes,
  Sequential,
  ShapeError,
  type Tensor,
} from '../../ts/index.ts';

const layers = (): Layer[] => [new LSTM(3), new Dense(1)];
const series = (steps: number) => ({ shape: [1, steps, 1], data: Float32Array.from({ length: steps }, (_, step) => Math.sin(step)) });
const again = async (model: Model, format?: 'safetensors' | 'keras' | 'onnx') =>
  loadModel(await modelToBytes(model, format ? { format } : {}));

describe('the number of steps of a chain of layers', () => {
  test.each<[string, () => Sequential, number | null]>([
    ['an Input fixes it', () => new Sequential([Input({ shape: [12, 1] }) as never, ...layers()]), 12],
    ['an Input leaves it free', () => new Sequential([Input({ shape: [null, 1] }) as never, ...layers()]), null],
    ['the option inputShape fixes it', () => new Sequential([new LSTM(3, { inputShape: [12, 1] }), new Dense(1)]), 12],
    ['the option inputShape leaves it free', () => new Sequential([new LSTM(3, { inputShape: [null, 1] }), new Dense(1)]), null],
    ['data leaves it free', () => new Sequential(layers()), null],
  ])('%s, also after each file', async (_label, make, steps) => {
    const model = make();
    if (model.layers[0]?.inputShape === null) model.build([null, 12, 1]);
    const found = await model.predict(series(12));
    for (const format of ['safetensors', 'keras', 'onnx'] as const) {
      const loaded = await again(model, format);
      expect(loaded.inputShape, format).toEqual([null, steps, 1]);
      expect(((await loaded.predict(series(12))) as Tensor).data[0]).toBeCloseTo((found as Tensor).data[0] as number, 5);
      if (steps === null) expect(((await loaded.predict(series(5))) as Tensor).shape).toEqual([1, 1]);
      else await expect(loaded.predict(series(5)), format).rejects.toThrow(ShapeError);
    }
  });

  test('a forecast of a loaded model has the values of the model', async () => {
    const model = new Sequential([Input({ shape: [12, 1] }) as never, ...layers()]);
    const history = Array.from({ length: 60 }, (_, step) => Math.sin(step / 3));
    const expected = await forecast(model, history, 3);
    for (const format of ['safetensors', 'keras', 'onnx'] as const) {
      const { values } = (await forecast(await again(model, format), history, 3)) as unknown as { values: Tensor };
      for (const [step, value] of [...values.data].entries())
        expect(value, format).toBeCloseTo((expected as unknown as { values: Tensor }).values.data[step] as number, 4);
    }
  });
});
