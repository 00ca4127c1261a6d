import { expect, test } from 'vitest';
import { ArgumentError, classificationReport, DataError, ShapeError, toCategorical } from '../../ts/index.ts';

// scikit-learn's example of classification_report.
const yTrue = [0, 1, 2, 2, 2];
const yPred = [0, 0, 2, 2, 1];

test('is that of scikit-learn', () => {
  const report = classificationReport(yTrue, yPred, { targetNames: ['class 0', 'class 1', 'class 2'] });
  expect(report.text).toBe(
    [
      '              precision    recall  f1-score   support',
      '',
      '     class 0       0.50      1.00      0.67         1',
      '     class 1       0.00      0.00      0.00         1',
      '     class 2       1.00      0.67      0.80         3',
      '',
      '    accuracy                           0.60         5',
      '   macro avg       0.50      0.56      0.49         5',
      'weighted avg       0.70      0.60      0.61         5',
    ].join('\n'),
  );
  expect(report.classes['class 2']).toEqual({ precision: 1, recall: 2 / 3, f1Score: 0.8, support: 3 });
  expect(report.accuracy).toBe(0.6);
  expect(report.confusionMatrix).toMatchObject({ shape: [3, 3], data: Float64Array.of(1, 0, 0, 1, 0, 0, 0, 1, 2) });
  expect(report.weightedAverage.precision).toBeCloseTo(0.7, 12);
  expect(report.macroAverage.recall).toBeCloseTo(5 / 9, 12);
});

test('takes outputs of a model, one-hot rows and weights', () => {
  const outputs = toCategorical(yPred, 4);
  const report = classificationReport(toCategorical(yTrue, 4), outputs);
  expect(Object.keys(report.classes)).toEqual(['0', '1', '2', '3']);
  expect(report.classes[3]).toEqual({ precision: 0, recall: 0, f1Score: 0, support: 0 });
  expect(report.confusionMatrix.shape).toEqual([4, 4]);
  const weighted = classificationReport(yTrue, yPred, { sampleWeight: [1, 0, 1, 1, 0.5], digits: 3 });
  expect(weighted.accuracy).toBeCloseTo(3 / 3.5, 12);
  expect(weighted.classes[2]).toMatchObject({ support: 2.5, recall: 2 / 2.5 });
  expect(weighted.text).toContain('0.857        3.5');
  const binary = classificationReport([0, 1, 1], [[0.5], [0.7], [0.2]]);
  expect(binary.confusionMatrix.data).toEqual(Float64Array.of(1, 0, 1, 1));
  expect(
    classificationReport(
      [1, 0],
      [
        [0.3, 0.3],
        [0.1, 0.9],
      ],
    ).accuracy,
  ).toBe(0);
});

test('takes the steps of sequences as rows, and leaves out those of weight 0', () => {
  const tags = { shape: [3, 4], data: Int32Array.of(1, 2, 3, 0, 2, 2, 1, 0, 3, 1, 0, 0) };
  const found = { shape: [3, 4], data: Int32Array.of(1, 2, 2, 0, 2, 1, 1, 0, 3, 1, 0, 0) };
  const expected = classificationReport([...tags.data], [...found.data]);
  expect(expected.accuracy).toBeCloseTo(10 / 12, 12);
  const sequences = ({ data }: typeof tags) => ({ shape: [3, 4, 4], data: toCategorical([...data], 4).data });
  const outputs = sequences(found);
  for (const [y, p] of [
    [tags, found],
    [tags, outputs],
    [sequences(tags), outputs],
    [sequences(tags), found],
  ] as const)
    expect(classificationReport(y, p)).toEqual(expected);
  const sampleWeight = { shape: [3, 4], data: Float32Array.from(tags.data, (tag) => Number(tag > 0)) };
  expect(classificationReport(tags, outputs, { sampleWeight }).accuracy).toBeCloseTo(6 / 8, 12);
  // Tags that look like one-hot rows, beside outputs for each step.
  const flags = { shape: [2, 2], data: Int32Array.of(1, 0, 0, 1) };
  const chances = { shape: [2, 2, 1], data: Float32Array.of(0.9, 0.2, 0.7, 0.6) };
  expect(classificationReport(flags, chances).confusionMatrix.data).toEqual(Float64Array.of(1, 1, 0, 2));
  expect(classificationReport([[2], [0]], toCategorical([2, 1], 3)).accuracy).toBe(0.5);
});

test('says what is wrong', () => {
  expect(() => classificationReport([0, 1], [0])).toThrow(ShapeError);
  expect(() => classificationReport([0, 0.5], [0, 1])).toThrow(DataError);
  expect(() => classificationReport([0, 2], [0, 1], { targetNames: ['a', 'b'] })).toThrow(DataError);
  expect(() => classificationReport([0], [0], { targetNames: ['a', 'a'] })).toThrow(ArgumentError);
  expect(() => classificationReport([0], [0], { digits: -1 })).toThrow('digits must be an integer from 0 to 20');
  expect(() => classificationReport([[[0]]], [0])).toThrow('yPred has shape [1] beside yTrue of shape [1, 1, 1]');
  expect(() => classificationReport([[[2]]], [[[2]]])).toThrow('expected classes [N] or [N, T], or one axis more');
  // As many numbers, but other sequences.
  expect(() =>
    classificationReport(
      [
        [1, 2, 3],
        [2, 2, 0],
      ],
      [
        [1, 2],
        [3, 2],
        [2, 0],
      ],
    ),
  ).toThrow(ShapeError);
  expect(() => classificationReport([0], [0], { names: [] } as never)).toThrow("unknown option 'names'");
});
