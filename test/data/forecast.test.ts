import { beforeEach, describe, expect, test } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import {
  Adam,
  ArgumentError,
  backtest,
  Concatenate,
  DataError,
  Dense,
  Flatten,
  type Forecast,
  forecast,
  forecastErrors,
  GRU,
  Input,
  loadModel,
  Model,
  modelToBytes,
  naiveForecast,
  QuantileLoss,
  Reshape,
  Sequential,
  ShapeError,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { givenWarnings } from '../support/givenWarnings.ts';
import { startOn } from '../support/modelBackends.ts';

/**
 * A linear model of the last steps: output j is the sum of the inputs of a window times its
 * weights.
 */
function linear(
  steps: number,
  features: number,
  weights: readonly (readonly number[])[],
  shape: readonly number[] = [weights.length],
): Sequential {
  const model = new Sequential([
    new Flatten({ inputShape: [steps, features] }),
    new Dense(weights.length, { useBias: false }),
    new Reshape(shape),
  ]);
  const kernel = Array.from({ length: steps * features }, (_, input) => weights.map((of) => of[input] as number));
  model.setWeights([kernel]);
  return model;
}

const numbers = ({ values }: Forecast) => Array.from(values.data);
const TOLERANCE = { relative: 1e-6 };

describe.each(await availableBackends())('forecast on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test('goes on from its own predictions', async () => {
    // Fibonacci.
    const model = linear(2, 1, [[1, 1]]);
    const made = await forecast(model, [9, 1, 1, 2], 5);
    expect(numbers(made)).toEqual([3, 5, 8, 13, 21]);
    expect(made).toMatchObject({ values: { shape: [5] }, lower: null, upper: null, quantiles: null });
    expect((await forecast(model, [[1], [2]], 3)).values).toMatchObject({ shape: [3, 1], data: Float64Array.of(3, 5, 8) });
  });

  test('predicts several steps at once, and goes on from them', async () => {
    // The next three values are 2, 3 and 4 times the last one.
    const model = linear(1, 1, [[2], [3], [4]]);
    expect(numbers(await forecast(model, [5, 1], 3))).toEqual([2, 3, 4]);
    expect(numbers(await forecast(model, [5, 1], 2))).toEqual([2, 3]);
    expect(numbers(await forecast(model, [5, 1], 7))).toEqual([2, 3, 4, 8, 12, 16, 32]);
    expect(numbers(await forecast(linear(1, 1, [[2], [3], [4]], [3, 1]), [5, 1], 4))).toEqual([2, 3, 4, 8]);
  });

  test('of several channels, with what is known of the future', async () => {
    // Channel a becomes b, b becomes a + 10 times what is known.
    const rows = [
      [0, 1, 0],
      [1, 0, 10],
    ];
    const known = [[0], [0], [1], [2], [3]];
    const history = [
      [7, 7],
      [1, 2],
    ];
    // Rows of the history have the covariates 0 and 0, the forecast ones 1 and 2.
    const made = await forecast(linear(1, 3, rows), history, 3, { futureCovariates: known });
    expect(made.values.shape).toEqual([3, 2]);
    expect(numbers(made)).toEqual([2, 1, 1, 12, 12, 21]);
    const blocks = linear(
      1,
      2,
      [
        [1, 0],
        [0, 1],
        [2, 0],
        [0, 3],
      ],
      [2, 2],
    );
    expect(numbers(await forecast(blocks, history, 3))).toEqual([1, 2, 2, 6, 2, 6]);
  });

  test('a model of two inputs gets what is known of the steps that it predicts', async () => {
    const known = [
      [0, 1],
      [0, 2],
      [7, 10],
      [7, 20],
      [7, 30],
      [7, 40],
    ];
    // The last value, half of what stands beside it, and ten times what is known of each step.
    const rows = Input({ shape: [1, 3] });
    const next = Input({ shape: [2, 1] });
    const features = new Concatenate().apply([new Flatten().apply(rows), new Flatten().apply(next)] as never);
    const dense = new Dense(2, { useBias: false });
    const model = new Model({ inputs: [rows, next], outputs: dense.apply(features as never) as never });
    dense.setWeights([
      [
        [1, 1],
        [0.5, 0.5],
        [0, 0],
        [10, 0],
        [0, 10],
      ],
    ]);
    const made = await forecast(model, [3, 4], 4, { futureCovariates: known });
    // 4 + 0 + 100, 4 + 0 + 200; from 204 on, beside which 7 stands.
    expect(numbers(made)).toEqual([104, 204, 204 + 3.5 + 300, 204 + 3.5 + 400]);
    await expect(forecast(model, [3, 4], 4, { futureCovariates: known.slice(0, 5) })).rejects.toThrow(
      /futureCovariates has 5 steps, but 6 are needed: 2 of the history and 4 after it/,
    );
    const many = await forecast(model, [3, 4], 2, { futureCovariates: known.slice(0, 4), residuals: [1], numSamples: 5, seed: 1 });
    expect([...(many.lower?.data ?? [])]).toEqual([105, 205]);
    // A shorter horizon than what is predicted at once needs what is known of all of it.
    const { predictions, origins } = await backtest(model, [3, 4, 5, 6], { horizon: 1, start: 2, futureCovariates: known.slice(0, 5) });
    expect([origins, [...predictions.data]]).toEqual([
      [2, 3],
      [104, 5 + 3.5 + 200],
    ]);
    const wide = Input({ shape: [3, 1] });
    const flat = new Concatenate().apply([new Flatten().apply(rows), new Flatten().apply(wide)] as never);
    const other = new Model({ inputs: [rows, wide], outputs: new Dense(2).apply(flat as never) as never });
    await expect(forecast(other, [3, 4], 2, { futureCovariates: known })).rejects.toThrow(
      /takes samples of shape \[3, 1\], expected \[2, K\] for what is known of the 2 steps/,
    );
  });

  test('a model of any length gets all steps, or a window', async () => {
    const model = new Sequential([new GRU(4, { inputShape: [null, 1] }), new Dense(1)]);
    const history = [0.3, -0.2, 0.5, 0.1, 0.4];
    const grown = [...history];
    const rolled = history.slice(-3);
    for (let step = 0; step < 3; step++) {
      grown.push((await model.predict([grown.map((value) => [value])])).data[0] as number);
      rolled.push((await model.predict([rolled.slice(-3).map((value) => [value])])).data[0] as number);
    }
    expectClose(numbers(await forecast(model, history, 3)), grown.slice(-3), TOLERANCE, 'all steps');
    expectClose(numbers(await forecast(model, history, 3, { windowLength: 3 })), rolled.slice(-3), TOLERANCE, 'a window');

    // From here on a window is as long as the samples of `fit`; the weights stay.
    model.compile({ optimizer: new Adam({ learningRate: 0 }), loss: 'mse' });
    expect(model.trainedSteps).toBeNull();
    await model.fit([[[1], [2], [3]]], [[4]], { verbose: 0 });
    const loaded = await loadModel(await modelToBytes(model, { includeOptimizer: false }));
    for (const trained of [model, loaded]) {
      expect(trained.trainedSteps).toBe(3);
      expectClose(numbers(await forecast(trained, history, 3)), rolled.slice(-3), TOLERANCE, 'the window of fit');
      expectClose(
        numbers(await forecast(trained, history, 3, { windowLength: Number.POSITIVE_INFINITY })),
        grown.slice(-3),
        TOLERANCE,
        'all steps again',
      );
    }
    const short = await forecast(model, history.slice(0, 2), 1);
    expect(short.values.shape).toEqual([1]);
    const { predictions } = await backtest(model, history, { horizon: 1, start: 4 });
    expectClose([...predictions.data], numbers(await forecast(model, history.slice(1, 4), 1)), TOLERANCE, 'backtest');
  });

  test('a model of many features with one target', async () => {
    // Both next steps: the target, and twice the other feature.
    const model = linear(1, 2, [
      [1, 0],
      [0, 2],
    ]);
    const made = await forecast(model, [1, 2], 2, { futureCovariates: [5, 7] });
    expect(numbers(made)).toEqual([2, 14]);
    await expect(forecast(model, [1, 2], 3, { futureCovariates: [5, 7] })).rejects.toThrow(
      /has 2 steps, but 4 are needed: 2 .* and 2 after it/,
    );
    await expect(forecast(model, [1, 2], 2)).rejects.toThrow(/takes 2 features, .*its other features, .* as futureCovariates/);
    const table = [
      [1, 5],
      [2, 7],
    ];
    await expect(forecast(linear(1, 2, [[1, 0]]), table, 1)).rejects.toThrow(/its other features as futureCovariates/);
  });

  test('quantiles of the model are the interval, and the middle one goes on', async () => {
    const model = linear(1, 1, [[1], [2], [4]]);
    const made = await forecast(model, [1], 3, { quantiles: [0.1, 0.4, 0.95] });
    expect(numbers(made)).toEqual([2, 4, 8]);
    expect(made.quantiles).toMatchObject({ shape: [3, 3], data: Float64Array.of(1, 2, 4, 2, 4, 8, 4, 8, 16) });
    expect(made.lower).toMatchObject({ shape: [3], data: Float64Array.of(1, 2, 4) });
    expect(made.upper).toMatchObject({ shape: [3], data: Float64Array.of(4, 8, 16) });
    const direct = linear(1, 1, [[1], [2], [3], [4]], [2, 2]);
    const both = await forecast(direct, [1], 3, { quantiles: [0.25, 0.75] });
    expect(Array.from(both.quantiles?.data ?? [])).toEqual([1, 2, 3, 4, 3, 6]);
  });

  test('quantiles are those of the loss that the model was compiled with', async () => {
    const quantiles = [0.1, 0.4, 0.95];
    const compiled = (quantile: readonly number[]) => {
      const model = linear(1, 1, [[1], [2], [4]]);
      model.compile({ loss: new QuantileLoss({ quantile }) });
      return model;
    };
    const model = compiled(quantiles);
    const named = await forecast(linear(1, 1, [[1], [2], [4]]), [1], 3, { quantiles });
    expect(await forecast(model, [1], 3)).toEqual(named);
    expect(await forecast(model, [1], 3, { quantiles })).toEqual(named);
    expect(await forecast(await loadModel<Model>(await modelToBytes(model)), [1], 3)).toEqual(named);
    const { coverage, predictions } = await backtest(model, [1, 2, 4, 8, 16], { horizon: 1, start: 2 });
    expect(Array.from(predictions.data)).toEqual([4, 8, 16]);
    expect(coverage).toBe(1);

    await expect(forecast(model, [1], 3, { quantiles: [0.2, 0.4, 0.8] })).rejects.toThrow(
      /quantiles is \[0\.2,0\.4,0\.8\], but model .* was compiled with QuantileLoss of \[0\.1, 0\.4, 0\.95\]: leave quantiles out/,
    );
    await expect(forecast(compiled([0.9, 0.1, 0.5]), [1], 3)).rejects.toThrow(/QuantileLoss of .* quantiles .* increasing order/);
    await expect(forecast(model, [1], 3, { residuals: [1, 2] })).rejects.toThrow(/QuantileLoss and predicts one: leave residuals out/);
    const table = [
      [1, 1, 1],
      [2, 2, 2],
    ];
    const ofThree = linear(1, 3, table.concat([[1, 2, 3]]));
    ofThree.compile({ loss: new QuantileLoss({ quantile: quantiles }) });
    await expect(forecast(ofThree, table, 1)).rejects.toThrow(/quantiles are for one channel, but history has 3/);
    // One quantile is a forecast like any other.
    const median = linear(1, 1, [[2]]);
    median.compile({ loss: new QuantileLoss({ quantile: 0.5 }) });
    expect(await forecast(median, [1], 2)).toMatchObject({ lower: null, quantiles: null });
  });

  test('residuals give an interval of futures, which widens as errors add up', async () => {
    // A random walk: after k steps the sum of k errors of 1 and -1.
    const model = linear(1, 1, [[1]]);
    const options = { residuals: [1, -1], numSamples: 2000, coverage: 0.9, seed: 3 };
    const made = await forecast(model, [10], 9, options);
    expect(numbers(made)).toEqual(new Array(9).fill(10));
    const widths = Array.from(made.upper?.data ?? [], (upper, step) => [(made.lower?.data[step] as number) - 10, upper - 10]);
    // The quantiles 0.05 and 0.95 of 2 * Binomial(k, 1/2) - k.
    expect([0, 1, 3, 8].map((step) => widths[step])).toEqual([
      [-1, 1],
      [-2, 2],
      [-4, 4],
      [-5, 5],
    ]);
    expect(await forecast(model, [10], 9, options)).toEqual(made);
    expect((await forecast(model, [10], 9, { ...options, numSamples: 7, seed: 4 })).upper).not.toEqual(
      (await forecast(model, [10], 9, { ...options, numSamples: 7, seed: 5 })).upper,
    );
    const narrow = await forecast(model, [10], 1, { ...options, residuals: [0, 0, 0, 0, 5], coverage: 0.5 });
    expect([narrow.lower?.data[0], narrow.upper?.data[0]]).toEqual([10, 10]);
  });

  test('too few residuals for the coverage give a warning with the number that is needed', async () => {
    const warnings = givenWarnings();
    const rows = (count: number) => Array.from({ length: count }, (_, row) => (row % 2 ? 1 : -1));
    const options = { numSamples: 10, seed: 1 };
    await forecast(linear(1, 1, [[1]]), [1], 1, { ...options, residuals: rows(20) });
    await forecast(linear(1, 1, [[1]]), [1], 1, { ...options, residuals: rows(10), coverage: 0.8 });
    expect(warnings).toEqual([]);
    const model = linear(1, 1, [[1]]);
    await forecast(model, [1], 1, { ...options, residuals: rows(19) });
    await forecast(model, [1], 1, { ...options, residuals: rows(19) });
    const message = expect.stringMatching(/residuals has 19 rows, but an interval that covers 0.9 needs at least 20/);
    expect(warnings).toEqual([{ code: 'FEW_RESIDUALS', message }]);
  });

  test('residuals on one side of 0 give a warning with the side', async () => {
    const warnings = givenWarnings();
    const errors = Array.from({ length: 40 }, (_, row) => (row % 8) - 1); // from -1 to 6
    const given = (residuals: number[] | number[][], coverage: number) =>
      forecast(linear(1, 1, [[1], [1]]), [1], 2, { residuals, coverage, numSamples: 10, seed: 1 });
    await given(errors, 0.8);
    expect(warnings).toEqual([]);
    await given(errors, 0.5);
    const [negative, rows] = [errors.map((error) => -error), errors.map((error) => [0, error])];
    await given(negative, 0.5);
    await given(rows, 0.5);
    const messageOf = (pattern: RegExp) => ({ code: 'BIASED_RESIDUALS', message: expect.stringMatching(pattern) });
    expect(warnings).toEqual([
      messageOf(/the fraction 0.5 of residuals is between 0.750 and 4.25, without 0: the model predicts too low/),
      messageOf(/is between -4.25 and -0.750, without 0: the model predicts too high/),
      messageOf(/of residuals, value 1 of each row, is between 0.750 and 4.25/),
    ]);
  });

  test('the ends of the interval are between neighbours, along a line', async () => {
    const model = linear(1, 1, [[0]]);
    const ends = new Set<string>();
    for (let seed = 1; seed <= 12; seed++) {
      const { lower, upper } = await forecast(model, [0], 1, { residuals: [1, -1], numSamples: 2, coverage: 0.5, seed });
      ends.add(`${lower?.data[0]} ${upper?.data[0]}`);
    }
    expect([...ends].sort()).toEqual(['-0.5 0.5', '-1 -1', '1 1']);
  });

  test('residuals of several channels and of whole blocks are drawn together', async () => {
    const model = linear(1, 2, [
      [1, 0],
      [0, 1],
    ]);
    const residuals = [
      [1, 10],
      [-1, -10],
    ];
    const made = await forecast(model, [[0, 0]], 2, { residuals, coverage: 0.99, numSamples: 200, seed: 1 });
    expect(Array.from(made.upper?.data ?? [])).toEqual([1, 10, 2, 20]);
    const block = linear(1, 1, [[1], [1]]);
    // Drawn together, the errors of a block never have the same sign.
    const direct = await forecast(block, [0], 2, {
      residuals: [
        [1, -3],
        [-1, 3],
      ],
      coverage: 0.99,
      numSamples: 200,
      seed: 1,
    });
    expect(Array.from(direct.upper?.data ?? [])).toEqual([1, 3]);
    const alone = await forecast(block, [0], 2, { residuals: [1, -3], coverage: 0.99, numSamples: 400, seed: 1 });
    expect(Array.from(alone.lower?.data ?? [])).toEqual([-3, -3]);
  });

  test('a trained model covers what it says', async () => {
    const series = Float64Array.from({ length: 400 }, (_, t) => Math.sin(t / 5) + 0.3 * Math.sin(t * t));
    const x = Array.from({ length: 300 }, (_, n) => Array.from(series.subarray(n, n + 8), (value) => [value]));
    const y = Array.from({ length: 300 }, (_, n) => series[n + 8] as number);
    const input = Input({ shape: [8, 1] });
    const quantiles = [0.1, 0.5, 0.9];
    const states = new Concatenate().apply([new GRU(8).apply(input), new Flatten().apply(input)]);
    const model = new Model({ inputs: input, outputs: new Dense(3).apply(states) });
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: new QuantileLoss({ quantile: quantiles }) });
    await model.fit(x, y, { epochs: 30, verbose: 0 });
    const { errors, coverage, origins } = await backtest(model, series, { horizon: 1, start: 308, quantiles });
    expect(origins.length).toBe(92);
    expect(coverage).toBeGreaterThan(0.6);
    expect(coverage).toBeLessThan(0.95);
    expect(errors.model.mae).toBeLessThan(errors.lastValue.mae);
  });
});

