import { describe, expect, test } from 'vitest';
import { type PadSequencesOptions, padSequences } from '../../ts/data/padSequences.ts';
import { toCategorical } from '../../ts/data/toCategorical.ts';
import { TextVectorization, type TextVectorizationOptions } from '../../ts/layers/textVectorization.ts';
import { type GoldenTensor, readGolden } from './goldenFiles.ts';

interface DataCases {
  readonly padSequences: { readonly sequences: number[][]; readonly options: PadSequencesOptions; readonly padded: GoldenTensor }[];
  readonly toCategorical: { readonly classes: GoldenTensor; readonly numClasses: number | null; readonly oneHot: GoldenTensor }[];
  readonly textVectorization: {
    readonly options: TextVectorizationOptions;
    readonly adapted: string[];
    readonly vocabulary: string[];
    readonly texts: string[];
    readonly ids: GoldenTensor;
  }[];
}

const golden = readGolden<DataCases>('data');

describe('data is prepared as Keras prepares it', () => {
  test.each(golden.padSequences)('padSequences with $options', ({ sequences, options, padded }) => {
    const { shape, data } = padSequences(sequences, options);
    expect(shape).toEqual(padded.shape);
    expect([...data]).toEqual(padded.data);
  });

  test.each(golden.toCategorical)('toCategorical of $classes.data into $numClasses', ({ classes, numClasses, oneHot }) => {
    const { shape, data } = toCategorical({ shape: classes.shape, data: Int32Array.from(classes.data) }, numClasses ?? undefined);
    expect(shape).toEqual(oneHot.shape);
    expect([...data]).toEqual(oneHot.data);
  });

  test.each(golden.textVectorization)('TextVectorization with $options', ({ options, adapted, vocabulary, texts, ids }) => {
    const vectorization = new TextVectorization(options);
    vectorization.adapt(adapted);
    expect(vectorization.getVocabulary()).toEqual(vocabulary);
    const { shape, data } = vectorization.call(texts);
    expect(shape).toEqual(ids.shape);
    expect([...data]).toEqual(ids.data);
  });
});
