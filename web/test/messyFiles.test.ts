import { gzipSync } from 'node:zlib';
import { writeXlsx } from 'hucre/xlsx';
import { describe, expect, test } from 'vitest';
import { DataServer, type Preparation } from '../src/preparation/dataServer.ts';
import { DEFAULT_CLASSES } from '../src/tasks/classes.ts';
import { DEFAULT_TASK_SETTINGS } from '../src/tasks/defaults.ts';
import { DEFAULT_RULE } from '../src/tasks/missingRule.ts';

// Files as people have them, each with what the page makes of it without a word of the user: the
// right data for the right task, or a sentence that says what is wrong and what to do.

type Content = string | Uint8Array;
type File_ = readonly [path: string, content: Content];

const lines = (count: number, row: (index: number) => readonly (string | number)[], separator = ',') =>
  Array.from({ length: count }, (_, index) => row(index).join(separator)).join('\n');
const latin = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const utf16 = (text: string) => new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'));
const pick = (row: number, of: readonly string[]) => of[row % of.length] as string;
const rating = (row: number) => pick(row, ['good', 'bad', 'good']);
const words = (row: number) => `${pick(row, ['a fine film', 'a dull story', 'a warm tale'])} of number ${row}`;
const wave = (row: number) => Math.round(100 * (50 + 20 * Math.sin(row / 4))) / 100;
const date = (row: number) => new Date(Date.UTC(2022, 0, 1 + row)).toISOString().slice(0, 10);
const reviews = (separator: string) => `review${separator}verdict\n${lines(60, (row) => [words(row), rating(row)], separator)}`;
const german = (value: number) => value.toLocaleString('de-DE', { minimumFractionDigits: 2 });

async function open(...files: readonly File_[]) {
  const server = new DataServer();
  const chosen = files.map(([path, content]) => ({ path, file: new File([content as BlobPart], path.split('/').at(-1) as string) }));
  const { task, table } = await server.open({ files: chosen });
  const request = {
    task,
    roles: table?.roles ?? null,
    settings: DEFAULT_TASK_SETTINGS,
    missingRule: DEFAULT_RULE,
    classSettings: DEFAULT_CLASSES,
  };
  const preparation = server.prepare(request);
  return { task, table, preparation, roles: table?.roles, column: (index = 0) => table?.columns[index] };
}

/** The notes and counts that tell whether a file was understood. */
function understood({ prepared, error }: Preparation) {
  if (!prepared) return { error };
  const { notes } = prepared;
  const examples = [prepared.train, prepared.validation, prepared.test].reduce((sum, [x]) => sum + (x.shape[0] as number), 0);
  if (notes.task === 'forecast') return { values: notes.series.length, first: notes.series[0], last: notes.series.at(-1) };
  if (notes.task === 'write') return { characters: notes.characters.length };
  if (notes.task === 'classifyText') return { classes: notes.classes, examples, units: notes.units };
  if (notes.task === 'tagWords') return { tags: notes.classes, examples };
  if (notes.task === 'predictNumber') return { target: notes.target, from: notes.from, examples };
  return { classes: notes.classes, examples, length: notes.length, channels: notes.channels.length };
}

const GOOD_BAD = { classes: ['bad', 'good'], examples: 60, units: 'words' };
const WAVE = { values: 200, first: wave(0), last: wave(199) };
const dated = (value: (row: number) => string | number, separator = ',') =>
  `day${separator}load\n${lines(200, (row) => [date(row), value(row)], separator)}`;

