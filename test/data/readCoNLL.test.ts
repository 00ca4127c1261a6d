import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ArgumentError, type CoNLLOptions, FormatError, readCoNLL } from '../../ts/index.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const read = (text: string, options?: CoNLLOptions) => readCoNLL(bytesOf(text), options);

/** The rows of a table, without its column of sentences, and the sentences. */
async function rowsOf(text: string, options?: CoNLLOptions) {
  const table = await read(text, options);
  const names = table.names.slice(1);
  return {
    names,
    sentences: [...table.column('sentence')],
    rows: Array.from({ length: table.rowCount }, (_, row) => names.map((name) => table.column(name)[row]).join('/')),
    lines: Array.from({ length: table.rowCount }, (_, row) => table.fileRow(row)),
  };
}

const EXPECTED = { names: ['word', 'tag'], sentences: [1, 1, 2], rows: ['the/DET', 'cook/NOUN', 'stop/VERB'] };

describe('one word per line with its tag, as in files', () => {
  test.each([
    ['spaces', 'the DET\ncook NOUN\n\nstop VERB\n', [1, 2, 4]],
    ['tabs', 'the\tDET\ncook\tNOUN\n\nstop\tVERB\n', [1, 2, 4]],
    ['tabs and spaces mixed', 'the\tDET\ncook NOUN\n\nstop  \t VERB \n', [1, 2, 4]],
    ['lines of Windows', 'the DET\r\ncook NOUN\r\n\r\nstop VERB\r\n', [1, 2, 4]],
    ['several blank lines, one with spaces', '\n\nthe DET\ncook NOUN\n \n\t\n\nstop VERB', [3, 4, 8]],
    ['remarks', '# by hand\n# version 2\nthe DET\ncook NOUN\n\n# sentence 2\nstop VERB\n', [3, 4, 7]],
    ['documents', '-DOCSTART- -X-\n\nthe DET\ncook NOUN\n-DOCSTART- O\nstop VERB\n', [3, 4, 6]],
    ['names of its columns', 'Token\tPOS\nthe\tDET\ncook\tNOUN\n\nstop\tVERB\n', [2, 3, 5]],
  ])('%s', async (name, text, lines) => {
    const names = name === 'names of its columns' ? ['Token', 'POS'] : EXPECTED.names;
    expect(await rowsOf(text)).toEqual({ ...EXPECTED, names, lines });
  });

  test('gzip and another encoding', async () => {
    const table = await readCoNLL(gzipSync(Buffer.from('über ADP\nÄrger NOUN\n\nGrüße NOUN\n'.repeat(20), 'latin1')));
    expect(table.texts('word').slice(0, 3)).toEqual(['über', 'Ärger', 'Grüße']);
    expect(table.format).toMatchObject({ encoding: 'windows-1252', separator: ' ', hasHeader: false, firstLine: 1 });
    await expect(read('a b\nc d\n', { encoding: 'utf-7' })).rejects.toThrow(/encoding must be/);
  });

  test('more columns, of which the last is the tag and the first may count', async () => {
    expect(await rowsOf('EU NNP B-NP B-ORG\nrejects VBZ B-VP O\n')).toMatchObject({
      names: ['word', 'column2', 'column3', 'tag'],
      rows: ['EU/NNP/B-NP/B-ORG', 'rejects/VBZ/B-VP/O'],
    });
    expect((await rowsOf('1 the DET\n2 cook NOUN\n\n1 stop VERB\n')).names).toEqual(['id', 'word', 'tag']);
    expect((await rowsOf('the\ncook\n\nstop\n')).names).toEqual(['word']);
  });

  test('empty cells, and words that hold spaces, between tabs', async () => {
    const { rows } = await rowsOf('New York\t\tB-LOC\nis\tVERB\tO\nbig\tADJ\t\n');
    expect(rows).toEqual(['New York//B-LOC', 'is/VERB/O', 'big/ADJ/']);
    // A line with spaces among those with tabs, and the other way round.
    expect((await rowsOf('New York\tB-LOC\nis O\nLos Angeles\tB-LOC\n')).rows).toEqual(['New York/B-LOC', 'is/O', 'Los Angeles/B-LOC']);
    expect((await rowsOf('the DET\ncook NOUN\nNew York\tNOUN\n')).rows).toEqual(['the/DET', 'cook/NOUN', 'New York/NOUN']);
    const table = await read('the\tDET\ncook\t\n');
    expect(table.column('tag')).toEqual(['DET', null]);
  });

  test('a separator and names that are said', async () => {
    const text = 'the old\tDET\ncook\tNOUN\n';
    expect((await rowsOf(text, { separator: '\t' })).rows).toEqual(['the old/DET', 'cook/NOUN']);
    await expect(read(text, { separator: ' ' })).rejects.toThrow(/line \d of the bytes has \d fields, but most lines have \d/);
    expect((await rowsOf('a b\nc d\n', { header: true })).names).toEqual(['a', 'b']);
    expect((await read('a b\nc d\n', { header: true })).format?.headerReason).toBe('it was chosen');
    expect((await rowsOf('word tag\nc d\n', { header: false })).rows).toEqual(['word/tag', 'c/d']);
  });
});

