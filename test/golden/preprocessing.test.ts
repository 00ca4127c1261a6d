import { describe, expect, test } from 'vitest';
import {
  Normalization,
  type NormalizationOptions,
  StringLookup,
  type StringLookupOptions,
  TextVectorization,
  type TextVectorizationOptions,
} from '../../ts/index.ts';
import { expectClose } from '../support/differences.ts';
import { GOLDEN_FLOAT32, GOLDEN_FLOAT64 } from '../support/tolerances.ts';
import { floatsOf, type GoldenTensor, readGolden } from './goldenFiles.ts';

interface PreprocessingCases {
  readonly stringLookup: {
    readonly options: StringLookupOptions;
    readonly adapted: string[][] | null;
    readonly vocabulary: string[];
    readonly inputs: string[][];
    readonly outputs: GoldenTensor;
  }[];
  readonly textVectorization: {
    readonly options: TextVectorizationOptions;
    readonly adapted: string[] | null;
    readonly vocabulary: string[];
    readonly texts: string[];
    readonly outputs: GoldenTensor;
  }[];
  readonly normalization: {
    readonly options: NormalizationOptions;
    readonly adapted: GoldenTensor | null;
    readonly inputs: GoldenTensor;
    readonly outputs: GoldenTensor;
  }[];
}

const golden = readGolden<PreprocessingCases>('preprocessing');

describe('preprocessing layers give what those of Keras give', () => {
  test.each(golden.stringLookup)('StringLookup with $options', ({ options, adapted, vocabulary, inputs, outputs }) => {
    const made = new StringLookup(options);
    if (adapted) made.adapt(adapted);
    const back = StringLookup.fromConfig(JSON.parse(JSON.stringify({ ...named(made).getConfig() })));
    for (const lookup of [made, back]) {
      expect(lookup.getVocabulary()).toEqual(vocabulary);
      const { shape, data } = lookup.call(inputs);
      expect(shape).toEqual(outputs.shape);
      expectClose(data, floatsOf(outputs), GOLDEN_FLOAT32, 'outputs');
    }
  });

  test.each(golden.textVectorization)('TextVectorization with $options', ({ options, adapted, vocabulary, texts, outputs }) => {
    const made = new TextVectorization(options);
    if (adapted) made.adapt(adapted);
    const back = TextVectorization.fromConfig(JSON.parse(JSON.stringify(made)));
    for (const vectorization of [made, back]) {
      expect(vectorization.getVocabulary()).toEqual(vocabulary);
      const { shape, data } = vectorization.call(texts);
      expect(shape).toEqual(outputs.shape);
      expectClose(data, floatsOf(outputs), GOLDEN_FLOAT32, 'outputs');
    }
  });

  test.each(golden.normalization)('Normalization with $options', ({ options, adapted, inputs, outputs }) => {
    const made = new Normalization(options);
    if (adapted) made.adapt({ shape: adapted.shape, data: floatsOf(adapted) });
    const back = Normalization.fromConfig(JSON.parse(JSON.stringify(named(made).getConfig())));
    for (const layer of [made, back]) {
      const { shape, data } = layer.call({ shape: inputs.shape, data: floatsOf(inputs) });
      expect(shape).toEqual(outputs.shape);
      expectClose(data, floatsOf(outputs), { ...GOLDEN_FLOAT64, absolute: 1e-9 }, 'outputs');
    }
  });
});

/** A layer with a name, which a model would give it. */
function named<L extends { setName(name: string): void }>(layer: L): L {
  layer.setName('layer');
  return layer;
}