describe('texts with classes', () => {
  test.each<[string, string, Content, object]>([
    ['a table with commas', 'a.csv', reviews(','), GOOD_BAD],
    ['with semicolons', 'a.csv', reviews(';'), GOOD_BAD],
    ['with bars', 'a.csv', reviews('|'), GOOD_BAD],
    [
      'a text file with tabs, as UCI ships it',
      'labelled.txt',
      lines(60, (row) => [`${words(row)}, said "one`, row % 3 === 1 ? 0 : 1], '\t'),
      { ...GOOD_BAD, classes: ['0', '1'] },
    ],
    [
      'tabs and an empty column of Excel',
      'a.tsv',
      `review\tverdict\t\n${lines(60, (row) => [words(row), rating(row), ''], '\t')}`,
      GOOD_BAD,
    ],
    ['a byte order mark', 'a.csv', `\ufeff${reviews(',')}`, GOOD_BAD],
    ['Windows-1252', 'a.csv', latin(reviews(';').replaceAll('a fine film', 'ein schöner Film')), GOOD_BAD],
    ['UTF-16, as Excel\'s "Unicode Text"', 'a.txt', utf16(reviews('\t')), GOOD_BAD],
    ['gzip', 'a.csv.gz', new Uint8Array(gzipSync(reviews(','))), GOOD_BAD],
    ['no ending', 'download', reviews(','), GOOD_BAD],
    ['a title', 'a.csv', `Reviews of 2023\n\n${reviews(',')}`, GOOD_BAD],
    ['remarks', 'a.csv', `# made by a program\n# version 2\n${reviews(',')}`, GOOD_BAD],
    ['an index of pandas', 'a.csv', `,text,label\n${lines(60, (row) => [row, words(row), rating(row)])}`, GOOD_BAD],
    [
      'questions of a survey as names',
      'a.csv',
      `Timestamp,How satisfied were you with the film as a whole?,What would you like to tell us about the film?\n${lines(60, (row) => [`2023/01/0${1 + (row % 9)} 10:0${row % 6}:${10 + (row % 50)} AM GMT+1`, rating(row), words(row)])}`,
      GOOD_BAD,
    ],
    ['quoted line breaks', 'a.csv', `review,verdict\n${lines(60, (row) => [`"${words(row)},\nand ""more"""`, rating(row)])}`, GOOD_BAD],
    [
      'an id, a date and stars',
      'stars.csv',
      `id,date,review,stars\n${lines(60, (row) => [row + 1, `${1 + (row % 12)}/1/2020`, words(row), 1 + (row % 5)])}`,
      { ...GOOD_BAD, classes: ['1', '2', '3', '4', '5'] },
    ],
    ['JSON', 'a.json', JSON.stringify(Array.from({ length: 60 }, (_, row) => ({ review: words(row), verdict: rating(row) }))), GOOD_BAD],
    [
      'JSON inside of an answer',
      'a.json',
      JSON.stringify({ ok: true, items: Array.from({ length: 60 }, (_, row) => ({ review: words(row), verdict: rating(row) })) }),
      GOOD_BAD,
    ],
    [
      'JSON far inside of an answer',
      'a.json',
      JSON.stringify({
        meta: { pages: [{ a: 1 }] },
        result: { page: { rows: Array.from({ length: 60 }, (_, row) => ({ review: words(row), verdict: rating(row) })) } },
      }),
      GOOD_BAD,
    ],
    [
      'records of JSON by their names',
      'a.json',
      JSON.stringify(Object.fromEntries(Array.from({ length: 60 }, (_, row) => [`r${row}`, { review: words(row), verdict: rating(row) }]))),
      GOOD_BAD,
    ],
    [
      'columns of JSON as pandas writes them',
      'a.json',
      JSON.stringify({
        review: Object.fromEntries(Array.from({ length: 60 }, (_, row) => [row, words(row)])),
        verdict: Object.fromEntries(Array.from({ length: 60 }, (_, row) => [row, rating(row)])),
      }),
      GOOD_BAD,
    ],
    [
      'columns and rows of JSON as pandas writes them',
      'a.json',
      JSON.stringify({
        columns: ['review', 'verdict'],
        index: [0],
        data: Array.from({ length: 60 }, (_, row) => [words(row), rating(row)]),
      }),
      GOOD_BAD,
    ],
    [
      'ARFF of Weka',
      'a.arff',
      `% made by hand\n@relation 'films'\n@attribute 'the review' string\n@attribute verdict {good, bad}\n\n@data\n${lines(60, (row) => [`'${words(row)}, isn\\'t it'`, rating(row)])}`,
      GOOD_BAD,
    ],
    [
      'JSON lines',
      'a.jsonl',
      Array.from({ length: 60 }, (_, row) => JSON.stringify({ review: words(row), verdict: rating(row) })).join('\n'),
      GOOD_BAD,
    ],
    [
      'emojis',
      'a.csv',
      `review,verdict\n${lines(60, (row) => [row % 3 === 1 ? `😡😡 no ${row}` : `😍😍😍 yes ${row}`, rating(row)])}`,
      { ...GOOD_BAD, units: 'mixed' },
    ],
    [
      'Japanese',
      'a.csv',
      `文,評価\n${lines(60, (row) => [pick(row, ['とても面白い物語でした。', '退屈な作品だと思います。', '心に残る映画です。']) + row, rating(row)])}`,
      { ...GOOD_BAD, units: 'characters' },
    ],
    [
      'Arabic',
      'a.csv',
      `نص,رأي\n${lines(60, (row) => [`${pick(row, ['فيلم جميل جدا', 'قصة مملة للغاية', 'عمل رائع حقا'])} ${row}`, rating(row)])}`,
      GOOD_BAD,
    ],
    [
      'a table of Markdown',
      'pasted text',
      `| review | verdict |\n|---|---|\n${lines(60, (row) => ['', ` ${words(row)} `, ` ${rating(row)} `, ''], '|')}`,
      GOOD_BAD,
    ],
    [
      'names of people',
      'a.csv',
      `name,country\n${lines(60, (row) => [`${pick(row, ['Row', 'Mül', 'Iva'])}${pick(row * 7, ['ley', 'ler', 'nov', 'dot', 'sen'])}${String.fromCharCode(97 + (row % 26))}`, pick(row, ['en', 'de', 'ru'])])}`,
      { classes: ['de', 'en', 'ru'], examples: 60, units: 'characters' },
    ],
  ])('%s', async (_, path, content, expected) => {
    const { task, preparation } = await open([path, content]);
    expect([task, understood(preparation)]).toEqual(['classifyText', expected]);
  });

  test('a workbook of Excel, also with the ending of a CSV file', async () => {
    const rows = [['Reviews'], [], ['review', 'verdict'], ...Array.from({ length: 60 }, (_, row) => [words(row), rating(row)])];
    const bytes = await writeXlsx({
      sheets: [
        { name: 'notes', rows: [] },
        { name: 'data', rows },
      ],
    });
    for (const path of ['a.xlsx', 'a.csv']) {
      const { task, preparation } = await open([path, bytes]);
      expect([task, understood(preparation)]).toEqual(['classifyText', GOOD_BAD]);
    }
  });

  test('two text files, one a class; and folders of texts', async () => {
    const texts = (of: string) => Array.from({ length: 30 }, (_, row) => `${of} number ${row}`).join('\n');
    const { task, preparation } = await open(['good.txt', texts('a fine film')], ['bad.txt', texts('a dull film')]);
    expect([task, understood(preparation)]).toEqual(['classifyText', GOOD_BAD]);
    const files = Array.from(
      { length: 60 },
      (_, row): File_ => [`mails/${row % 2 ? 'good' : 'bad'}/${row}.txt`, `Dear reader,\n${words(row)}`],
    );
    expect(understood((await open(...files)).preparation)).toEqual(GOOD_BAD);
  });

  test('500 classes of few texts each are classes, and too few texts are warned of', async () => {
    const thing = (row: number) => `product ${String.fromCharCode(97 + (row % 25))}${Math.floor((row % 500) / 25)}`;
    const { task, preparation } = await open(['a.csv', `text,product\n${lines(1200, (row) => [words(row), thing(row)])}`]);
    expect([task, understood(preparation)]).toEqual(['classifyText', { classes: expect.any(Array), examples: 150, units: 'words' }]);
    expect(preparation.prepared?.warnings).toEqual([
      'There are 500 classes. The 50 with the most examples are kept; 1,050 examples of the others are left out.',
      '50 classes have about 3 examples each, which are few to learn from. Take more examples, or fewer classes.',
    ]);
  });

  test('running text of which lines come again is none', async () => {
    const { task } = await open(['a.csv', `speaker's line\n${lines(200, (row) => [`and then they said word ${row % 90} of it`])}`]);
    expect(task).toBe('write');
  });

  test('classes that are many, lonely, or spelled differently are told', async () => {
    const products = await open(['a.csv', `text,product\n${lines(2000, (row) => [words(row), `product ${row % 97}`])}`]);
    expect(products.preparation.prepared?.warnings[0]).toMatch(/^There are \d+ classes\. The 50 with the most examples are kept; /);
    const spelled = await open([
      'a.csv',
      `text,verdict\n${lines(60, (row) => [words(row), pick(row, ['Good', 'good', '"GOOD "', 'bad'])])}`,
    ]);
    expect(spelled.preparation.prepared?.warnings).toEqual([
      expect.stringMatching(/^Some classes differ only by case or spaces: “Good”, “good”, “GOOD ”\. If they are one, merge them below\.$/),
    ]);
    expect(spelled.preparation.prepared?.check.canMerge).toBe(true);
  });
});