describe('signs that begin remarks', () => {
  test('are words where the line is like those of words', async () => {
    const { rows } = await rowsOf('# of all\nsee VERB\n#1 NOUN\n# SYM\n\nall NOUN\n#2 NOUN\n# no\n');
    expect(rows).toEqual(['see/VERB', '#1/NOUN', 'all/NOUN', '#2/NOUN']);
    expect((await rowsOf('go VERB\n# VERB\n')).rows).toEqual(['go/VERB', '#/VERB']);
  });

  test('are other ones, or none', async () => {
    expect((await rowsOf('% by hand\ngo VERB\n# SYM\n', { comments: '%' })).rows).toEqual(['go/VERB', '#/SYM']);
    expect((await rowsOf('go VERB\n# SYM\n', { comments: null })).rows).toEqual(['go/VERB', '#/SYM']);
  });
});

describe('CoNLL-U', () => {
  const line = (id: string, form: string, upos: string) => [id, form, '_', upos, '_', '_', '0', '_', '_', 'Space=No it'].join('\t');

  test('has its names, no ranges and no empty words; what is not there is null', async () => {
    const text = [
      '# text = du la',
      line('1-2', 'du', '_'),
      line('1', 'de', 'ADP'),
      line('2', '_', 'SYM'),
      line('2.1', 'x', 'VERB'),
      '',
      line('1', 'la', '_'),
    ];
    const table = await read(text.join('\n'));
    expect(table.names).toEqual(['sentence', 'id', 'form', 'lemma', 'upos', 'xpos', 'feats', 'head', 'deprel', 'deps', 'misc']);
    expect(table.column('form')).toEqual(['de', '_', 'la']);
    expect(table.column('upos')).toEqual(['ADP', 'SYM', null]);
    expect(table.column('sentence')).toEqual([1, 1, 2]);
    expect(table.column('misc')[0]).toBe('Space=No it');
    expect(table.fileRow(0)).toBe(3);
  });

  test('Plus names its columns', async () => {
    const { names, rows } = await rowsOf('# global.columns = ID FORM UPOS\n1\tde\tADP\n2\tle\t_\n');
    expect(names).toEqual(['ID', 'FORM', 'UPOS']);
    expect(rows).toEqual(['1/de/ADP', '2/le/']);
  });
});

describe('a line with another number of columns', () => {
  const text = 'the DET\ncook NOUN\n\nstop\nnow ADV\n\ngo VERB\n\nnow ADV very\n';

  test('is an error that names it', async () => {
    const error = await read(text).catch((found: unknown) => found);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toBe(
      "readCoNLL: line 4 of the bytes has 1 field, but most lines have 2: correct it, or leave out its sentence with { badRows: 'skip' }",
    );
  });

  test('has its sentence left out where that is said', async () => {
    const table = await read(text, { badRows: 'skip' });
    expect(table.texts('word')).toEqual(['the', 'cook', 'go']);
    expect(table.column('sentence')).toEqual([1, 1, 2]);
    expect(table.skipped).toEqual([
      { line: 4, reason: 'has 1 field, but most lines have 2: its sentence is left out' },
      { line: 9, reason: 'has 3 fields, but most lines have 2: its sentence is left out' },
    ]);
    await expect(read('a b\nc\n', { badRows: 'skip' })).rejects.toThrow(/has no sentence that can be read: line 2 has 1 field/);
  });
});

test('what is no file of words, and wrong options, are refused with what to give', async () => {
  await expect(read('\n# nothing\n')).rejects.toThrow('readCoNLL: the bytes has no words: give one word per line, with its tag beside it');
  await expect(read('word tag\n')).rejects.toThrow(FormatError);
  for (const options of [{ separator: ',' }, { badRows: 'drop' }, { header: 'yes' }, { comments: '' }, { encoding: 1 }, { columns: 2 }])
    await expect(read('a b\n', options as never)).rejects.toThrow(ArgumentError);
});
