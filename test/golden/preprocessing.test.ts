import { describe, expect, test } from 'vitest';
import {
  CategoryEncoding,
  type CategoryEncodingOptions,
  Discretization,
  type DiscretizationOptions,
  Hashing,
  type HashingOptions,
  IntegerLookup,
  type IntegerLookupOptions,
  type LayerConfig,
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

/** Samples of numbers, or of texts where the layer takes them. */
type Samples = (string | number)[] | (string | number)[][];

interface CallCase<Options> {
  readonly arguments: [number];
  readonly options: Options;
  readonly adapted: number[][] | null;
  readonly inputs: Samples;
  readonly weights: number[][] | null;
  readonly outputs: GoldenTensor;
}

interface PreprocessingCases {
  readonly integerLookup: (CallCase<IntegerLookupOptions> & { readonly vocabulary: number[] })[];
  readonly categoryEncoding: CallCase<CategoryEncodingOptions>[];
  readonly hashing: CallCase<HashingOptions>[];
  readonly discretization: (CallCase<DiscretizationOptions> & { readonly boundaries: number[] })[];
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

  test.each(golden.integerLookup)('IntegerLookup with $options', ({ options, adapted, vocabulary, inputs, outputs }) => {
    const made = new IntegerLookup(options);
    if (adapted) made.adapt(adapted);
    for (const lookup of [made, IntegerLookup.fromConfig(stored(made))]) {
      expect(lookup.getVocabulary()).toEqual(vocabulary);
      expectOutputs(lookup.call(inputs as number[][]), outputs);
    }
  });

  test.each(golden.categoryEncoding)(
    'CategoryEncoding with $options of $inputs',
    ({ arguments: [numTokens], options, inputs, weights, outputs }) => {
      const made = new CategoryEncoding(numTokens, options);
      for (const encoding of [made, CategoryEncoding.fromConfig(stored(made))])
        expectOutputs(encoding.call(inputs as number[][], weights), outputs);
    },
  );

  test.each(golden.hashing)('Hashing into $arguments bins with $options', ({ arguments: [numBins], options, inputs, outputs }) => {
    const made = new Hashing(numBins, options);
    for (const hashing of [made, Hashing.fromConfig(stored(made))]) expectOutputs(hashing.call(inputs as string[][]), outputs);
  });

  test.each(golden.discretization)('Discretization with $options', ({ options, adapted, boundaries, inputs, outputs }) => {
    const made = new Discretization(options);
    if (adapted) made.adapt(adapted);
    for (const discretization of [made, Discretization.fromConfig(stored(made))]) {
      expect(discretization.binBoundaries).toEqual(boundaries.map(Math.fround));
      expectOutputs(discretization.call(inputs as number[][]), outputs);
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

/** The configuration of a layer as a file holds it. */
function stored(layer: { setName(name: string): void; getConfig(): LayerConfig }): LayerConfig {
  return JSON.parse(JSON.stringify(named(layer).getConfig()));
}

function expectOutputs(
  { shape, data }: { readonly shape: readonly number[]; readonly data: ArrayLike<number> },
  outputs: GoldenTensor,
): void {
  expect(shape).toEqual(outputs.shape);
  expectClose(Float64Array.from(data), floatsOf(outputs), GOLDEN_FLOAT32, 'outputs');
}
