import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { loadModel } from '../../ts/index.ts';
import { backtime, days, folderWith, linesOf, reviews, seriesRows, taggedWords } from './support.ts';

const TRAIN = ['--epochs', '1', '--units', '4', '--quiet'];

/** Rows of numbers with decimal commas, after a remark and without names. */
const ROWS = Array.from({ length: 20 }, (_, row) => `${row},5;${row % 2 === 0 ? '1.500' : '2.250'};${row * 2},25`).join('\n');

describe.skipIf(!inject('distIsCurrent'))('files of another layout than in training', () => {
  test('the flags for reading are kept in the model, and those that are given override them', async () => {
    const folder = folderWith({ 'rows.csv': `${ROWS}\nk.A.;1.500;2\n! broken;1;2;3\n3;1.500;\n` });
    const flags = ['--no-header', '--na-values', 'k.A.', '--bad-rows', 'skip', '--separator', ';'];
    const trained = await backtime(folder, [
      'train',
      'rows.csv',
      '--task',
      'regress',
      '--target',
      'column3',
      '--rows',
      'features',
      ...flags,
      ...TRAIN,
    ]);
    expect(trained.code).toBe(0);
    const { metadata } = await loadModel(join(folder, 'model.safetensors'));
    expect(metadata).toMatchObject({ reading: { header: false, naValues: 'k.A.', badRows: 'skip', separator: ';', decimal: ',' } });
    expect((metadata as { means: number[] }).means[1]).toBeGreaterThan(1000);
    const answers = async (text: string, ...given: string[]) => {
      writeFileSync(join(folder, 'new.csv'), text);
      const { code, stdout, stderr } = await backtime(folder, ['predict', 'new.csv', ...given]);
      return code === 0 ? stdout.trimEnd().split('\n') : stderr;
    };
    // Nothing in this file tells that 1.500 is no 1.5; the row with four fields is left out.
    const [names, first, second] = (await answers('3;1.500\nk.A.;1.500\n1;2;3\n')) as string[];
    expect(names).toBe('column1;column2;predicted');
    expect(first).toMatch(/^3;1\.500;-?\d+,\d+$/);
    expect(second).toMatch(/^k\.A\.;1\.500;|^;1\.500;/);
    const predicted = (line = '') => line.split(/[;|]/).at(-1)?.replace(',', '.');
    expect(predicted(((await answers('3;1500\n4;1500\n')) as string[])[1])).toBe(predicted(first));
    expect(predicted(((await answers('3;1.500\n', '--decimal', '.')) as string[])[1])).not.toBe(predicted(first));
    // Its own numbers tell the sign.
    expect(predicted(((await answers('3.0;1500.0\n')) as string[])[1])).toBe(predicted(first));
    expect(predicted(((await answers('column1|column2\n3|1500\n', '--header', '--separator', '|')) as string[])[1])).toBe(predicted(first));
    expect(await answers('3\t1500\n')).toMatch(/all of it is one column, column1: --separator auto detects the separator/);
    expect(predicted(((await answers('3\t1500\n', '--separator', 'auto')) as string[])[1]?.replaceAll('\t', ';'))).toBe(predicted(first));
    expect(await answers('3;1500\n1;2;3\n', '--bad-rows', 'error')).toMatch(/line 2 has 3 fields/);
    expect(await answers('3;1500\nx;2\n')).toMatch(/line 2 of new\.csv, column 'column1', is 'x', expected a number/);
  });

  test('columns are found by their names, in any order; flags name those that are called otherwise', async () => {
    const table = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => line.split(','));
    const rows = table(seriesRows(20, 'number'));
    const turned = rows.map((cells) => [...cells].reverse());
    const write = (cells: readonly (readonly string[])[]) => `${cells.map((row) => row.join(',')).join('\n')}\n`;
    const renamed = rows.map((cells, row) => (row === 0 ? ['end', ...cells.slice(1).map((name) => `s${name}`)] : cells));
    const folder = folderWith({
      'rows.csv': write(rows),
      'turned.csv': write(turned.map((cells, row) => [row === 0 ? 'id' : `n${row}`, ...cells])),
      'renamed.csv': write(renamed),
      'lacking.csv': write(rows.map((cells) => cells.slice(0, 5))),
    });
    await backtime(folder, ['train', 'rows.csv', '--task', 'regress', ...TRAIN]);
    const { stdout } = await backtime(folder, ['predict', 'rows.csv']);
    expect(await backtime(folder, ['predict', 'turned.csv'])).toEqual({
      code: 0,
      stdout,
      stderr: 'note: turned.csv has a column that the model does not read: id\n',
    });
    expect((await backtime(folder, ['predict', 'turned.csv', '--quiet'])).stderr).toBe('');
    expect((await backtime(folder, ['predict', 'lacking.csv'])).stderr).toBe(
      "error: lacking.csv has no columns 't4', 't5', which the model was trained on; it has target, t0, t1, t2, t3: " +
        'if one of them has these values, give --columns with names in the order of the model: t0, t1, t2, t3, t4, t5\n',
    );
    const columns = ['--columns', 'st0,st1,st2,st3,st4,st5'];
    expect((await backtime(folder, ['predict', 'renamed.csv', ...columns])).stdout).toBe(stdout);
    const scores = await backtime(folder, ['evaluate', 'rows.csv']);
    expect((await backtime(folder, ['evaluate', 'renamed.csv', ...columns, '--target', 'end'])).stdout).toBe(scores.stdout);
    expect(await backtime(folder, ['predict', 'renamed.csv', '--columns', 'st0,st1'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--columns must name 6 columns, those that the model was trained on as t0, t1'),
    });
    expect(await backtime(folder, ['predict', 'rows.csv', '--text', 't0'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        '--text is a flag for models of classify-text, tag, and model.safetensors was trained for regress: leave it out',
      ),
    });
  });

  test('texts, words and dates in columns of other names', async () => {
    const folder = folderWith({ 'reviews.csv': reviews(20), 'words.csv': taggedWords(20), 'days.csv': days(40) });
    const rename = (file: string, ...pairs: readonly (readonly [string, string])[]) =>
      writeFileSync(
        join(folder, `other-${file}`),
        pairs.reduce((text, [from, to]) => text.replace(from, to), readFileSync(join(folder, file), 'utf8')),
      );
    rename('reviews.csv', ['label,review', 'mood,opinion']);
    rename('words.csv', ['sentence,word,tag', 'nr,w,t']);
    rename('days.csv', ['sales', 'turnover']);
    const pairs: readonly (readonly [string, string, string, readonly string[]])[] = [
      ['classify-text', 'reviews.csv', 'evaluate', ['--text', 'opinion', '--target', 'mood']],
      ['tag', 'words.csv', 'evaluate', ['--text', 'w', '--target', 't', '--group', 'nr']],
      ['forecast', 'days.csv', 'evaluate', ['--target', 'turnover']],
      ['forecast', 'days.csv', 'forecast', ['--target', 'turnover']],
    ];
    for (const [task, file, command, flags] of pairs) {
      await backtime(folder, ['train', file, '--task', task, ...TRAIN]);
      const expected = await backtime(folder, [command, file]);
      expect(expected.code).toBe(0);
      // Eight forecasts of validation data are too few for an interval.
      if (command === 'forecast')
        expect(expected).toMatchObject({
          stdout: expect.stringMatching(/^day,sales\n/),
          stderr: expect.stringMatching(
            /^warning: there is no interval: one of 90 % takes the errors of 20 forecasts .* the model has 8: /,
          ),
        });
      expect((await backtime(folder, [command, `other-${file}`, ...flags])).stdout).toBe(expected.stdout);
      expect(await backtime(folder, [command, `other-${file}`])).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/(?:give|which column is) --(?:text|target|group)/),
      });
    }
  });

  test('answers have the separator and the decimal sign of the file, and the ending of --out decides', async () => {
    const folder = folderWith({ 'reviews.csv': reviews(20), 'rows.tsv': 'review\tnumber\na "fine" film, too\t1,5\na dull; film\t2,5\n' });
    await backtime(folder, ['train', 'reviews.csv', '--task', 'classify-text', ...TRAIN]);
    const written = async (file: string, ...out: string[]) => {
      const { stdout } = await backtime(folder, ['predict', file, ...(out.length > 0 ? ['--out', ...out] : [])]);
      return (out[0] === undefined ? stdout : readFileSync(join(folder, out[0]), 'utf8')).trimEnd().split('\n').slice(0, 2);
    };
    const tabs = ['review\tnumber\tpredicted\tprobability', expect.stringMatching(/^"a ""fine"" film, too"\t1,5\t(?:good|bad)\t0,\d+$/)];
    expect(await written('rows.tsv')).toEqual(tabs);
    expect(await written('rows.tsv', 'out.tsv')).toEqual(tabs);
    expect(await written('rows.tsv', 'out.csv')).toEqual([
      'review;number;predicted;probability',
      expect.stringMatching(/^"a ""fine"" film, too";1,5;(?:good|bad);0,\d+$/),
    ]);
    writeFileSync(join(folder, 'rows.csv'), 'number;review\n1,5;a dull film\n2,25;fine; film\n'.replace('fine; film', '"fine; film"'));
    expect(await written('rows.csv', 'out.csv')).toEqual([
      'number;review;predicted;probability',
      expect.stringMatching(/^1,5;a dull film;(?:good|bad);0,\d+$/),
    ]);
    expect((await written('rows.csv', 'out.tsv'))[0]).toBe('number\treview\tpredicted\tprobability');
    writeFileSync(join(folder, 'rows.json'), JSON.stringify([{ review: 'a dull film', number: 1.5 }]));
    expect(await written('rows.json')).toEqual([
      'review,number,predicted,probability',
      expect.stringMatching(/^a dull film,1\.5,(?:good|bad),0\.\d+$/),
    ]);
  });

  test('JSON lines, whatever the ending and the name of the only column', async () => {
    const folder = folderWith({
      'reviews.csv': reviews(20),
      'records.jsonl': '{"review":"a fine film"}\n\n{"review":"dull"}\n',
      'records.json': '{"review":"a fine film"}\n{"review":"dull"}\n',
      'texts.jsonl': '"a fine film"\n"dull"\n',
      'texts.json': '["a fine film",\n"dull"]',
      'other.ndjson': '{"text":"a fine film"}\n{"text":"dull"}\n',
      'broken.json': '{"review":"a fine film"}\n{"review":}\n',
    });
    await backtime(folder, ['train', 'reviews.csv', '--task', 'classify-text', ...TRAIN]);
    const answers = async (file: string) => {
      const lines = linesOf(await backtime(folder, ['predict', file, '--json']));
      return lines.map(({ row }) => Object.values(row as Record<string, unknown>));
    };
    const expected = await answers('records.jsonl');
    expect(expected.map(([text]) => text)).toEqual(['a fine film', 'dull']);
    for (const file of ['records.json', 'texts.jsonl', 'texts.json', 'other.ndjson']) expect(await answers(file)).toEqual(expected);
    expect((await backtime(folder, ['predict', 'broken.json'])).stderr).toMatch(/^error: broken\.json is not JSON: /);
  });
});