describe('backtest', () => {
  beforeEach(async () => startOn(await loadBackend('reference')));
  const series = [1, 2, 4, 7, 11, 16, 22, 29, 37, 46];

  test('forecasts from every origin with the steps before it alone', async () => {
    const given: number[][] = [];
    const result = await backtest(
      (history, n) => {
        given.push(Array.from(history.data));
        return Array.from({ length: n }, (_, ahead) => (history.data.at(-1) as number) + ahead);
      },
      series,
      { horizon: 2, start: 5, stride: 2, seasonLength: 3 },
    );
    expect(result.origins).toEqual([5, 7]);
    expect(given).toEqual([series.slice(0, 5), series.slice(0, 7)]);
    expect(result.actual).toMatchObject({ shape: [2, 2], data: Float64Array.of(16, 22, 29, 37) });
    expect(result.predictions).toMatchObject({ shape: [2, 2], data: Float64Array.of(11, 12, 22, 23) });
    expect(result.coverage).toBeNull();
    const history = series.slice(0, 5);
    const measured = (predicted: number[]) => forecastErrors([16, 22, 29, 37], predicted, { history, seasonLength: 3 });
    expect(result.errors).toEqual({
      model: measured([11, 12, 22, 23]),
      lastValue: measured([11, 11, 22, 22]),
      drift: measured([13.5, 16, 25.5, 29]),
      seasonalNaive: measured([4, 7, 11, 16]),
    });
    // The mean of |7 - 1| and |11 - 2|.
    expect(result.errors.lastValue.mase).toBe((5 + 11 + 7 + 15) / 4 / 7.5);
  });

  test('of a model, with covariates and intervals', async () => {
    // The next value is the last one and what is known of its step.
    const model = linear(1, 2, [[1, 1]]);
    const steps = series.map((value, t) => (series[t + 1] ?? value) - value);
    const options = { horizon: 3, stride: 1, futureCovariates: steps };
    const result = await backtest(model, series, { ...options, residuals: [0.5, -0.5], seed: 1 });
    expect(result.origins).toEqual([5, 6, 7]);
    expect(result.errors.model).toEqual({ mae: 0, rmse: 0, mape: 0, smape: 0, mase: 0 });
    expect(result.coverage).toBe(1);
    expect(result.predictions.shape).toEqual([3, 3]);
    const two = series.map((value) => [value, -value]);
    const own = await backtest((history, n) => naiveForecast(history, n), two, { horizon: 2 });
    expect(own.predictions.shape).toEqual([2, 2, 2]);
    expect(own.errors.model).toEqual(own.errors.lastValue);
    expect('seasonalNaive' in own.errors).toBe(false);
  });
});

