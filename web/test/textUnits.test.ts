import { setRandomSeed } from 'backtime';
import { describe, expect, test } from 'vitest';
import { buildModel } from '../src/model/layerList.ts';
import { channelsOf } from '../src/tasks/channels.ts';
import { prepareText } from '../src/tasks/classifyText.ts';
import { judgeText } from '../src/tasks/explainWords.ts';
import { guessUnits, splitUnits } from '../src/tasks/textUnits.ts';
import { TrainingRun } from '../src/training/trainingRun.ts';
import { parseTable } from './data.ts';

const many = (text: (row: number) => string) => Array.from({ length: 60 }, (_, row) => text(row));

test.each([
  ['sentences', many((row) => `a fine film of number ${row}`), 'words'],
  ['Korean', many((row) => `정말 재미있는 이야기 ${row}`), 'words'],
  ['Japanese', many((row) => `とても面白い物語でした${row}`), 'characters'],
  ['Chinese', many((row) => `这个电影真的很好看${row}`), 'characters'],
  ['Thai', many((row) => `หนังเรื่องนี้สนุกมาก${row}`), 'characters'],
  ['names', many((row) => `${'ABCDE'[row % 5]}na${String.fromCharCode(97 + (row % 26), 97 + ((row * 7) % 26))}ov`), 'characters'],
  ['words that repeat', many((row) => ['yes', 'no', 'maybe'][row % 3]), 'words'],
  ['emojis among words', many((row) => `good 😍😍 ${row}`), 'mixed'],
  ['English with some Chinese', many((row) => `the word for film is 电影 in Chinese, they said ${row}`), 'mixed'],
] as const)('%s are read as what fits them', (_, texts, units) => {
  expect(guessUnits(texts)).toBe(units);
});

test('a text is split into words, characters, or both', () => {
  expect(splitUnits('A fine film, 好看!', 'words')).toEqual(['a', 'fine', 'film', '好看']);
  expect(splitUnits('Ab 好', 'characters')).toEqual(['a', 'b', ' ', '好']);
  expect(splitUnits('Fine 电影😍😍!', 'mixed')).toEqual(['fine', '电', '影', '😍', '😍']);
});

describe('characters', () => {
  const rows = many((row) => `${['物語', '作品', '映画'][row % 3]}は${row % 2 ? '面白' : '退屈'}でした${row},${row % 2 ? '良' : '悪'}`);

  test('a new sentence in Japanese is judged by what it says', async () => {
    setRandomSeed(1);
    const prepared = prepareText(await parseTable(`文,評価\n${rows.join('\n')}`, true), { text: 0, label: 1 }, { words: 500, length: 40 });
    expect(prepared.notes.units).toBe('characters');
    const { model } = await new TrainingRun(
      buildModel(prepared.frame, [{ kind: 'GRU', units: 16 }]),
      prepared,
      { epochs: 40, batchSize: 8, learningRate: 0.01 },
      () => {},
    ).train();
    if (!model) throw new Error('no model');
    const names = await Promise.all(
      ['とても面白い物語', '退屈な作品だ'].map(async (text) => prepared.notes.classes[(await judgeText(model, prepared.notes, text)).best]),
    );
    expect(names).toEqual(['良', '悪']);
    const unknown = await judgeText(model, prepared.notes, 'xyz');
    expect(unknown.words.map(({ known }) => known)).toEqual([false, false, false]);
  });
});

test.each([
  ['x1,x2,x3,y1,y2,y3', ['x', 'y'], 3],
  ['acc_x_0,acc_y_0,acc_x_1,acc_y_1,acc_x_2,acc_y_2', ['acc_x', 'acc_y'], 3],
  ['a[0],a[1],a[2],b[0],b[1],b[2]', ['a', 'b'], 3],
  ['0_x,0_y,1_x,1_y,2_x,2_y', ['x', 'y'], 3],
  ['x1,x2,x3,y1,y2', ['value'], 5],
  ['t1,t2,t3,t4', ['value'], 4],
  ['height,width,depth', ['value'], 3],
])('channels are found in the names of columns: %s', (names, channels, steps) => {
  const found = channelsOf(names.split(','));
  expect([found.channels, found.steps.length]).toEqual([channels, steps]);
  expect(found.steps.flat().sort((a, b) => a - b)).toEqual(names.split(',').map((_, place) => place));
});
