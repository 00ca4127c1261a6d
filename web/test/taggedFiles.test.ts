import { gzipSync } from 'node:zlib';
import { writeXlsx } from 'hucre/xlsx';
import { describe, expect, test } from 'vitest';
import { looksLikeWordLines } from '../src/data/wordLines.ts';
import { DataServer } from '../src/preparation/dataServer.ts';
import { DEFAULT_CLASSES } from '../src/tasks/classes.ts';
import { DEFAULT_TASK_SETTINGS } from '../src/tasks/defaults.ts';
import { DEFAULT_RULE } from '../src/tasks/missingRule.ts';
import { conll, taggedSentences, wordLines, wordTable } from './taggedFiles.ts';

const sentences = taggedSentences(60);
const wordCount = sentences.flat().length;
const plain = conll(sentences);
const request = { settings: DEFAULT_TASK_SETTINGS, missingRule: DEFAULT_RULE, classSettings: DEFAULT_CLASSES };

async function open(name: string, content: string | Uint8Array) {
  const server = new DataServer();
  const overview = await server.open({ files: [{ path: name, file: new File([content as BlobPart], name) }] });
  const prepare = (task = overview.task, roles = overview.table?.roles ?? null) => server.prepare({ ...request, task, roles });
  return { overview, server, prepare };
}

/** The task that is guessed, and what its data holds. */
async function understood(name: string, content: string | Uint8Array) {
  const { overview, prepare } = await open(name, content);
  const { prepared, error } = prepare();
  if (prepared?.notes.task !== 'tagWords') return { task: overview.task, error };
  const all = [prepared.train, prepared.validation, prepared.test];
  return {
    tags: prepared.notes.classes,
    sentences: all.reduce((sum, [x]) => sum + x.shape[0], 0),
    words: all.reduce((sum, [x]) => sum + [...x.data].filter((id) => id !== 0).length, 0),
  };
}

const UNDERSTOOD = { tags: ['DET', 'NOUN', 'VERB'], sentences: 60, words: wordCount };
const kaggle = sentences.flatMap((words, sentence) =>
  words.map(([word, tag], place) => [place === 0 ? `Sentence: ${sentence + 1}` : '', word, 'x', tag].join(',')),
);
const records = sentences.flatMap((words, sentence) => words.map(([token, label]) => ({ sentence_id: sentence + 1, token, label })));
const spreadsheet = sentences.flatMap((words) => [...words.map((row) => [...row]), []]);
const workbook = await writeXlsx({ sheets: [{ name: 'Words', rows: [['word', 'tag'], ...spreadsheet] }] });

