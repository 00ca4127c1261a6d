import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, inject, test } from 'vitest';
import { loadModel } from '../../ts/index.ts';
import { backtime, days, folderWith, linesOf, reviews, seriesRows, taggedWords } from './support.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };

/** Flags with which a small model learns fast. */
const SMALL = ['--units', '8', '--learning-rate', '0.02', '--batch-size', '8'];

describe.skipIf(!inject('distIsCurrent'))('the command', () => {
  test('prints its help and version, and that of each command', async () => {
    const folder = folderWith();
    const help = await backtime(folder, ['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const name of ['train', 'evaluate', 'predict', 'forecast', 'generate', 'inspect', 'export']) {
      expect(help.stdout).toContain(`  ${name} `);
      const own = await backtime(folder, [name, '--help']);
      expect(own).toMatchObject({ code: 0, stderr: '' });
      expect(own.stdout).toContain(`Usage: backtime ${name}`);
      expect(own.stdout).toContain('130 interrupted');
    }
    expect(await backtime(folder, [])).toMatchObject({ code: 0, stdout: help.stdout });
    expect(await backtime(folder, ['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('classifies texts: train, evaluate, predict, inspect, and the pipeline in a program', async () => {
    const folder = folderWith({ 'reviews.csv': reviews(60), 'new.csv': 'id,review\n7,"a lovely film, number 1"\n8,a dull film\n' });
    const trained = await backtime(folder, ['train', 'reviews.csv', '--task', 'classify-text', '--epochs', '10', ...SMALL]);
    expect(trained).toMatchObject({ code: 0, stderr: '' });
    expect(trained.stdout).toContain('label: category');
    expect(trained.stdout).toContain('48 texts to train on, 12 to validate on');
    expect(trained.stdout).toContain('validation accuracy 1.000');
    expect(trained.stdout).toContain('The model is clearly better than the baseline');
    expect(trained.stdout).toContain('npx backtime predict');

    const evaluated = await backtime(folder, ['evaluate', 'reviews.csv', '--json']);
    expect(linesOf(evaluated)).toEqual([expect.objectContaining({ event: 'scores', accuracy: 1, baselineAccuracy: 0.5 })]);

    const predicted = await backtime(folder, ['predict', 'new.csv', '--out', 'out.csv']);
    expect(predicted).toEqual({ code: 0, stdout: '2 rows written to out.csv\n', stderr: '' });
    const [names, first, second] = readFileSync(join(folder, 'out.csv'), 'utf8').split('\n');
    expect(names).toBe('id,review,predicted,probability');
    expect(first).toMatch(/^7,"a lovely film, number 1",good,(0\.[5-9]\d*|1)$/);
    expect(second).toMatch(/^8,a dull film,bad,(0\.[5-9]\d*|1)$/);

    const [model] = linesOf(await backtime(folder, ['inspect', 'model.safetensors', '--json']));
    expect(model).toMatchObject({ event: 'model', metadata: { task: 'classify-text', labels: ['bad', 'good'], text: 'review' } });
    expect((await backtime(folder, ['inspect', 'model.safetensors'])).stdout).toContain('task: "classify-text"');

    const loaded = await loadModel(join(folder, 'model.safetensors'));
    const { data } = await loaded.predict(['a great film', 'an awful film']);
    expect((data[1] as number) > 0.5 && (data[2] as number) > 0.5).toBe(true);
  });

  test('classifies series of a row each, of several rows each, and of different lengths', async () => {
    const folder = folderWith({ 'rows.csv': seriesRows(60, 'class') });
    const flags = ['--task', 'classify-series', '--epochs', '40', '--json', ...SMALL];
    const byRows = linesOf(await backtime(folder, ['train', 'rows.csv', ...flags]));
    expect(byRows.at(-1)).toMatchObject({ event: 'result', accuracy: 1 });
    const rows = (await backtime(folder, ['predict', 'rows.csv'])).stdout.split('\n');
    expect(rows.slice(0, 3).map((line) => line.split(',').slice(0, 2))).toEqual([
      ['line', 'predicted'],
      ['2', 'up'],
      ['3', 'down'],
    ]);

    const long = Array.from({ length: 50 }, (_, name) =>
      Array.from({ length: 4 + (name % 3) }, (_unused, step) => {
        const slope = name % 2 === 0 ? 1 : -1;
        return `s${name},${20 + slope * step},${3 - slope * step},${slope > 0 ? 'up' : 'down'}`;
      }).join('\n'),
    );
    writeFileSync(join(folder, 'long.csv'), `series,a,b,kind\n${long.join('\n')}\n`);
    const grouped = ['train', 'long.csv', '--group', 'series', '--target', 'kind', '--model', 'long.safetensors', ...flags];
    const result = linesOf(await backtime(folder, grouped));
    expect(result.find(({ event }) => event === 'task')?.choice).toContain("the rows of each 'series' are a series, of the channels a, b");
    expect(result.at(-1)).toMatchObject({ event: 'result', accuracy: 1 });
    const answers = (await backtime(folder, ['predict', 'long.csv', '--model', 'long.safetensors'])).stdout.split('\n');
    expect(answers).toHaveLength(52);
    expect(answers[2]).toMatch(/^s1,down,/);
    expect(linesOf(await backtime(folder, ['evaluate', 'long.csv', '--model', 'long.safetensors', '--json']))[0]).toMatchObject({
      accuracy: 1,
    });
  });

  test('fills missing numbers as in training, and refuses them otherwise', async () => {
    const gap = (text: string) => text.replace(/,52,/, ',,');
    const folder = folderWith({ 'rows.csv': gap(seriesRows(40, 'class')) });
    const flags = ['train', 'rows.csv', '--task', 'classify-series', '--epochs', '2', ...SMALL];
    expect(await backtime(folder, flags)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/line 2 of rows\.csv, column 't2', has no value: fill it, --missing linear/),
    });
    expect((await backtime(folder, [...flags, '--missing', '50'])).code).toBe(0);
    expect((await backtime(folder, ['predict', 'rows.csv'])).stdout.split('\n')).toHaveLength(42);
  });

  test('predicts a number of a series in the units of the data', async () => {
    const folder = folderWith({ 'rows.csv': seriesRows(80, 'number') });
    const result = linesOf(await backtime(folder, ['train', 'rows.csv', '--task', 'regress', '--epochs', '100', '--json', ...SMALL])).at(
      -1,
    );
    expect(result?.mae as number).toBeLessThan(0.25 * (result?.baselineMae as number));
    const [, first] = (await backtime(folder, ['predict', 'rows.csv'])).stdout.split('\n');
    expect(Math.abs(Number(first?.split(',')[1]) - 56)).toBeLessThan(3);
    const loaded = await loadModel(join(folder, 'model.safetensors'));
    const { data } = await loaded.predict({ shape: [1, 6, 1], data: Float64Array.of(50, 51, 52, 53, 54, 55) });
    expect(Number((data[0] as number).toPrecision(7))).toBeCloseTo(Number(first?.split(',')[1]), 3);
    const [scores] = linesOf(await backtime(folder, ['evaluate', 'rows.csv', '--json']));
    expect(scores?.mae as number).toBeLessThan(3);
  });

  test('forecasts with dates and intervals, and measures beside naive forecasts', async () => {
    const folder = folderWith({ 'days.csv': days(300) });
    const flags = ['--task', 'forecast', '--horizon', '7', '--season-length', '7', '--window', '14', '--epochs', '25'];
    const trained = await backtime(folder, ['train', 'days.csv', ...flags, ...SMALL]);
    expect(trained).toMatchObject({ code: 0, stderr: '' });
    for (const name of ['lastValue', 'drift', 'seasonalNaive']) expect(trained.stdout).toContain(name);
    const [scores] = linesOf(await backtime(folder, ['evaluate', 'days.csv', '--json']));
    expect(scores?.mae as number).toBeLessThan(scores?.baselineMae as number);

    const ended = await backtime(folder, ['forecast', 'days.csv', '--steps', '10']);
    const [names, ...rows] = ended.stdout.trimEnd().split('\n');
    expect(names).toBe('day,sales,sales_lower,sales_upper');
    const dates = Array.from({ length: 10 }, (_, day) => new Date(Date.UTC(2024, 0, 301 + day)).toISOString().slice(0, 10));
    expect(rows.map((row) => row.split(',')[0])).toEqual(dates);
    for (const row of rows) {
      const [, value, lower, upper] = row.split(',').map(Number) as [number, number, number, number];
      expect(lower <= upper && value > 120 && value < 140).toBe(true);
    }
    expect(await backtime(folder, ['forecast', 'days.csv', '--steps', '10'])).toEqual(ended);
    const [head, ...lines] = days(300).trimEnd().split('\n');
    writeFileSync(join(folder, 'latest-first.csv'), `${[head, ...lines.reverse()].join('\n')}\n`);
    expect(await backtime(folder, ['forecast', 'latest-first.csv', '--steps', '10'])).toEqual(ended);
    // So few epochs leave a bias, of which a line before the rows may warn.
    const told = linesOf(await backtime(folder, ['forecast', 'days.csv', '--json']));
    expect(told.filter(({ event }) => event === 'row')).toHaveLength(7);
  });

  test('tags words of a table and of CoNLL-U', async () => {
    const folder = folderWith({ 'words.csv': taggedWords(60), 'new.csv': 'sentence,word\n1,a\n1,dog\n1,sleeps\n2,the\n2,cat\n' });
    const flags = ['--task', 'tag', '--epochs', '15', '--json', ...SMALL];
    expect(linesOf(await backtime(folder, ['train', 'words.csv', ...flags])).at(-1)).toMatchObject({ accuracy: 1 });
    expect((await backtime(folder, ['predict', 'new.csv'])).stdout).toBe(
      'sentence,word,predicted\n1,a,DET\n1,dog,NOUN\n1,sleeps,VERB\n2,the,DET\n2,cat,NOUN\n',
    );
    expect(linesOf(await backtime(folder, ['evaluate', 'words.csv', '--json']))[0]).toMatchObject({ accuracy: 1, words: 180 });

    const conllu = taggedWords(40)
      .split('\n')
      .slice(1, -1)
      .map((line, row) => {
        const [, word, tag] = line.split(',');
        return `${row % 3 === 0 ? '\n# a sentence\n' : ''}${(row % 3) + 1}\t${word}\t_\t${tag}\t_\t_\t_\t_\t_\t_`;
      });
    writeFileSync(join(folder, 'words.conllu'), `${conllu.join('\n')}\n`);
    const other = ['--model', 'conllu.safetensors'];
    expect(linesOf(await backtime(folder, ['train', 'words.conllu', ...flags, ...other])).at(-1)).toMatchObject({ accuracy: 1 });
    expect((await backtime(folder, ['predict', 'words.conllu', ...other])).stdout.split('\n')[1]).toBe('1,the,DET');
    writeFileSync(join(folder, 'new.txt'), 'the cat sleeps\na dog runs\n');
    expect((await backtime(folder, ['predict', 'new.txt', ...other])).stdout).toBe(
      'sentence,word,predicted\n1,the,DET\n1,cat,NOUN\n1,sleeps,VERB\n2,a,DET\n2,dog,NOUN\n2,runs,VERB\n',
    );
    writeFileSync(join(folder, 'broken.conllu'), `${conllu.join('\n')}\n1\tword\n`);
    expect(await backtime(folder, ['evaluate', 'broken.conllu', ...other])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/line \d+ of broken\.conllu has 2 fields/),
    });
  });

  test('generates text, the same for the same seed', async () => {
    const folder = folderWith({ 'text.txt': 'abcd '.repeat(200) });
    const flags = ['--task', 'generate', '--epochs', '20', '--window', '20', '--json', ...SMALL];
    const result = linesOf(await backtime(folder, ['train', 'text.txt', ...flags])).at(-1);
    expect(result?.perplexity as number).toBeLessThan(1.5);
    const likeliest = await backtime(folder, ['generate', 'ab', '--length', '8', '--temperature', '0']);
    expect(likeliest).toEqual({ code: 0, stdout: 'abcd abcd \n', stderr: '' });
    // It is printed while it is made: the first of a million characters come before the process is
    // killed.
    let printed = '';
    await backtime(folder, ['generate', 'ab', '--length', '1000000', '--temperature', '0'], {
      watch(stdout, kill) {
        printed = stdout;
        kill('SIGKILL');
      },
    });
    expect('abcd '.repeat(200_000).startsWith(printed) && printed.length > 0).toBe(true);
    const drawn = ['generate', 'ab', '--length', '30', '--temperature', '3', '--json'];
    const [one, same, other] = [
      await backtime(folder, drawn),
      await backtime(folder, drawn),
      await backtime(folder, [...drawn, '--seed', '2']),
    ];
    expect(linesOf(one)[0]).toMatchObject({ event: 'text', prompt: 'ab' });
    expect(same.stdout).toBe(one.stdout);
    expect(other.stdout).not.toBe(one.stdout);
    expect(await backtime(folder, ['generate', 'xa'])).toMatchObject({ code: 1, stderr: expect.stringContaining("'x' as character 1") });
    expect(await backtime(folder, ['evaluate', 'text.txt'])).toMatchObject({ code: 0, stdout: expect.stringContaining('perplexity 1') });
  });

  test('prints a line of JSON for each epoch; the same seed gives the same losses', async () => {
    const folder = folderWith({ 'reviews.csv': reviews(40) });
    const flags = ['train', 'reviews.csv', '--task', 'classify-text', '--epochs', '3', '--patience', '0', '--json', '--seed', '5'];
    const more = ['--cell', 'gru', '--layers', '2', '--dropout', '0.1', '--validation-split', '0.25', ...SMALL];
    const lines = linesOf(await backtime(folder, [...flags, ...more]));
    expect(lines.map(({ event }) => event)).toEqual(['columns', 'task', 'split', 'epoch', 'epoch', 'epoch', 'report', 'result']);
    expect(lines[2]).toMatchObject({ train: 30, validation: 10 });
    const epochs = lines.filter(({ event }) => event === 'epoch');
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    for (const epoch of epochs)
      expect(epoch).toEqual(expect.objectContaining({ loss: expect.any(Number), valAccuracy: expect.any(Number) }));
    expect(lines.at(-1)).toMatchObject({ replaced: false });
    expect(linesOf(await backtime(folder, [...flags, ...more]))).toEqual([...lines.slice(0, -1), { ...lines.at(-1), replaced: true }]);
    const { layers } = linesOf(await backtime(folder, ['inspect', 'model.safetensors', '--json']))[0] as unknown as {
      layers: { className: string }[];
    };
    expect(layers.filter(({ className }) => className === 'GRU')).toHaveLength(2);
  });

  test('--quiet prints nothing but what was asked for', async () => {
    const folder = folderWith({ 'reviews.csv': reviews(40) });
    const flags = ['train', 'reviews.csv', '--task', 'classify-text', '--epochs', '2', '--quiet', ...SMALL];
    expect(await backtime(folder, flags)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await backtime(folder, ['predict', 'reviews.csv', '--out', 'out.csv', '--quiet'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await backtime(folder, ['evaluate', 'reviews.csv', '--quiet'])).stdout).toContain('accuracy');
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends after the batch, saves the best model, and exits with %i', async (signal, code) => {
    const folder = folderWith({ 'reviews.csv': reviews(60), 'new.csv': 'review\na fine film\n' });
    const flags = ['train', 'reviews.csv', '--task', 'classify-text', '--epochs', '100000', '--patience', '0', '--json', ...SMALL];
    let isSent = false;
    const ended = await backtime(folder, flags, {
      watch(stdout, kill) {
        if (isSent || !stdout.includes('"epoch":3')) return;
        isSent = true;
        kill(signal);
      },
    });
    expect(ended.code).toBe(code);
    const last = linesOf(ended).at(-1);
    expect(last).toMatchObject({ event: 'error', code: 'INTERRUPTED' });
    const epochs = linesOf(ended).filter(({ event }) => event === 'epoch') as unknown as { epoch: number; valLoss: number }[];
    const best = epochs.reduce((least, next) => (next.valLoss < least.valLoss ? next : least));
    expect(last?.message).toBe(`interrupted by ${signal}: model.safetensors has the weights of epoch ${best.epoch}, the best`);
    expect(readdirSync(folder).sort()).toEqual(['model.safetensors', 'new.csv', 'reviews.csv']);
    expect(await backtime(folder, ['predict', 'new.csv'])).toMatchObject({ code: 0, stdout: expect.stringContaining('a fine film,') });
  });

  describe('errors end with 1 and say what to do', () => {
    const files = {
      'reviews.csv': reviews(20),
      'days.csv': days(40),
      'shops.csv': days(40)
        .replace(/^(20.*)$/gm, '$1,north\n$1,south')
        .replace('sales', 'sales,shop'),
      'broken.csv': `${reviews(20)}bad,a dull film,too much\n`,
      'letters.csv': seriesRows(20, 'class').replace('\nup,', '\nup,x'),
      'gaps.csv': reviews(20).replace(/^(good|bad),.*$/gm, (row, label, at) => (at > 30 && at < 70 ? `${label},` : row)),
      'model.txt': 'no model',
      'void.csv': 'label,review\ngood,\nbad,\n',
      'flats.csv': `area,city,price,none\n${Array.from({ length: 12 }, (_, row) => `${row},${row % 2 ? 'Ulm' : 'Bonn'},${3 * row},`).join('\n')}\n`,
      'german.csv': Buffer.from('label,review\ngut,sch\xf6n\nb\xf6se,schlecht\n', 'latin1'),
      'empty.txt': '',
      'image.txt': Buffer.from('\x89PNG\r\n\x1a\nIHDR', 'latin1'),
      'broken.txt.gz': gzipSync('a text that is long enough').subarray(0, 20),
    };
    const text = ['--task', 'classify-text'];
    test.each<[string, readonly string[], string | RegExp]>([
      ['an unknown command', ['trian', 'x.csv'], "unknown command 'trian'"],
      ['an unknown flag', ['train', 'reviews.csv', ...text, '--unit', '3'], "unknown option '--unit'"],
      [
        'no task',
        ['train', 'reviews.csv'],
        /'-t, --task <task>' not specified\n--task may be:\n(.*\n)* {2}forecast +how a series goes on\n/,
      ],
      [
        'a flag without its value',
        ['train', 'reviews.csv', '--task'],
        /(argument missing\n--task may be|Expected one of these):\n {2}classify-text/,
      ],
      [
        'a choice that is none',
        ['train', 'reviews.csv', ...text, '--cell', 'rnn'],
        /'rnn' is invalid. Expected one of these:\n {2}lstm +the usual/,
      ],
      [
        'a flag given twice',
        ['train', 'reviews.csv', ...text, '-t', 'tag'],
        /'-t, --task <task>' is given twice, as classify-text and tag: give it once/,
      ],
      ['an unknown task', ['train', 'reviews.csv', '--task', 'sing'], 'classify-text'],
      [
        'a misspelt task',
        ['train', 'reviews.csv', '--task', 'clasify-text'],
        /is invalid\. Did you mean 'classify-text'\? Expected one of these:\n {2}classify-text +the class of a text/,
      ],
      [
        'a shortened flag',
        ['train', 'reviews.csv', ...text, '--val-split', '0.1'],
        /'--val-split' \(did you mean '--validation-split'\?\)/,
      ],
      [
        'answers for a spreadsheet',
        ['predict', 'reviews.csv', '--out', 'a.xlsx'],
        /--out writes CSV, .* ends in \.csv or \.tsv, got 'a\.xlsx'/,
      ],
      [
        'a forecast of several series',
        ['train', 'shops.csv', '--task', 'forecast'],
        /shops\.csv has 2 rows for each date, such as 2024-01-01, which 'shop' tells apart: a forecast continues one series/,
      ],
      [
        'a forecast of groups',
        ['train', 'shops.csv', '--task', 'forecast', '--group', 'shop'],
        /--group is not for forecast: .* give a file with the rows of one 'shop', or a table with a column for each/,
      ],
      ['a forecast for a spreadsheet', ['forecast', 'days.csv', '--out', 'a.ods'], '--out writes CSV'],
      ['a row without a text', ['train', 'gaps.csv', ...text], /line 3 of gaps\.csv, column 'review', has no text: --bad-rows skip/],
      ['no data', ['train', ...text], /missing required argument 'data'\nUsage: backtime train .*<data>\n {2}data {2}the file to read/],
      ['two files', ['train', 'reviews.csv', 'days.csv', ...text], /too many arguments .*\nUsage: backtime train .*<data>\n/],
      ['a command that is none', ['learn', 'reviews.csv'], "unknown command 'learn': there are train, evaluate"],
      [
        'the file by a flag',
        ['train', ...text, '--data', 'reviews.csv'],
        `'--data': give the file without a flag, as in "backtime train data.csv"`,
      ],
      ['a flag of another program', ['train', 'reviews.csv', ...text, '--lr', '0.1'], /'--lr' \(did you mean '--learning-rate'\?\)/],
      [
        'a flag of another command',
        ['predict', 'reviews.csv', '--target', 'label'],
        "'--target': it is a flag of train, evaluate, forecast",
      ],
      ['a flag of no command', ['predict', 'reviews.csv', '--verbosity'], `'--verbosity': "backtime predict --help" lists the flags`],
      ['no output', ['export', 'model.safetensors'], /'-o, --out <file>' not specified: the file to write, by its ending/],
      ['a spreadsheet', ['train', 'book.xlsx', ...text], 'book.xlsx is a file of a spreadsheet program: save the sheet as CSV there'],
      ['a separator that is none', ['train', 'reviews.csv', ...text, '--separator', ';'], 'all is one column: give another --separator'],
      ['a regression of texts', ['train', 'reviews.csv', '--task', 'regress'], /but review \((text|category)\)/],
      [
        'a regression of classes',
        ['train', 'flats.csv', '--task', 'regress', '--target', 'city'],
        /'city' of flats\.csv has no numbers .*: --task classify-series learns classes; .* --na-values/,
      ],
      [
        'a step that is no number',
        ['train', 'flats.csv', '--task', 'regress', '--target', 'price', '--columns', 'area,city', '--rows', 'series'],
        /'city' of flats\.csv has no numbers but categories \(.*\), which the command leaves out: name another by --columns/,
      ],
      [
        'a forecast of texts',
        ['train', 'flats.csv', '--task', 'forecast', '--target', 'price,city'],
        /column 'city', is 'Bonn', expected a number: most values of the column are categories or texts, which the command does not read/,
      ],
      [
        'rows that all lack a target',
        ['train', 'flats.csv', '--task', 'regress', '--target', 'none', '--columns', 'area', '--bad-rows', 'skip'],
        "'none' of flats.csv has no numbers",
      ],
      [
        'rows that all lack a text',
        ['train', 'void.csv', ...text, '--bad-rows', 'skip'],
        "no row of void.csv has a text in 'review' and a class in 'label'",
      ],
      ['texts in the place of a file', ['predict', 'a fine film'], "there is no file 'a fine film': predict answers what is in a file"],
      ['a wrong number', ['train', 'reviews.csv', ...text, '--units', '1.5'], 'Expected an integer above 0'],
      ['a missing file', ['train', 'nowhere.csv', ...text], /cannot read nowhere\.csv: there is no file \S+nowhere\.csv$/m],
      [
        'a missing model',
        ['predict', 'reviews.csv', '--model', 'nowhere.safetensors'],
        /no model nowhere\.safetensors: .* name its file by --model/,
      ],
      ['a file that is no model', ['predict', 'reviews.csv', '--model', 'model.txt'], 'model.txt'],
      [
        'a broken row',
        ['train', 'broken.csv', ...text],
        /broken\.csv: line 22 .* give --separator, .*--comments '#', .* --bad-rows skip$/m,
      ],
      ['another encoding', ['train', 'german.csv', ...text, '--encoding', 'utf-8'], 'give its encoding, --encoding windows-1252'],
      ['an unknown encoding', ['train', 'german.csv', ...text, '--encoding', 'x'], ' --encoding must be one of the Encoding Standard'],
      ['no separator', ['train', 'reviews.csv', ...text, '--separator', ''], /(^|[^-])--separator must be/],
      ['an unknown way with bad rows', ['train', 'reviews.csv', ...text, '--bad-rows', 'x'], /Expected one of these:\n {2}error/],
      ['a folder', ['train', '.', ...text], 'cannot read .: it is a folder'],
      ['a flag of another task', ['train', 'reviews.csv', ...text, '--horizon', '2'], '--horizon is a flag of --task forecast'],
      ['one column for two', ['train', 'reviews.csv', ...text, '--text', 'label', '--target', 'label'], 'another flag names'],
      ['a part that leaves nothing', ['train', 'reviews.csv', ...text, '--validation-split', '0.01'], /--validation-split 0\.01 of 20/],
      [
        'a regression without a target',
        ['train', 'days.csv', '--task', 'regress'],
        /none of day \(date\), sales \(number\) is called target, label/,
      ],
      ['a text in another encoding', ['train', 'german.csv', '--task', 'generate'], 'give its encoding'],
      ['an empty text', ['train', 'empty.txt', '--task', 'generate'], 'empty.txt is empty'],
      ['a broken archive', ['train', 'broken.txt.gz', '--task', 'generate'], /cannot unpack broken\.txt\.gz, which begins as gzip: /],
      ['an image', ['train', 'image.txt', '--task', 'generate'], 'image.txt is not text: it begins as a PNG image does'],
      ['a probability above 1', ['generate', 'a', '--top-p', '2'], 'Expected a number above 0, at most 1'],
      [
        'a row that is no number',
        ['train', 'letters.csv', '--task', 'classify-series', '--columns', 't0,t1'],
        /(row|line) 2 of letters\.csv, column 't0'/,
      ],
      [
        'a misspelt column',
        ['train', 'reviews.csv', ...text, '--target', 'lable'],
        /no column 'lable' \(did you mean 'label'\?\); it has label, review/,
      ],
      [
        'a column named twice',
        ['train', 'flats.csv', '--task', 'regress', '--target', 'price', '--columns', 'area,area'],
        "--columns names the column 'area' twice",
      ],
      ['an unknown column', ['train', 'reviews.csv', ...text, '--target', 'mood'], 'it has label, review'],
      [
        'a task that does not fit',
        ['train', 'reviews.csv', '--task', 'forecast'],
        /\((?:text|category)\) has numbers, and a forecast continues numbers/,
      ],
      ['texts for series', ['train', 'reviews.csv', '--task', 'classify-series'], 'no columns of numbers'],
      [
        'a model in the place of the file',
        ['train', 'm.safetensors', ...text],
        'm.safetensors is a model, but the first argument is the file to read',
      ],
      ['a window that is too long', ['train', 'days.csv', '--task', 'forecast', '--window', '500'], 'give a smaller --window'],
      [
        'a model in a folder that is not there',
        ['train', 'reviews.csv', ...text, '--model', 'no/m.safetensors'],
        'cannot write no/m.safetensors',
      ],
      ['a model of another name', ['train', 'reviews.csv', ...text, '--model', 'm.bin'], 'must end in .safetensors or .keras'],
    ])('%s', async (_, args, message) => {
      const folder = folderWith(files);
      const [ended, json] = await Promise.all([backtime(folder, args), backtime(folder, [...args, '--json'])]);
      expect(ended.code).toBe(1);
      expect(ended.stderr).toMatch(message);
      expect(ended.stderr).not.toMatch(/ {4}at |readCSV|readParquet|loadModel|\{ \w+:|ENOENT/);
      const asJSON = linesOf(json).at(-1);
      expect(asJSON).toMatchObject({ event: 'error', code: expect.any(String), message: expect.stringMatching(message) });
      expect(existsSync(join(folder, 'model.safetensors'))).toBe(false);
    });

    test('an output that cannot be written, and a model of another task', async () => {
      const folder = folderWith(files);
      await backtime(folder, ['train', 'reviews.csv', ...text, '--epochs', '1', ...SMALL]);
      mkdirSync(join(folder, 'taken.csv'));
      for (const out of ['no/out.csv', 'taken.csv'])
        expect(await backtime(folder, ['predict', 'reviews.csv', '--out', out])).toMatchObject({
          code: 1,
          stderr: expect.stringContaining(`cannot write ${out}`),
        });
      expect(await backtime(folder, ['forecast', 'days.csv'])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('trained for classify-text'),
      });
      expect(await backtime(folder, ['generate'])).toMatchObject({ code: 1, stderr: expect.stringContaining('trained for classify-text') });
    });
  });
});