describe('series to forecast', () => {
  test.each<[string, string, Content, object]>([
    ['a date and a number', 'a.csv', dated(wave), WAVE],
    ['a decimal comma', 'a.csv', dated((row) => german(wave(row)), ';'), WAVE],
    ['a decimal comma and tabs, as pasted from Excel', 'pasted text', dated((row) => german(wave(row)), '\t'), WAVE],
    [
      'points between thousands',
      'a.csv',
      dated((row) => german(1000 + wave(row)), ';'),
      { values: 200, first: 1000 + wave(0), last: 1000 + wave(199) },
    ],
    [
      'commas between thousands',
      'a.csv',
      dated((row) => `"${(1000 + wave(row)).toLocaleString('en-US')}"`),
      { values: 200, first: 1000 + wave(0), last: 1000 + wave(199) },
    ],
    ['dollars', 'a.csv', dated((row) => `$${wave(row)}`), WAVE],
    ['percent', 'a.csv', dated((row) => `${wave(row)} %`), WAVE],
    ['kilograms', 'a.csv', dated((row) => `${wave(row)} kg`), WAVE],
    ['units below the names', 'a.csv', dated(wave).replace('\n', '\nd,kW\n'), WAVE],
    [
      'newest first, the day first',
      'a.csv',
      `Datum;Kurs\n${lines(
        200,
        (row) => [
          date(199 - row)
            .split('-')
            .reverse()
            .join('/'),
          german(wave(199 - row)),
        ],
        ';',
      )}`,
      WAVE,
    ],
    [
      'numbers that repeat',
      'a.csv',
      `time,load\n${lines(200, (row) => [new Date(Date.UTC(2022, 0, 1, 0, row)).toISOString().slice(0, 16).replace('T', ' '), Math.round(wave(row) / 10)])}`,
      { values: 200 },
    ],
    ['missing in four ways', 'a.csv', dated((row) => (row % 20 === 7 ? pick(row / 20, ['', 'NA', '-', '-999']) : wave(row))), WAVE],
    [
      'missing days',
      'a.csv',
      dated(wave)
        .split('\n')
        .filter((_, line) => line % 17 !== 9)
        .join('\n'),
      WAVE,
    ],
    ['days that are twice', 'a.csv', `${dated(wave)}\n${date(5)},${wave(5)}`, WAVE],
    [
      'months in words',
      'a.csv',
      `month,load\n${lines(200, (row) => [`${pick(row, ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'])}-${10 + Math.floor(row / 12)}`, wave(row)])}`,
      WAVE,
    ],
    ['years', 'a.csv', `year,load\n${lines(190, (row) => [1830 + row, wave(row)])}`, { values: 190, first: wave(0), last: wave(189) }],
    ['remarks with commas', 'a.csv', `# station 12, Oslo, Norway\n# made by hand, in 2024\n${dated(wave)}`, WAVE],
    ['names behind a mark of remarks', 'a.csv', `#${dated(wave)}`, WAVE],
    ['a minus at the end, as of accounting', 'a.csv', dated((row) => (row % 3 ? wave(row) : `${wave(row)}-`)), { ...WAVE, first: -50 }],
    [
      'columns aligned with spaces',
      'load.dat',
      `day         load\n${lines(200, (row) => [date(row), String(wave(row)).padStart(8)], '  ')}`,
      WAVE,
    ],
    ['numbers between spaces in a text file', 'load.txt', lines(200, (row) => [row, wave(row)], ' '), WAVE],
    [
      'numbers of JSON by dates',
      'a.json',
      JSON.stringify(Object.fromEntries(Array.from({ length: 200 }, (_, row) => [date(row), wave(row)]))),
      WAVE,
    ],
    ['dates as Excel stores them, newest first', 'a.csv', `Date,load\n${lines(200, (row) => [45_491 - row, wave(199 - row)])}`, WAVE],
    ['one column', 'a.csv', `load\n${lines(200, (row) => [wave(row)])}`, WAVE],
    ['a list of JSON', 'a.json', JSON.stringify(Array.from({ length: 200 }, (_, row) => wave(row))), WAVE],
    [
      'columns of JSON',
      'a.json',
      JSON.stringify({ day: Array.from({ length: 200 }, (_, row) => date(row)), load: Array.from({ length: 200 }, (_, row) => wave(row)) }),
      WAVE,
    ],
    [
      'two stores in turns',
      'panel.csv',
      `day,store,sold\n${lines(400, (row) => [date(Math.floor(row / 2)), pick(row, ['A', 'B']), row % 2 ? 500 : wave(row / 2)])}`,
      WAVE,
    ],
  ])('%s', async (_, path, content, expected) => {
    const { task, preparation } = await open([path, content]);
    const found = understood(preparation) as { values?: number; first?: number; last?: number };
    expect([task, found.values]).toEqual(['forecast', (expected as { values: number }).values]);
    if ('first' in expected) {
      expect(found.first).toBeCloseTo(expected.first as number, 6);
      expect(found.last).toBeCloseTo((expected as unknown as { last: number }).last, 6);
    }
  });

  test('a remark between the steps is no step, and words in the place of a number are told', async () => {
    const values = (between: string) => `load\n${lines(100, (row) => [wave(row)])}\n${between}\n${lines(100, (row) => [wave(100 + row)])}`;
    const remark = await open(['a.csv', values('# sensor replaced, at noon')]);
    expect(understood(remark.preparation)).toEqual(WAVE);
    expect(remark.preparation.problems.first).toEqual([
      { row: 102, message: 'is a remark between the rows: it is left out, and is no step of a series' },
    ]);
    const said = 'If no step was there, delete the row, or begin it with #.';
    const text = await open(['a.csv', values('sensor replaced')]);
    expect(understood(text.preparation)).toEqual({ ...WAVE, values: 201 });
    expect(text.preparation.prepared?.warnings[0]).toBe(
      `Row 102 has “sensor replaced” where a number belongs. It counts as a step of the series: filled in from its neighbours. ${said}`,
    );
    const two = await open(['a.csv', values('sensor replaced').replace(/^(?=[l\d])/gm, 'x,')]);
    expect(two.preparation.prepared?.warnings[0]).toBe(
      `Row 102 has 1 field, but there are 2 columns. It counts as a step of the series: filled in from its neighbours. ${said}`,
    );
    const marks = await open(['a.csv', values('n/a')]);
    expect(marks.preparation.prepared?.warnings).toEqual([]);
  });

  test('a last row that is a total is warned of', async () => {
    const sum = Array.from({ length: 200 }, (_, row) => wave(row)).reduce((total, value) => total + value, 0);
    const { preparation } = await open(['a.csv', `load\n${lines(200, (row) => [wave(row)])}\n${sum.toFixed(1)}`]);
    expect(preparation.prepared?.warnings).toEqual([
      expect.stringMatching(/^The last value, [\d,]+, is the sum of all others: if its row is a total, delete the row\.$/),
    ]);
    const zero = await open(['a.csv', `load\n${lines(200, (row) => [Math.sin(row).toFixed(3)])}`]);
    expect(zero.preparation.prepared?.warnings).toEqual([]);
  });

  test('groups above names are read with them', async () => {
    const rows = lines(200, (row) => [date(row), wave(row), row % 7]);
    const { task, column, preparation } = await open(['a.csv', `,Plant,Staff\nday,load,at work\n${rows}`]);
    expect([task, column(1), column(2), preparation.error]).toEqual(['forecast', 'Plant load', 'Staff at work', null]);
  });

  test('what was made of the times is said, the worst first', async () => {
    const newest = await open(['a.csv', `day,price\n${lines(200, (row) => [date(199 - row), wave(row)])}`]);
    expect(newest.preparation.prepared?.warnings).toEqual([
      'The rows begin with the newest. They are put in the order of “day”, the oldest first.',
    ]);
    const gaps = await open([
      'a.csv',
      dated(wave)
        .split('\n')
        .filter((_, line) => line % 17 !== 9)
        .join('\n'),
    ]);
    expect(gaps.preparation.prepared?.warnings).toEqual([
      '12 steps of 1d have no row, the first at 2022-01-09: filled in from its neighbours.',
    ]);
    const twice = await open(['a.csv', `${dated(wave)}\n${date(5)},${wave(5)}`]);
    expect(twice.preparation.prepared?.warnings).toEqual([
      'The rows were not in the order of time. They are sorted by “day”.',
      '1 row has a time that another row has: their mean is taken.',
    ]);
  });
});

describe('recordings and logs', () => {
  const motion = (row: number, run: boolean) => [Math.sin(row * (run ? 0.9 : 0.2)).toFixed(3), Math.cos(row * 0.5).toFixed(3), '9.81'];
  const isRun = (row: number) => Math.floor(row / 200) % 2 === 1;
  const activity = (row: number) => (isRun(row) ? 'run' : 'walk');

  test.each<[string, string, Content, object]>([
    [
      'a log without recordings is cut into pieces',
      'log.csv',
      `timestamp,x,y,z,activity\n${lines(1600, (row) => [1_700_000_000_000 + 20 * row, ...motion(row, isRun(row)), activity(row)])}`,
      { classes: ['run', 'walk'], length: 50, channels: 3 },
    ],
    [
      'a log of devices in turns',
      'log.csv',
      `device,timestamp,x,y,z,activity\n${lines(1600, (row) => [row % 2, 1_700_000_000_000 + 20 * Math.floor(row / 2), ...motion(row, isRun(row)), activity(row)])}`,
      { classes: ['run', 'walk'], length: 50, channels: 3 },
    ],
    [
      'recordings by a column',
      'long.csv',
      `recording,x,y,z,activity\n${lines(1200, (row) => [Math.floor(row / 40), ...motion(row, Math.floor(row / 40) % 2 === 1), Math.floor(row / 40) % 2 ? 'run' : 'walk'])}`,
      { classes: ['run', 'walk'], length: 40, channels: 3, examples: 30 },
    ],
    [
      'a wide table of three channels',
      'wide.csv',
      `id,${['x', 'y', 'z'].flatMap((channel) => Array.from({ length: 50 }, (_, step) => `${channel}${step + 1}`)).join(',')},class\n${lines(60, (row) => [row, ...Array.from({ length: 150 }, (_, step) => Math.sin(step * (row % 2 ? 0.9 : 0.2) + row).toFixed(3)), row % 2 ? 'run' : 'walk'])}`,
      { classes: ['run', 'walk'], length: 50, channels: 3, examples: 60 },
    ],
    [
      'a wide table without names',
      'ucr.tsv',
      lines(
        60,
        (row) => [
          1 + (row % 2),
          ...Array.from({ length: 30 }, (_, step) =>
            row % 7 === 3 && step > 25 ? 'NaN' : Math.sin(step * (row % 2 ? 0.9 : 0.2) + row).toFixed(3),
          ),
        ],
        '\t',
      ),
      { classes: ['1', '2'], length: 30, channels: 1, examples: 60 },
    ],
    [
      'an archive of UEA',
      'motions_TRAIN.ts',
      `#made for a test\n@problemName motions\n@univariate false\n@classLabel true run walk\n@data\n${Array.from({ length: 30 }, (_, sample) => `${Array.from({ length: 2 }, () => Array.from({ length: 20 }, (_x, step) => Math.sin(step * (sample % 2 ? 0.9 : 0.2)).toFixed(3)).join(',')).join(':')}:${sample % 2 ? 'run' : 'walk'}`).join('\n')}`,
      { classes: ['run', 'walk'], length: 20, channels: 2, examples: 30 },
    ],
    [
      'a log whose time begins anew with each person',
      'log.csv',
      `subject,activity,t,x,y\n${lines(1600, (row) => [Math.floor(row / 400), activity(row), 20 * (row % 400), ...motion(row, isRun(row)).slice(0, 2)])}`,
      { classes: ['run', 'walk'], length: 50, channels: 2 },
    ],
  ])('%s', async (_, path, content, expected) => {
    const { task, preparation } = await open([path, content]);
    expect([task, understood(preparation)]).toEqual(['classifySeries', expect.objectContaining(expected)]);
  });

  test('files in folders are recordings, and the folders classes', async () => {
    const files = Array.from(
      { length: 20 },
      (_, file): File_ => [
        `data/${file % 2 ? 'run' : 'walk'}/${file}.csv`,
        `x,y,z\n${lines(30, (row) => motion(row + file, file % 2 === 1))}`,
      ],
    );
    const { task, preparation } = await open(...files);
    expect([task, understood(preparation)]).toEqual([
      'classifySeries',
      { classes: ['run', 'walk'], examples: 20, length: 30, channels: 3 },
    ]);
  });

  test('no piece of the test overlaps with one that was learnt from', async () => {
    const { preparation } = await open([
      'log.csv',
      `time,x,activity\n${lines(1600, (row) => [row * 0.02, (row * 7919) % 1600, activity(row)])}`,
    ]);
    const { prepared } = preparation;
    if (prepared?.notes.task !== 'classifySeries') return expect.fail('no series');
    const { scaling, length } = prepared.notes;
    const rowsOf = ([x]: readonly [{ readonly data: ArrayLike<number>; readonly shape: readonly number[] }, unknown]) =>
      new Set(Array.from(x.data, (value) => Math.round(value * (scaling.deviations[0] as number) + (scaling.means[0] as number))));
    const [train, tested, validated] = [prepared.train, prepared.test, prepared.validation].map(rowsOf) as [
      Set<number>,
      Set<number>,
      Set<number>,
    ];
    expect([length, train.size > 500, tested.size > 50, validated.size > 100]).toEqual([50, true, true, true]);
    for (const row of tested) expect(train.has(row) || validated.has(row)).toBe(false);
    for (const row of validated) expect(train.has(row)).toBe(false);
  });
});

describe('texts to imitate', () => {
  test.each<[string, string, Content]>([
    [
      'a book with the ends of lines of Windows',
      'book.txt',
      'It was a dark night, and it rained.\r\nThe wind blew; nobody was there.\r\n'.repeat(60),
    ],
    ['a poem in Windows-1252', 'poem.txt', latin('Über allen Gipfeln ist Ruh, in allen Wipfeln spürest du kaum einen Hauch.\n'.repeat(60))],
    ['a text with a bracket first', 'notes.txt', '[note] buy milk and bread, then call home\nand no more\n'.repeat(80)],
  ])('%s', async (_, path, content) => {
    const { task, table, preparation } = await open([path, content]);
    expect([task, table, preparation.error]).toEqual(['write', null, null]);
  });
});

describe('what cannot be read is refused with a sentence that says what to do', () => {
  test.each<[string, string, Content, RegExp]>([
    ['nothing', 'empty.csv', '', /^empty\.csv is empty\.$/],
    ['blank lines', 'blank.csv', '\n \n\n', /^blank\.csv is empty\.$/],
    ['only white space', 'blank.txt', ' \n\n', /^blank\.txt is empty\.$/],
    ['names alone', 'names.csv', 'time,load\n', /^names\.csv has column names, but no rows\.$/],
    ['rows without sense', 'odd.csv', 'a,b\n1\n2', /^No row of odd\.csv can be read: line 2 has 1 field, but there are 2 columns\.$/],
    [
      'a photo',
      'photo.jpg',
      Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70),
      /^photo\.jpg is a picture\. This page learns from tables and texts/,
    ],
    ['a picture named as a table', 'photo.csv', Uint8Array.of(0x89, 80, 78, 71, 13, 10, 26, 10, 0), /^photo\.csv is a picture/],
    [
      'a model',
      'backtime.safetensors',
      Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d),
      /is a trained model, not data\. Load it under “Try it”/,
    ],
    ['a PDF', 'paper.pdf', '%PDF-1.7 …', /is a PDF\. Copy its table/],
    ['an old workbook', 'old.xls', Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0, 0), /old version of Excel.*save it as \.xlsx/],
    ['a web page', 'page.html', '<!DOCTYPE html><html><table></table></html>', /is a web page\. Copy its table/],
    [
      'a damaged archive',
      'cut.csv.gz',
      new Uint8Array(gzipSync(reviews(','))).subarray(0, 100),
      /cut\.csv\.gz (cannot be unpacked|cannot be read)/,
    ],
    ['XML', 'rows.xml', `<?xml version="1.0"?>\n<rows><row>1</row></rows>`, /^rows\.xml is XML\. Save its rows as CSV or as JSON/],
    [
      'a copy of a database',
      'dump.sql',
      'CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);\n',
      /^dump\.sql is a copy of a database\. Export the table/,
    ],
    ['a file of LIBSVM', 'a.svm', lines(20, (row) => [row % 2, `1:${row}`, '2:0.5'], ' '), /^a\.svm is a file of LIBSVM/],
    ['JSON with a mistake', 'bad.jsonl', '{"a":1}\n{"a":2\n', /^bad\.jsonl: .*line 2/],
    ['a file packed by bzip2', 'a.csv', latin('BZh91AY&SYrest'), /^a\.csv is an archive\. Unpack it first/],
    ['a file packed by xz', 'a.csv', latin('\xfd7zXZ\0rest'), /^a\.csv is an archive\. Unpack it first/],
    ['a file packed by zstd', 'a.csv.zst', latin('(\xb5/\xfdrest'), /^a\.csv\.zst is an archive\. Unpack it first/],
    ['bytes', 'bytes.csv', Uint8Array.of(0, 0, 0, 0), /^bytes\.csv is not text that can be read\. Choose another encoding/],
  ])('%s', async (_, path, content, message) => {
    await expect(open([path, content])).rejects.toThrow(message);
  });

  test.each<[string, string, RegExp]>([
    ['five rows', `text,kind\n${lines(5, (row) => [words(row), rating(row)])}`, /^There are 5 usable examples; at least 10 are needed\.$/],
  ])('%s', async (_, content, message) => {
    const { preparation } = await open(['a.csv', content]);
    expect(preparation.error).toMatch(message);
  });

  test('files of two kinds, and tables of other columns', async () => {
    await expect(open(['a.csv', 'a,b\n1,2\n'], ['b.txt', 'some text that is no table'])).rejects.toThrow(
      /a\.csv is a table and b\.txt is a text: choose files of one kind/,
    );
    await expect(open(['a.csv', 'a,b\n1,2\n3,4\n'], ['b.csv', 'a,c\n1,2\n3,4\n'])).rejects.toThrow(
      /The files have other columns: “b” is not in all of them\. a\.csv has a, b; b\.csv has a, c\./,
    );
    await expect(open()).rejects.toThrow('There are no files');
  });
});