describe('words with tags are found in a file', () => {
  test.each<[string, string, string | Uint8Array]>([
    ['with spaces between columns', 'train.txt', plain],
    ['with tabs', 'train.tsv', wordLines(sentences, (word, tag) => `${word}\t${tag}`)],
    ['with tabs and spaces mixed', 'train.txt', wordLines(sentences, (word, tag, place) => `${word}${place === 1 ? '\t' : '  '}${tag} `)],
    ['of Windows', 'train.txt', plain.replaceAll('\n', '\r\n')],
    ['with several empty lines', 'train.data', plain.replaceAll('\n\n', '\n \n\n\n')],
    ['with documents and remarks', 'train.conll', `# made by hand\n-DOCSTART- O\n\n${plain}`],
    ['without an ending that tells', 'download', plain],
    ['packed', 'train.conll.gz', new Uint8Array(gzipSync(plain))],
    ['with four columns', 'eng.testa', wordLines(sentences, (word, tag) => `${word} NNP B-NP ${tag}`)],
    [
      'of CoNLL-U',
      'en-ud.conllu',
      wordLines(
        sentences,
        (word, tag, place) => `${place === 0 ? '# text = a b\n' : ''}${place + 1}\t${word}\t_\t${tag}\t_\t_\t0\t_\t_\t_`,
      ),
    ],
    ['with names of columns', 'train.txt', `Token\tTag\n${wordLines(sentences, (word, tag) => `${word}\t${tag}`)}`],
    ['as a table with the number of the sentence', 'train.csv', wordTable(sentences)],
    ['as a table with semicolons', 'train.csv', wordTable(sentences, ';')],
    ['as a table that names a sentence once', 'ner.csv', ['Sentence #,Word,POS,Tag', ...kaggle].join('\n')],
    ['as a table with an empty row between sentences', 'train.csv', `word,tag\n${wordLines(sentences, (word, tag) => `${word},${tag}`)}`],
    ['as JSON lines', 'train.jsonl', records.map((record) => JSON.stringify(record)).join('\n')],
    ['as a workbook', 'train.xlsx', workbook],
  ])('%s', async (_, name, content) => {
    expect(await understood(name, content)).toEqual(UNDERSTOOD);
  });

  test('whose words are signs, quotes among them', async () => {
    const signs = sentences.map((words, row) => [['"', '``'] as const, ...words, [row % 2 ? '.' : '-', row % 2 ? '.' : ':'] as const]);
    const lines = wordLines(signs, (word, tag) => `${word}\t${tag}`);
    expect(await understood('quotes.tsv', lines)).toEqual({
      tags: ['.', ':', 'DET', 'NOUN', 'VERB', '``'],
      sentences: 60,
      words: wordCount + 120,
    });
    const { overview, prepare } = await open('quotes.tsv', lines);
    expect(overview.readAs).toBe('words');
    expect(prepare().prepared?.warnings).toEqual([]);
  });

  test('is said, with what is between its columns, and can be said otherwise', async () => {
    const { overview, server } = await open('train.txt', plain);
    expect(overview).toMatchObject({ readAs: 'words', task: 'tagWords', table: { columns: ['sentence', 'word', 'tag'], separator: ' ' } });
    expect(await server.reread({ as: 'text' })).toMatchObject({ readAs: 'text', task: 'write', table: null });
    expect(await server.reread({ as: 'table', separator: ' ' })).toMatchObject({
      readAs: 'table',
      table: { columns: ['column1', 'column2'] },
    });
    // What is said of a table is not said of lines of words.
    expect(await server.reread({ as: 'words', separator: ';' })).toMatchObject({ readAs: 'words', table: { separator: ' ' } });
    expect(await server.reread({ as: 'words', header: true })).toMatchObject({ table: { columns: ['sentence', 'the', 'DET'] } });
  });
});

describe('what has no tags is no file of words', () => {
  const poem = 'The rose is red,\nthe violet blue,\n\nsugar is sweet\nand so are you.\n\n'.repeat(20);
  test.each<[string, string, string]>([
    ['a poem of short lines', 'poem.txt', poem],
    ['numbers with empty lines', 'log.txt', Array.from({ length: 60 }, (_, row) => `${row} ${row % 7}${row % 5 ? '' : '\n'}`).join('\n')],
    [
      'sentences with a class',
      'reviews.tsv',
      Array.from(
        { length: 40 },
        (_, row) => `${row % 3 ? 'a film' : 'a very fine film'} ${row}\t${row % 2 ? 'good' : 'bad'}${row % 4 ? '' : '\n'}`,
      ).join('\n'),
    ],
    ['one word a line', 'words.txt', 'the\ncook\n\nstops\nnow\n'.repeat(10)],
    [
      'a tag of its own for every word',
      'dictionary.txt',
      Array.from({ length: 60 }, (_, row) => `word${row} Wort${row}${row % 5 ? '' : '\n'}`).join('\n'),
    ],
    ['a table of names', 'names.txt', Array.from({ length: 60 }, (_, row) => `word${row}\tkind${row % 3}`).join('\n')],
  ])('%s', (_, name, text) => {
    expect(looksLikeWordLines(text, name)).toBe(false);
  });

  const rows = (line: (row: number) => string) => Array.from({ length: 80 }, (_, row) => line(row)).join('\n');
  test.each<[string, string]>([
    ['classes of texts', `sentence,label\n${rows((row) => (row % 2 ? 'a fine film,good' : 'a dull film,bad'))}`],
    ['recordings', `sequence,text,label\n${rows((row) => `${row},${'abc'[row % 3]},${'xyx'[row % 3]}`)}`],
    ['what is said in talks', `sequence,text,label\n${rows((row) => `${Math.floor(row / 4)},turn number ${row},${'xyx'[row % 3]}`)}`],
    ['words with translations', `sentence,word,Wort\n${rows((row) => `${Math.floor(row / 4)},word${row},Wort${row}`)}`],
  ])('%s of a table', async (_, text) => {
    expect((await open('a.csv', text)).overview.task).not.toBe('tagWords');
  });
});

