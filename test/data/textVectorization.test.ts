import { describe, expect, it } from 'vitest';
import { ArgumentError, DataError, StateError } from '../../ts/core/errors.ts';
import { TextVectorization, type TextVectorizationOptions } from '../../ts/layers/textVectorization.ts';

function adapted(options: TextVectorizationOptions, texts: string[]): TextVectorization {
  const vectorization = new TextVectorization(options);
  vectorization.adapt(texts);
  return vectorization;
}

describe('TextVectorization', () => {
  it('orders tokens by frequency, ties from the last to the first', () => {
    const vectorization = adapted({}, ['a b b c c zed', 'It’s', "it's well-known!"]);
    expect(vectorization.getVocabulary()).toEqual(['', '[UNK]', 'c', 'b', 'zed', 'wellknown', 'it’s', 'its', 'a']);
    expect(vectorization.vocabularySize).toBe(9);
    expect(vectorization.encode(['B, zed? nope', ''])).toEqual([[3, 4, 1], []]);
  });

  // What Keras 3.15.1 (TextVectorization on TensorFlow 2.21) printed for these texts.
  it('treats bytes outside ASCII as Keras does', () => {
    const texts = ['a b b c c É é [UNK] x\u00a0y p\u3000q zed ant \ue000 \u{1F600}', "m\x1cn q\u2003r k\x85j It's well-known!"];
    expect(adapted({}, texts).getVocabulary().slice(2)).toEqual(
      ['c', 'b', '\u{1F600}', '\ue000', 'é', 'É', 'zed', 'x\u00a0y', 'wellknown', 'unk'].concat([
        'q\u2003r',
        'p\u3000q',
        'm\x1cn',
        'k\x85j',
        'its',
        'ant',
        'a',
      ]),
    );
  });

  it('cuts the vocabulary at maxTokens and rows at outputSequenceLength', () => {
    const vectorization = adapted({ maxTokens: 4, outputSequenceLength: 2 }, ['b zed nope b c c', 'c']);
    expect(vectorization.getVocabulary()).toEqual(['', '[UNK]', 'c', 'b']);
    expect(vectorization.call(['c b zed', 'b'])).toEqual({ shape: [2, 2], data: Int32Array.of(2, 3, 3, 0) });
  });

  it('splits into characters, or not at all', () => {
    const characters = adapted({ split: 'character', standardize: 'lower' }, ['Ab b']);
    expect(characters.getVocabulary()).toEqual(['', '[UNK]', 'b', 'a', ' ']);
    expect(characters.encode(['ab c'])).toEqual([[3, 2, 4, 1]]);
    const whole = adapted({ split: null, standardize: null }, ['Ab b', 'c']);
    expect(whole.getVocabulary()).toEqual(['', '[UNK]', 'c', 'Ab b']);
  });

  it('comes back from its configuration through JSON', () => {
    const vectorization = adapted({ maxTokens: 6, outputSequenceLength: 5, standardize: 'stripPunctuation' }, ['One two, two.']);
    const copy = TextVectorization.fromConfig(JSON.parse(JSON.stringify(vectorization.getConfig())));
    expect(copy.getConfig()).toEqual(vectorization.getConfig());
    expect(copy.call(['two One three'])).toEqual(vectorization.call(['two One three']));
    expect(TextVectorization.fromConfig(new TextVectorization().getConfig()).getVocabulary()).toEqual(['', '[UNK]']);
  });

  it('takes a vocabulary with or without the special tokens', () => {
    expect(new TextVectorization({ vocabulary: ['a', 'b'] }).encode(['b a x'])).toEqual([[3, 2, 1]]);
    expect(new TextVectorization({ vocabulary: ['', '[UNK]', 'a'] }).getVocabulary()).toEqual(['', '[UNK]', 'a']);
    expect(() => new TextVectorization({ vocabulary: ['a', 'a'] })).toThrow("repeated or reserved token 'a'");
    expect(() => new TextVectorization({ vocabulary: ['a', ''] })).toThrow(ArgumentError);
    expect(() => new TextVectorization({ vocabulary: ['a', 'b'], maxTokens: 3 })).toThrow('at most maxTokens = 3');
  });

  it('keeps the vocabulary when adapt fails', () => {
    const vectorization = adapted({}, ['kept']);
    expect(() => vectorization.adapt(['new', 5 as unknown as string])).toThrow('texts[1] must be a string, got 5');
    expect(() => vectorization.adapt([])).toThrow(DataError);
    expect(() => vectorization.adapt('text' as unknown as string[])).toThrow(DataError);
    expect(vectorization.getVocabulary()).toEqual(['', '[UNK]', 'kept']);
  });

  it('refuses wrong options and encoding before adapt', () => {
    expect(() => new TextVectorization({ maxToken: 5 } as object)).toThrow("unknown option 'maxToken'");
    expect(() => new TextVectorization({ maxTokens: 2 })).toThrow(ArgumentError);
    expect(() => new TextVectorization({ split: 'word' as 'character' })).toThrow("split must be one of 'whitespace', 'character', null");
    expect(() => new TextVectorization({ outputSequenceLength: -1 })).toThrow(ArgumentError);
    expect(() => new TextVectorization().encode(['a'])).toThrow(StateError);
  });
});