test('naive forecasts', () => {
  const of = (...call: Parameters<typeof naiveForecast>) => Array.from(naiveForecast(...call).data);
  expect(of([1, 2, 5], 3)).toEqual([5, 5, 5]);
  expect(of([1, 2, 5, 7], 5, { seasonLength: 3 })).toEqual([2, 5, 7, 2, 5]);
  expect(of([1, 2, 5], 2, { strategy: 'drift' })).toEqual([7, 9]);
  expect(
    naiveForecast(
      [
        [1, 9],
        [2, 8],
      ],
      2,
      { strategy: 'drift' },
    ),
  ).toMatchObject({ shape: [2, 2], data: Float64Array.of(3, 7, 4, 6) });
  expect(() => naiveForecast([1, 2], 2, { seasonLength: 3 })).toThrow('history has 2 steps, but 3 are needed');
  expect(() => naiveForecast([1, 2], 2, { strategy: 'drift', seasonLength: 2 })).toThrow(ArgumentError);
  expect(() => naiveForecast([1, Number.NaN], 2)).toThrow(DataError);
});

test('errors of a forecast, by their formulas', () => {
  const { mae, rmse, mape, smape, mase } = forecastErrors([2, -4, 0], [3, -2, 0], { history: [1, 2, 4, 1] });
  expect(mae).toBe(1);
  expect(rmse).toBeCloseTo(Math.sqrt(5 / 3), 12);
  expect(mape).toBeCloseTo((100 * (1 / 2 + 2 / 4)) / 3, 10);
  expect(smape).toBeCloseTo((200 * (1 / 5 + 2 / 6)) / 3, 10);
  expect(mase).toBe(1 / 2);
  // Each channel is compared with its own history.
  const both = forecastErrors(
    [
      [1, 10],
      [1, 10],
    ],
    [
      [2, 20],
      [2, 20],
    ],
    {
      history: [
        [0, 0],
        [1, 10],
        [2, 20],
      ],
    },
  );
  expect(both.mase).toBe(1);
  expect(forecastErrors([1], [2]).mase).toBeNull();
  expect(forecastErrors([1], [2], { history: [3, 3, 3] }).mase).toBeNull();
  expect(() => forecastErrors([1, 2], [1])).toThrow(ShapeError);
  expect(() =>
    forecastErrors([1, 2], [1, 2], {
      history: [
        [1, 1],
        [1, 1],
      ],
    }),
  ).toThrow('history has 2 channels');
});

