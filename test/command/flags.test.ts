import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { loadModel } from '../../ts/index.ts';
import { backtime, days, folderWith, linesOf, months, reviews, seriesRows, taggedWords } from './support.ts';

/** Flags with which a small model learns fast. */
const SMALL = ['--units', '8', '--learning-rate', '0.02', '--batch-size', '8'];

/** The weights that a command saved. */
const weightsIn = async (folder: string, name = 'model.safetensors') =>
  (await loadModel(join(folder, name))).getWeights().map(({ data }) => data);

describe.skipIf(!inject('distIsCurrent'))('flags and files of the command', () => {
  test('--separator, --comments and --bad-rows say how a table is read', async () => {
    const rows = reviews(40)
      .replace('label,review', 'label^review')
      .replaceAll(/^(good|bad),"(.*)"$/gm, '$1^$2');
    const folder = folderWith({ 'odd.csv': `${rows}! a remark\ngood^one^two\n` });
    const flags = ['train', 'odd.csv', '--task', 'classify-text', '--epochs', '1', '--separator', '^', ...SMALL];
    const refused = await backtime(folder, [...flags, '--comments', '!']);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('line 43 has 3 fields, but the table has 2 columns') });
    const trained = await backtime(folder, [...flags, '--comments', '!', '--bad-rows', 'skip', '--json']);
    const [warning, ...lines] = linesOf(trained);
    expect(warning).toEqual({
      event: 'warning',
      message: '1 row of odd.csv left out, the first is line 43, which has 3 fields, but there are 2 columns',
    });
    expect(lines.find(({ event }) => event === 'split')).toMatchObject({ train: 32, validation: 8 });
    expect(await backtime(folder, ['predict', 'odd.csv', '--separator', '^', '--comments', '!', '--bad-rows', 'skip'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^label\^review\^predicted\^probability\ngood\^/),
      stderr: expect.stringContaining('warning: 1 row of odd.csv left out'),
    });
  });

  test('--bad-rows skip leaves out rows without a text', async () => {
    const folder = folderWith({ 'reviews.csv': reviews(40), 'gaps.csv': 'label,review\ngood,a fine film\ngood,\nbad,\n,a dull film\n' });
    expect((await backtime(folder, ['train', 'reviews.csv', '--task', 'classify-text', '--epochs', '1', ...SMALL])).code).toBe(0);
    expect(await backtime(folder, ['predict', 'gaps.csv'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("line 3 of gaps.csv, column 'review', has no text: --bad-rows skip leaves such rows out"),
    });
    const predicted = await backtime(folder, ['predict', 'gaps.csv', '--bad-rows', 'skip']);
    expect(predicted.stderr).toContain("warning: 2 rows of gaps.csv left out, the first is line 3: no text in 'review'");
    expect(predicted.stdout.trimEnd().split('\n')).toHaveLength(3);
    const evaluated = await backtime(folder, ['evaluate', 'gaps.csv', '--bad-rows', 'skip']);
    expect(evaluated).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('warning: 3 rows of gaps.csv left out, the first is line 3'),
    });
  });

  test('--na-values names texts that stand for no value', async () => {
    const folder = folderWith({ 'rows.csv': seriesRows(40, 'class').replace(/\n(up|down),[^,]*,/, '\n$1,k.A.,') });
    const flags = ['train', 'rows.csv', '--task', 'classify-series', '--missing', 'linear', '--epochs', '1', ...SMALL];
    const columns = ['--columns', 't0,t1,t2'];
    expect(await backtime(folder, [...flags, ...columns])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("is 'k.A.', expected a number: if it means a missing value, give --na-values 'k.A.'"),
    });
    expect((await backtime(folder, [...flags, ...columns, '--na-values', 'k.A.,none'])).code).toBe(0);
  });

  test('--workers trains the same model', async () => {
    const folder = folderWith({ 'rows.csv': seriesRows(40, 'class') });
    const train = (workers: string) =>
      backtime(folder, ['train', 'rows.csv', '--task', 'classify-series', '--epochs', '3', '--workers', workers, '--json', ...SMALL]);
    const epochs = async (workers: string) => linesOf(await train(workers)).filter(({ event }) => event === 'epoch');
    const here = await epochs('0');
    const weights = await weightsIn(folder);
    expect(await epochs('1')).toEqual(here);
    expect(await weightsIn(folder)).toEqual(weights);
    const [, , last] = await epochs('2');
    expect(last?.loss as number).toBeCloseTo(here[2]?.loss as number, 4);
    expect(await weightsIn(folder)).not.toEqual(weights);
    expect((await train('auto')).code).toBe(0);
    expect(await train('some')).toMatchObject({ code: 1 });
  });

  test('--bidirectional and --no-bidirectional', async () => {
    const folder = folderWith({ 'words.csv': taggedWords(20), 'reviews.csv': reviews(20) });
    const layersOf = async (args: readonly string[]) => {
      expect((await backtime(folder, ['train', ...args, '--epochs', '1', ...SMALL])).code).toBe(0);
      return (await loadModel(join(folder, 'model.safetensors'))).layers.map(({ className }) => className);
    };
    expect(await layersOf(['words.csv', '--task', 'tag'])).toContain('Bidirectional');
    expect(await layersOf(['words.csv', '--task', 'tag', '--no-bidirectional'])).toContain('LSTM');
    expect(await layersOf(['reviews.csv', '--task', 'classify-text'])).toContain('LSTM');
    expect(await layersOf(['reviews.csv', '--task', 'classify-text', '--bidirectional'])).toContain('Bidirectional');
  });

  test('a table of Parquet', async () => {
    const { parquet } = JSON.parse(readFileSync(new URL('../golden/archives.json', import.meta.url), 'utf8')) as { parquet: string[] };
    const folder = folderWith({ 'table.PARQUET': Buffer.from(parquet[0] as string, 'base64'), 'no.parquet': 'a,b\n1,2\n' });
    const flags = [
      '--task',
      'classify-series',
      '--target',
      'yes',
      '--columns',
      'n,x',
      '--epochs',
      '1',
      '--validation-split',
      '0.5',
      ...SMALL,
    ];
    const lines = linesOf(await backtime(folder, ['train', 'table.PARQUET', ...flags, '--json']));
    expect(lines[0]).toMatchObject({
      event: 'columns',
      columns: expect.arrayContaining([expect.objectContaining({ name: 'x', kind: 'number', missing: 1 })]),
    });
    expect(lines.at(-1)?.event).toBe('result');
    expect((await backtime(folder, ['predict', 'table.PARQUET'])).stdout).toMatch(
      /^n,x,text,yes,day,predicted,probability\n(?:[^\n]+,\d\.\d+\n){2,}$/,
    );
    expect(await backtime(folder, ['train', 'table.PARQUET', ...flags, '--na-values', 'none'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^error: --na-values none is not for Parquet, which table\.PARQUET is: null means a missing value there, so write null/,
      ),
    });
    expect(await backtime(folder, ['train', 'no.parquet', ...flags])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: no\.parquet cannot be read as Parquet: /),
    });
  });

  test('series of a .ts file', async () => {
    const head =
      '@problemName Slopes\n@timeStamps false\n@missing false\n@univariate true\n@equalLength true\n@classLabel true up down\n@data\n';
    const rows = seriesRows(40, 'class')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => {
        const [target, ...steps] = line.split(',');
        return `${steps.join(',')}:${target}`;
      });
    const folder = folderWith({ 'slopes.ts': `${head}${rows.join('\n')}\n`, 'broken.ts': `${head}1,2,x:up\n` });
    const flags = ['--task', 'classify-series', '--epochs', '30', '--json', ...SMALL];
    const lines = linesOf(await backtime(folder, ['train', 'slopes.ts', ...flags]));
    expect(lines.find(({ event }) => event === 'task')?.choice).toBe('1 channel; 2 classes: down, up');
    expect(lines.at(-1)).toMatchObject({ event: 'result', accuracy: 1 });
    const answers = (await backtime(folder, ['predict', 'slopes.ts'])).stdout.split('\n');
    expect(answers.slice(0, 3).map((line) => line.split(',').slice(0, 2))).toEqual([
      ['series', 'predicted'],
      ['1', 'up'],
      ['2', 'down'],
    ]);
    const [scores] = linesOf(await backtime(folder, ['evaluate', 'slopes.ts', '--json']));
    expect(scores).toMatchObject({ accuracy: 1 });
    expect(await backtime(folder, ['train', 'broken.ts', ...flags])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/"message":"broken\.ts: .*8/),
    });
  });

  test.each([
    [
      ['train', 'slopes.ts', '--task', 'classify-series', '--separator', ';'],
      '--separator ; is not for a .ts file, which slopes.ts is: leave it out',
    ],
    [['train', 'slopes.ts', '--task', 'classify-series', '--target', 'kind'], '--target kind is not for a .ts file'],
    [['train', 'slopes.ts', '--task', 'regress', '--bad-rows', 'skip'], '--bad-rows skip is not for a .ts file'],
    [['train', 'slopes.ts', '--task', 'regress', '--na-values', '?'], '--na-values ? is not for a .ts file'],
    [['train', 'slopes.ts', '--task', 'regress', '--no-header'], '--no-header is not for a .ts file'],
    [['train', 'words.conllu', '--task', 'tag', '--header'], '--header is not for CoNLL-U'],
    [['train', 'words.conllu', '--task', 'tag', '--na-values', 'none'], '--na-values none is not for CoNLL-U'],
    [['train', 'words.conllu', '--task', 'tag', '--text', 'form'], '--text form is not for CoNLL-U'],
    [['train', 'table.parquet', '--task', 'forecast', '--encoding', 'utf-8'], '--encoding utf-8 is not for Parquet'],
    [['train', 'text.txt', '--task', 'generate', '--bad-rows', 'skip'], '--bad-rows is a flag of --task classify-text'],
    [
      ['train', 'rows.json', '--task', 'forecast', '--na-values', 'x'],
      '--na-values x is not for JSON, which rows.json is: null means a missing value there',
    ],
  ])('a flag that the form of the file does not read is refused: %j', async (given, message) => {
    // No file is read before.
    expect(await backtime(folderWith({}), given)).toMatchObject({ code: 1, stderr: expect.stringContaining(message) });
  });

  test('--missing fills along each series, and not from one series to the next', async () => {
    // The model of one linear step would be the same for any filling, so the error of a whole
    // series without numbers shows that none came from its neighbours.
    const groups = Array.from({ length: 12 }, (_, name) =>
      [1, 2, 3].map((step) => `s${name},${name === 4 ? '' : step},${name % 2 === 0 ? 'up' : 'down'}`).join('\n'),
    );
    const folder = folderWith({
      'groups.csv': `series,a,kind\n${groups.join('\n')}\n`,
      'rows.csv': seriesRows(20, 'class').replace('\nup,50,51,52', '\nup,50,,52'),
    });
    const flags = ['--task', 'classify-series', '--epochs', '1', '--missing', 'linear', ...SMALL];
    expect(await backtime(folder, ['train', 'groups.csv', '--group', 'series', '--target', 'kind', ...flags])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/line 14 of groups\.csv, column 'a', has no value/),
    });
    expect((await backtime(folder, ['train', 'rows.csv', ...flags])).code).toBe(0);
    // 51, on the line between 50 and 52 of its row; the rows below have 56 and 63.
    const filled = (await backtime(folder, ['predict', 'rows.csv'])).stdout;
    writeFileSync(join(folder, 'rows.csv'), seriesRows(20, 'class'));
    expect((await backtime(folder, ['predict', 'rows.csv'])).stdout).toBe(filled);
  });

  test('forecasts of several columns are measured for each, with the coverage of the interval', async () => {
    const folder = folderWith({ 'months.csv': months(240) });
    const flags = ['--task', 'forecast', '--horizon', '3', '--season-length', '12', '--target', 'passengers,price', '--epochs', '25'];
    const trained = await backtime(folder, ['train', 'months.csv', ...flags, ...SMALL]);
    expect(trained).toMatchObject({ code: 0, stderr: '' });
    expect(trained.stdout).toMatch(/^ {2}passengers +mae +rmse\n {2}model .*\n(?:.*\n){3} {2}price +mae +rmse\n {2}model/m);
    const [, measured] = /the interval of 90 % covers (\d+) % of the values/.exec(trained.stdout) as unknown as [string, string];
    expect(Number(measured)).toBeGreaterThan(60);
    const [scores] = linesOf(await backtime(folder, ['evaluate', 'months.csv', '--json'])) as unknown as [
      { targets: Record<string, { mae: number; baselineMae: number }>; coverage: number; verdict: string },
    ];
    expect(scores).not.toHaveProperty('mae');
    const { passengers, price } = scores.targets;
    // In units of their own: one is about a thousand times the other.
    expect(passengers?.mae as number).toBeGreaterThan(1);
    expect(price?.mae as number).toBeLessThan(0.2);
    expect(scores.coverage).toBeGreaterThan(0.6);
    expect(scores.coverage).toBeLessThan(1);

    const rows = (await backtime(folder, ['forecast', 'months.csv', '--steps', '3'])).stdout.split('\n');
    expect(rows[0]).toBe('month,passengers,passengers_lower,passengers_upper,price,price_lower,price_upper');
    expect(rows.slice(1, 4).map((row) => row.split(',')[0])).toEqual(['2020-01-31', '2020-02-29', '2020-03-31']);
    writeFileSync(join(folder, 'few.csv'), months(10));
    for (const name of ['forecast', 'evaluate'])
      expect(await backtime(folder, [name, 'few.csv'])).toMatchObject({ code: 1, stderr: expect.stringContaining('few.csv has 10 rows') });
  });

  test('a warning of the package names no options of functions', async () => {
    const folder = folderWith({ 'few.csv': 'day,sales\n5/5/2024,1\n1/2/2024,2\n9/4/2024,3\n' });
    expect(await backtime(folder, ['train', 'few.csv', '--task', 'forecast'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(': the month is taken; write dates as 2024-12-31\n'),
    });
  });

  test('a gap in the dates is told, and dates that cannot go on become numbers of steps', async () => {
    const lines = days(120).trimEnd().split('\n');
    const folder = folderWith({
      'gap.csv': `${lines.filter((_, row) => row !== 50).join('\n')}\n`,
      'uneven.csv': `${lines.filter((_, row) => row < 100 || row % 3 !== 0).join('\n')}\n`,
    });
    const trained = await backtime(folder, ['train', 'gap.csv', '--task', 'forecast', '--epochs', '1', ...SMALL]);
    expect(trained.stderr).toBe(
      'warning: gap.csv has no rows between 2024-02-18 and 2024-02-20: each row is taken for the next step; add rows with empty fields for the dates that are missing\n',
    );
    const ended = await backtime(folder, ['forecast', 'uneven.csv', '--steps', '2']);
    expect(ended.stderr).toContain('the last dates of uneven.csv are not evenly spaced');
    expect(ended.stdout).toMatch(/^step,sales,sales_lower,sales_upper\n1,/);
  });
});