describe('a row that lacks something is named, and its sentence left out', () => {
  const left = { ...UNDERSTOOD, sentences: 59, words: wordCount - 3 };
  // The first sentence has three words: the cook sees.
  test.each<[string, string, string, number, string]>([
    [
      'a tag, between tabs',
      'a.txt',
      wordLines(sentences, (word, tag) => `${word}\t${tag}`).replace('\tNOUN', '\t'),
      2,
      'column “tag” has no tag: its sentence of 3 words is left out',
    ],
    [
      'a tag and its tab',
      'a.txt',
      wordLines(sentences, (word, tag) => `${word}\t${tag}`).replace('\tNOUN', ''),
      2,
      'has 1 field, but most lines have 2: its sentence is left out',
    ],
    [
      'a tag, between spaces',
      'a.conll',
      plain.replace(' NOUN', ' ').replaceAll('\n', '\r\n'),
      2,
      'has 1 field, but most lines have 2: its sentence is left out',
    ],
    [
      'a word, in a table',
      'a.csv',
      wordTable(sentences).replace(',cook,', ',,'),
      3,
      'column “word” has no word: its sentence of 3 words is left out',
    ],
    [
      'a tag, in a table',
      'a.csv',
      wordTable(sentences).replace(',VERB', ','),
      4,
      'column “tag” has no tag: its sentence of 3 words is left out',
    ],
  ])('%s', async (_, name, content, row, message) => {
    const { prepare } = await open(name, content);
    expect(prepare().problems.first).toEqual([{ row, message }]);
    expect(await understood(name, content)).toEqual(left);
  });

  test('a row of a table that cannot be read takes its sentence with it', async () => {
    const { prepare } = await open('a.csv', wordTable(sentences).replace('1,cook,NOUN', '1,cook,NOUN,more,and more'));
    expect(prepare().problems.first).toEqual([
      { row: 2, message: 'its sentence lacks row 3, so it is left out' },
      { row: 3, message: 'has 5 fields, but there are 3 columns' },
    ]);
    // At an end of a sentence only empty rows tell which sentence it is of.
    const lines = `word,tag\n${wordLines(sentences, (word, tag) => `${word},${tag}`)}`.replace('sees,VERB', 'sees,VERB,x,y');
    const { prepared, problems } = (await open('b.csv', lines)).prepare();
    expect(problems.first.map(({ row }) => row)).toEqual([2, 4]);
    expect(prepared?.check.classes?.reduce((sum, { count }) => sum + count, 0)).toBe(wordCount - 3);
  });
});

describe('data that cannot be tagged is answered with what to do', () => {
  test('one sentence, because nothing tells them apart', async () => {
    const { overview, prepare } = await open(
      'a.csv',
      `word,tag\n${sentences
        .flat()
        .map((row) => row.join(','))
        .join('\n')}`,
    );
    expect(overview.task).not.toBe('tagWords');
    expect(prepare('tagWords').error).toBe(
      'There is 1 usable sentence; at least 10 are needed. Is there a column that tells sentences apart? Choose it; or leave a row empty between sentences.',
    );
  });

  test('columns with two parts, and texts', async () => {
    const { overview, prepare } = await open('a.csv', wordTable(sentences));
    const roles = overview.table?.roles;
    if (!roles) throw new Error('no table');
    expect(prepare('tagWords', { ...roles, tag: roles.word }).error).toBe(
      'Column “word” cannot be two of the words, their tags and what tells sentences apart. Choose another for one of them.',
    );
    expect(prepare('tagWords', { ...roles, tag: 0, sentence: null }).error).toMatch(/^There is 1 usable sentence/);
    expect((await open('a.txt', 'Once upon a time. '.repeat(200))).prepare('tagWords').error).toMatch(/^This task needs a table/);
  });
});