describe('what is wrong is said', () => {
  const model = () => linear(2, 1, [[1, 1]]);
  test.each<[string, () => Promise<unknown>, new (...of: never[]) => Error, RegExp]>([
    ['no model', () => forecast({} as never, [1, 2], 1), ArgumentError, /forecast takes a model/],
    ['no steps', () => forecast(model(), [1, 2], 0), ArgumentError, /n must be/],
    ['a short history', () => forecast(model(), [1], 1), ShapeError, /history has 1 steps, but a window has 2/],
    ['a value that is NaN', () => forecast(model(), [1, Number.NaN], 1), DataError, /history\[1\] is NaN/],
    [
      'other features',
      () =>
        forecast(
          model(),
          [
            [1, 1],
            [1, 1],
          ],
          1,
        ),
      ShapeError,
      /takes 1 features, but history has 2 channels and futureCovariates 0/,
    ],
    [
      'few covariates',
      () => forecast(linear(1, 2, [[1, 1]]), [1, 2], 3, { futureCovariates: [1, 2, 3] }),
      ShapeError,
      /has 3 steps, but 4 are needed/,
    ],
    [
      'another window',
      () => forecast(model(), [1, 2], 1, { windowLength: 1 }),
      ArgumentError,
      /windowLength is 1, but .* takes exactly 2 steps: leave/,
    ],
    [
      'all steps where the model takes some',
      () => forecast(model(), [1, 2, 3], 1, { windowLength: Infinity }),
      ArgumentError,
      /windowLength is Infinity, which means all steps, but .* takes exactly 2: leave windowLength out, or .* inputShape: \[null, 1\]/,
    ],
    ['quantiles that fall', () => forecast(model(), [1, 2], 1, { quantiles: [0.5, 0.1] }), ArgumentError, /in increasing order/],
    [
      'quantiles that it has not',
      () => forecast(model(), [1, 2], 1, { quantiles: [0.1, 0.5] }),
      ShapeError,
      /gives \[1\], expected \[2\] or \[H, 2\]/,
    ],
    [
      'both',
      () =>
        forecast(
          linear(2, 1, [
            [1, 1],
            [1, 1],
          ]),
          [1, 2],
          1,
          { quantiles: [0.1, 0.5], residuals: [1] },
        ),
      ArgumentError,
      /give one of them/,
    ],
    ['coverage alone', () => forecast(model(), [1, 2], 1, { coverage: 0.5 }), ArgumentError, /coverage is for an interval from residuals/],
    ['a coverage of 1', () => forecast(model(), [1, 2], 1, { residuals: [1], coverage: 1 }), ArgumentError, /coverage must be/],
    [
      'other residuals',
      () => forecast(model(), [1, 2], 1, { residuals: [[1, 2]] }),
      ShapeError,
      /residuals has shape \[1, 2\], expected at least one row, and rows of 1 values/,
    ],
    ['an unknown option', () => forecast(model(), [1, 2], 1, { window: 2 } as never), ArgumentError, /unknown option 'window'/],
    [
      'outputs of every step',
      () => forecast(new Sequential([new GRU(1, { returnSequences: true, inputShape: [null, 1] })]), [1, 2], 1),
      ShapeError,
      /a last layer with returnSequences: false/,
    ],
    ['a late start', () => backtest(model(), [1, 2, 3, 4], { horizon: 2, start: 3 }), ShapeError, /series has 4 steps and start is 3/],
    ['no horizon', () => backtest(model(), [1, 2, 3, 4], {} as never), ArgumentError, /horizon must be/],
    [
      'options of a model',
      () => backtest(() => [1], [1, 2, 3, 4], { horizon: 1, residuals: [1] }),
      ArgumentError,
      /unknown option 'residuals'/,
    ],
    [
      'a forecast of another length',
      () => backtest(() => [1], [1, 2, 3, 4], { horizon: 2 }),
      ShapeError,
      /from step 2 has shape \[1\], expected \[2\]/,
    ],
  ])('%s', async (_, call, type, message) => {
    await expect(call()).rejects.toThrow(type);
    await expect(call()).rejects.toThrow(message);
  });
});
