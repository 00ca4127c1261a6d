import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  AUC,
  BinaryAccuracy,
  confusionMatrix,
  Dense,
  EarlyStopping,
  F1Score,
  FalsePositives,
  FBetaScore,
  Input,
  IoU,
  MeanIoU,
  Model,
  PearsonCorrelation,
  Perplexity,
  Precision,
  PrecisionAtRecall,
  QuantileLoss,
  R2Score,
  Recall,
  Sequential,
  TopKCategoricalAccuracy,
  toCategorical,
} from '../../ts/index.ts';
import { builtModel, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';

const compiled = (units: number, loss: unknown, metrics: unknown[]) =>
  new Sequential([new Dense(units, { inputShape: [3] })]).compile({ loss, metrics } as never);

describe('metrics of Keras', () => {
  test('take class indices as they take one-hot rows', async () => {
    const x = tensor([9, 3], new RandomArrays(4));
    const labels = [0, 1, 2, 3, 0, 1, 2, 2, 1];
    const metrics = () => [
      new Precision(),
      new Recall({ topK: 2 }),
      new F1Score({ average: 'weighted' }),
      new AUC(),
      new MeanIoU(),
      new TopKCategoricalAccuracy({ k: 2 }),
    ];
    const model = builtModel([new Dense(4, { activation: 'softmax' })], [3], new RandomArrays(5), 3);
    model.compile({ loss: 'sparseCategoricalCrossentropy', metrics: metrics() });
    const sparse = await model.evaluate(x, labels, { verbose: 0 });
    model.compile({ loss: 'categoricalCrossentropy', metrics: metrics() });
    expect(await model.evaluate(x, toCategorical(labels, 4), { verbose: 0 })).toEqual(sparse);
    expect(Object.keys(sparse)).toEqual(['loss', 'precision', 'recall', 'f1Score', 'auc', 'meanIoU', 'topKCategoricalAccuracy']);
    expect(Object.values(sparse).every((value) => (value as number) > 0)).toBe(true);
  });

  test('say whether a low or a high number is better', async () => {
    const model = new Sequential([new Dense(1, { activation: 'sigmoid', inputShape: [1] })]);
    model.compile({ loss: 'mse', metrics: [new FalsePositives(), new Precision({ name: 'exactness' })] });
    for (const monitor of ['falsePositives', 'exactness'])
      await model.fit([[1], [2]], [0, 1], { verbose: 0, callbacks: [new EarlyStopping({ monitor })] });
  });

  test("'cosineSimilarity' among metrics has Keras's sign, and as a loss its negative", async () => {
    const model = builtModel([new Dense(2, { useBias: false })], [2], new RandomArrays(3));
    model.setWeights([{ shape: [2, 2], data: Float64Array.of(1, 0, 0, 1) }]);
    model.compile({ loss: 'cosineSimilarity', metrics: ['CosineSimilarity' as 'cosineSimilarity'] });
    const logs = await model.evaluate([[3, 4]], [[4, 3]], { verbose: 0 });
    expect(logs.loss).toBeCloseTo(-0.96, 6);
    expect(logs.cosineSimilarity).toBeCloseTo(0.96, 6);
    const fit = model.fit([[3, 4]], [[4, 3]], { verbose: 0, callbacks: [new EarlyStopping({ monitor: 'cosineSimilarity' })] });
    await expect(fit).resolves.toBeDefined();
  });

  test('metrics of classes and labels say what does not fit the output', () => {
    const compare = (metric: unknown) => () => compiled(3, 'mse', [metric]);
    expect(compare(new IoU({ targetClassIds: [0, 3] }))).toThrow(/metric 'iou' has the class 3, but the output has 3 classes/);
    expect(compare(new MeanIoU({ numClasses: 4 }))).toThrow(/has numClasses 4, but the output has 3 classes/);
    expect(compare(new AUC({ multiLabel: true, labelWeights: [1, 2] }))).toThrow(/needs numLabels and labelWeights for 3 outputs/);
    expect(() => compiled(1, 'mse', [new PearsonCorrelation()])).toThrow(/'pearsonCorrelation' needs an output of at least two, .* has 1/);
  });

  test.each([
    [() => new Precision({ thresholds: [0.1, 0.2] as never }), /Precision: thresholds must be a number/],
    [() => new Precision({ threshold: 0.2 } as never), /unknown option 'threshold' \(did you mean 'thresholds'\?\)/],
    [() => new FalsePositives({ topK: 2 } as never), /unknown option 'topK'/],
    [() => new Recall({ topK: 0 }), /topK must be a number of at least 1/],
    [() => new F1Score({ average: null as never }), /average must be one of 'micro', 'macro', 'weighted', got null/],
    [() => new F1Score({ beta: 2 } as never), /F1Score: unknown option 'beta'/],
    [() => new FBetaScore({ beta: 0 }), /beta must be a number above 0/],
    [() => new AUC({ curve: 'LIFT' as never }), /curve must be one of 'ROC', 'PR', 'PRGAIN'/],
    [() => new AUC({ thresholds: [] }), /AUC: thresholds must be an array of numbers/],
    [() => new AUC({ numLabels: 2 }), /AUC: numLabels needs multiLabel: true/],
    [() => new IoU({} as never), /IoU: targetClassIds must be an array of classes, got undefined/],
    [() => new MeanIoU({ numClasses: 0 }), /MeanIoU: numClasses must be/],
    [() => new AUC({ numThresholds: 1 }), /numThresholds must be a number of at least 2/],
    [() => new PrecisionAtRecall({} as never), /recall must be a number from 0 to 1, got undefined/],
    [() => new R2Score({ classAggregation: 'mean' as never }), /classAggregation must be one of/],
    [() => new TopKCategoricalAccuracy({ k: 0 }), /k must be a number of at least 1/],
  ])('refuse wrong options: %#', (make: () => unknown, message) => {
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(message);
  });

  test('are refused where they do not fit the output', () => {
    expect(() => compiled(3, 'sparseCategoricalCrossentropy', [new BinaryAccuracy()])).toThrow(
      /'binaryAccuracy' takes targets of the shape/,
    );
    expect(() => compiled(3, 'mse', [new Perplexity()])).toThrow(
      /'perplexity' takes class indices: use loss 'sparseCategoricalCrossentropy'/,
    );
    expect(() => compiled(3, new QuantileLoss({ quantile: [0.1, 0.2, 0.3] }), [new R2Score()])).toThrow(
      /'r2Score' compares each of 3 outputs with a target, but the loss takes targets whose last axis has 1/,
    );
    expect(() => compiled(3, 'mse', [new Precision({ classId: 3 })])).toThrow(/has classId 3, but the outputs are 0 to 2/);
    expect(() => compiled(3, 'mse', ['precison'])).toThrow(/did you mean 'precision'\?/);
    const input = Input({ shape: [2] });
    const model = new Model({ inputs: input, outputs: [new Dense(2).apply(input), new Dense(3).apply(input)] });
    const shared = new R2Score();
    expect(() => model.compile({ loss: 'mse', metrics: [[shared], [shared]] })).toThrow(
      /compiled for an output of another size: make one for each/,
    );
  });
});

describe('confusionMatrix', () => {
  test('counts rows by class and predicted class', () => {
    const matrix = confusionMatrix([0, 1, 1, 2], [0, 2, 1, 2], { numClasses: 4, sampleWeight: [1, 2, 3, 4] });
    expect(matrix.shape).toEqual([4, 4]);
    expect([...matrix.data]).toEqual([1, 0, 0, 0, 0, 3, 2, 0, 0, 0, 4, 0, 0, 0, 0, 0]);
    expect(confusionMatrix([0, 1], [3, 1]).shape).toEqual([4, 4]);
  });

  test('refuses what is not a class', () => {
    expect(() => confusionMatrix([0, 1], [0])).toThrow(/yTrue has 2 rows, but yPred has 1/);
    expect(() => confusionMatrix([0, -1], [0, 0])).toThrow(/yTrue\[1\] is -1, expected a class/);
    expect(() => confusionMatrix([0, 1], [0, 2], { numClasses: 2 })).toThrow(/yPred\[1\] is 2, expected a class: 0 to 1/);
    expect(() => confusionMatrix([0], [0], { classes: 2 } as never)).toThrow(/unknown option 'classes'/);
  });
});