describe.skipIf(!inject('distIsCurrent'))('how the command ends', () => {
  const flags = ['train', 'reviews.csv', '--task', 'classify-text', '--epochs', '1', ...SMALL];

  test('a fault of Backtime ends with 2 and is told with its stack', async () => {
    const folder = folderWith({ 'reviews.csv': reviews(20) });
    await backtime(folder, flags);
    const preload = "Number.prototype.toPrecision = () => { throw new TypeError('made by the test'); };";
    const ended = await backtime(folder, ['evaluate', 'reviews.csv'], { preload });
    expect(ended).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error: made by the test\nThis is a fault of Backtime[\s\S]* {4}at /),
    });
    const json = await backtime(folder, ['evaluate', 'reviews.csv', '--json'], { preload });
    expect(json.code).toBe(2);
    expect(linesOf(json)).toEqual([{ event: 'error', code: 'INTERNAL', message: expect.stringContaining('made by the test') }]);
  });

  test('training that diverges ends with 1, early, and leaves the model from before', async () => {
    const folder = folderWith({ 'days.csv': days(60), 'reviews.csv': reviews(20) });
    await backtime(folder, flags);
    const before = readFileSync(join(folder, 'model.safetensors'));
    const ended = await backtime(folder, ['train', 'days.csv', '--task', 'forecast', '--json', '--learning-rate', '1e30']);
    expect(ended.code).toBe(1);
    const lines = linesOf(ended);
    expect(lines.filter(({ event }) => event === 'epoch')).toEqual([{ event: 'epoch', epoch: 1, loss: null, valLoss: null }]);
    expect(lines.at(-1)).toMatchObject({
      event: 'error',
      code: 'DATA',
      message: expect.stringContaining('a lower --learning-rate than 1e+30'),
    });
    // Warnings are lines, too.
    expect(lines.filter(({ event }) => event === 'warning').length).toBeGreaterThan(0);
    expect(ended.stderr).toBe('');
    expect(readFileSync(join(folder, 'model.safetensors'))).toEqual(before);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s before the end of an epoch leaves the model from before', async (signal) => {
    const folder = folderWith({ 'text.txt': 'abcd '.repeat(60_000), 'reviews.csv': reviews(20) });
    await backtime(folder, flags);
    const before = readFileSync(join(folder, 'model.safetensors'));
    let isSent = false;
    const ended = await backtime(folder, ['train', 'text.txt', '--task', 'generate', '--json'], {
      watch(stdout, kill) {
        if (isSent || !stdout.includes('"split"')) return;
        isSent = true;
        // Some batches later.
        setTimeout(() => kill(signal), 300);
      },
    });
    expect(ended.code).toBe(signal === 'SIGINT' ? 130 : 143);
    expect(linesOf(ended).at(-1)).toEqual({
      event: 'error',
      code: 'INTERRUPTED',
      message: `interrupted by ${signal} before the first epoch had ended: model.safetensors is still the file from before`,
    });
    expect(readFileSync(join(folder, 'model.safetensors'))).toEqual(before);
    expect(readdirSync(folder).sort()).toEqual(['model.safetensors', 'reviews.csv', 'text.txt']);
  });

  test('a signal ends what is not training at once', async () => {
    const folder = folderWith({ 'text.txt': 'abcd '.repeat(100) });
    await backtime(folder, ['train', 'text.txt', '--task', 'generate', '--epochs', '1', '--window', '20', ...SMALL]);
    const ended = await backtime(folder, ['generate', 'a', '--length', '100000000'], {
      watch(_stdout, kill) {
        kill('SIGTERM');
      },
    });
    expect(ended).toMatchObject({ code: 143, stderr: 'error: interrupted by SIGTERM\n' });
  });
});
