import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { describeColumn } from '../../ts/data/columnKinds.ts';
import { isDateText, parseDates } from '../../ts/data/parseDates.ts';
import { type CSVOptions, FormatError, readCSV, readText, type Table, tableFromRows } from '../../ts/index.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const read = (text: string, options?: CSVOptions) => readCSV(bytesOf(text), options);
const lines = (count: number, row: (index: number) => readonly (string | number)[], separator = ',') =>
  Array.from({ length: count }, (_, index) => row(index).join(separator));
const rating = (index: number) => (index % 3 ? 'good' : 'bad');
const answer = (index: number) => ['Satisfied', 'Very satisfied', 'Not satisfied'][index % 3] as string;
const letter = (index: number, of = 'abc') => of[index % of.length] as string;

describe('names of columns are found', () => {
  test.each<[string, string[], number]>([
    ['over a column that is empty', ['Review\tRating\t', ...lines(30, (row) => [`words of ${row}`, rating(row), ''], '\t')], 3],
    [
      'that are questions of a survey',
      [
        'Timestamp,How satisfied were you with the event as a whole?,"What could we improve, in your opinion, next time?"',
        ...lines(12, (row) => [`2023/01/0${1 + (row % 9)} 10:0${row % 6}:11 AM GMT+1`, answer(row), `more of ${row}`]),
      ],
      3,
    ],
    ['of which the first is empty, as pandas writes them', [',text,label', ...lines(30, (row) => [row, `words of ${row}`, row % 2])], 3],
    ['that are numbers', ['0,1,2,3,4,class', ...lines(30, (row) => [...[0.5, 1.5, 0.1, 2.5, 7].map((x) => x * row), letter(row)])], 6],
    ['that are numbers beside an index', [',0,1,2,kind', ...lines(30, (row) => [row, 0.5 * row, row ** 2, 3, letter(row)])], 5],
    [
      'that are numbers beside an index and a class of numbers',
      [',0,1,2,kind', ...lines(30, (row) => [row, 0.5 * row, row ** 2, 3, row % 2])],
      5,
    ],
    ['that are years', ['country,2019,2020,2021', ...lines(8, (row) => [`land ${letter(row, 'abcdefgh')}`, 7 + row, row ** 2, 5])], 4],
    ['of which two are alike', ['x,x,class', ...lines(30, (row) => [row, 0.5 * row, rating(row)])], 3],
    ['over numbers, with a row of units below them', ['time,load', 's,kW', ...lines(30, (row) => [row, row ** 2])], 2],
    ['over numbers of which many are missing', ['a,b', ...lines(30, (row) => [row % 2 ? 'NA' : row, row % 3 ? '' : 1])], 2],
    ['over amounts of money', ['item;price', ...lines(30, (row) => [`thing ${row}`, `1.${100 + row},50 €`], ';')], 2],
    ['over dates', ['when,what', ...lines(3, (row) => [`2020-01-0${row + 1}`, `thing ${row}`])], 2],
    ['over words that repeat', ['feedback,verdict', ...lines(30, (row) => [answer(row), rating(row)])], 2],
    [
      'alike, over texts that are all longer',
      ['text,text', ...lines(12, (row) => ['a text'.repeat(2 + row), 'other '.repeat(2 + row)])],
      2,
    ],
    ['over texts that are all longer', ['name,story', ...lines(12, (row) => ['Anna and Bea', 'once upon a time '.repeat(1 + row)])], 2],
  ])('%s', async (_, rows, columns) => {
    const table = await read(rows.join('\n'));
    const { hasHeader, firstLine, unitsLine } = table.format ?? expect.fail('no format');
    expect([hasHeader, table.names.length, firstLine]).toEqual([true, columns, 1]);
    expect(table.rowCount + Number(unitsLine !== null)).toBe(rows.length - 1);
  });

  test.each<[string, string[]]>([
    ['numbers and a class', lines(30, (row) => [5.1 + row, 3.5, 1.4 * row, letter(row)])],
    ['numbers alone', lines(30, (row) => [row ** 2, 3.5, 1.4 * row])],
    ['numbers that count up by chance', ['1,2,3,4', ...lines(30, (row) => [row, row + 1, row + 2, row + 3])]],
    ['three numbers in a row and a class', ['1,2,3,a', ...lines(30, (row) => [row, row ** 2, 7, letter(row)])]],
    ['a class and a text', lines(30, (row) => [rating(row), `what they said about ${letter(row, 'abcdefgh')}`])],
    ['a date and a number', lines(30, (row) => [`${1 + (row % 28)}/${1 + (row % 12)}/2020`, row ** 2])],
    ['a date and a number that is missing', ['2020-01-01,', ...lines(28, (row) => [`2020-02-${10 + row}`, row ** 2])]],
    ['numbers and a word among them', ['5,oops,3', ...lines(30, (row) => [row ** 2, 3.5, 1.4 * row])]],
    ['names with numbers', lines(12, (row) => [`user${row * 7}`, `item${row}`])],
    ['much that is missing', ['2020-01-01,,', ...lines(30, (row) => [`2020-01-${10 + (row % 20)}`, row ** 2, row])]],
  ])('and a first row is none with %s', async (_, rows) => {
    const table = await read(rows.join('\n'));
    expect([table.format?.hasHeader, table.names[0], table.rowCount]).toEqual([false, 'column1', rows.length]);
  });

  test.each<[string[], string]>([
    [['load,kind', ...lines(9, (row) => [row, letter(row, 'ab')])], '“load” stands above numbers'],
    [
      ['what,verdict', ...lines(30, (row) => [`w${letter(row, 'abcdef')}`, rating(row)])],
      '“what” is none of the words that repeat below it: “wa”, “wb”, …',
    ],
    [lines(30, (row) => [row, rating(row)]), '“0” is a number like those below it'],
    [lines(30, (row) => [`w ${letter(row, 'abcdef')}`, rating(row)]), '“w a” is in a row below too'],
    [['a,b', 'x,y'], 'its cells are short and all different'],
  ])('what they were told from is said', async (rows, reason) => {
    expect((await read(rows.join('\n'))).format?.headerReason).toBe(reason);
  });

  const loads = ['day,load', ...lines(30, (row) => [`2020-01-${10 + (row % 20)}`, row ** 2])];
  test.each<[string, string[], string, string?]>([
    ['of one cell', ['Load of the plant'], ','],
    ['that a spreadsheet has filled up', ['Load of the plant,,', ',,'], ',', 'unit'],
    ['that are remarks', ['# made by a logger', '# version 2'], ','],
    ['in a file with semicolons', ['Load of the plant', ''], ';'],
    ['in a file with tabs', ['Load of the plant', '', 'by day'], '\t'],
  ])('below titles %s', async (_, titles, separator, third = '') => {
    const rows = loads.map((row, index) => row.replace(',', separator) + (third && `${separator}${index === 0 ? third : 'kW'}`));
    const table = await read([...titles, ...rows].join('\n'));
    expect([table.names.slice(0, 2), table.rowCount]).toEqual([['day', 'load'], 30]);
    expect(table.format?.firstLine).toBe(titles.length + 1);
    const said = titles.flatMap((title, index) => (title.replace(/,/g, '') === '' ? [] : [index + 1]));
    expect(table.format?.titleLines).toEqual(said);
  });
});

test.each<[string, string[], string[]]>([
  ['remarks with as many fields as the table', ['# station 12, Oslo', '# made by hand, in 2024'], ['day,load']],
  ['remarks of other programs', ['// export, version 2', '% by hand, in 2024'], ['day,load']],
  ['one remark', ['# by hand, in 2024'], ['day,load']],
  ['names that begin as a remark does', [], ['#day,load']],
  ['names that begin so, below a remark', ['# by hand, in 2024'], ['#day,load']],
])('%s: the names are found', async (_, remarks, names) => {
  const rows = Array.from({ length: 12 }, (_row, day) => `2024-01-${String(day + 1).padStart(2, '0')},${day * 2.5}`);
  const table = await read([...remarks, ...names, ...rows].join('\n'));
  expect([table.names, table.rowCount, table.format?.titleLines]).toEqual([['day', 'load'], 12, remarks.map((_row, line) => line + 1)]);
});

describe('columns between spaces', () => {
  test('are read, also aligned and with spaces at the ends', async () => {
    const rows = Array.from({ length: 30 }, (_, row) => `  ${row}     ${row / 2}  ${row % 2 ? 'a' : 'b'}   `);
    const table = await read(['time  load     kind', ...rows].join('\n'));
    expect([table.names, table.rowCount, table.skipped, table.format?.separator]).toEqual([['time', 'load', 'kind'], 30, [], ' ']);
    expect([...table.numbers('load')].slice(0, 3)).toEqual([0, 0.5, 1]);
    const plain = await read(Array.from({ length: 30 }, (_, row) => `${row}.25 -${row}`).join('\n'));
    expect([plain.names, plain.rowCount]).toEqual([['column1', 'column2'], 30]);
    const said = await readCSV(new TextEncoder().encode('a  b\n1   2'), { separator: ' ' });
    expect([said.names, said.rowCount]).toEqual([['a', 'b'], 1]);
  });

  test.each([
    ['sentences', 'review', (row: number) => `a film of kind ${row}`],
    ['numbers with spaces between thousands', 'load', (row: number) => `1 ${200 + row}`],
    ['dates with the time of day', 'time', (row: number) => `2024-01-${10 + row} 12:00`],
  ])('are not found in %s', async (_, name, cell) => {
    const table = await read([name, ...Array.from({ length: 15 }, (_row, row) => cell(row))].join('\n'));
    expect([table.names, table.rowCount]).toEqual([[name], 15]);
  });
});

describe('quotes', () => {
  test.each<[string, string, string[], { line: number; reason: string }[]]>([
    [
      'text after a closing mark',
      'a,b\n"so" said,1\n2,"3"\n4,5',
      ['2', '4'],
      [{ line: 2, reason: 'has text after a closing quotation mark' }],
    ],
    [
      'a mark that is not closed',
      'a,b\n1,2\n"three,4\n5,6\n7,8\n',
      ['1', '5', '7'],
      [{ line: 3, reason: 'has a quotation mark that is not closed' }],
    ],
    [
      'other numbers of fields',
      'a,b\n1\n\n1,2\n1,2,3',
      ['1'],
      [
        { line: 2, reason: 'has 1 field, but there are 2 columns' },
        { line: 5, reason: 'has 3 fields, but there are 2 columns' },
      ],
    ],
  ])('a row with %s is left out alone, and what is wrong is said', async (_, text, kept, skipped) => {
    const table = await read(text, { badRows: 'skip' });
    expect([table.texts('a'), table.skipped]).toEqual([kept, skipped]);
    await expect(read(text)).rejects.toThrow(new RegExp(`line ${skipped[0]?.line} `));
  });

  test('may be apostrophes, where they enclose all texts', async () => {
    const rows = lines(20, (row) => [`'a, ${letter(row)}'`, row, "'it''s'"]);
    const table = await read(["'kind','load','note'", ...rows].join('\n'));
    expect([table.names, table.texts('kind')[1], table.texts('note')[0]]).toEqual([['kind', 'load', 'note'], 'a, b', "it's"]);
    const speech = await read(['said,load', ...lines(20, (row) => ["'yes'", row])].join('\n'));
    expect([speech.names, speech.texts('said')[0]]).toEqual([['said', 'load'], "'yes'"]);
  });

  test('an open mark loses one line of a long file', async () => {
    const text = `a,b\n${lines(200_000, (row) => [row === 100 ? `"${row}` : row, 'x'.repeat(10)]).join('\n')}\n`;
    const table = await read(text, { badRows: 'skip' });
    expect([table.rowCount, table.skipped]).toEqual([199_999, [{ line: 102, reason: 'has a quotation mark that is not closed' }]]);
    expect(table.column('a').at(-1)).toBe('199999');
  });

  test('are characters between tabs, unless all of them enclose fields', async () => {
    expect((await read('text\tlabel\n"half open\tx\nfour\ty')).texts('text')).toEqual(['"half open', 'four']);
    expect((await read('text\tlabel\n"two\nlines"\tx\nfour\ty')).texts('text')).toEqual(['two\nlines', 'four']);
  });

  test('an empty line is a cell of a table of one column, unless every other line is empty', async () => {
    const cells = lines(30, (row) => [row]);
    expect((await read(`x\n${cells.slice(0, 3).join('\n')}\n\n${cells.slice(3).join('\n')}`)).rowCount).toBe(31);
    expect((await read(`x\n\n${cells.join('\n\n')}`)).rowCount).toBe(30);
  });
});

describe('encodings', () => {
  // JavaScript writes UTF-8 alone, so the bytes stand here.
  test.each([
    ['windows-1252', 'name;Größe\nMüller;5\nJosé;“6”\n', 'bmFtZTtHcvbfZQpN/GxsZXI7NQpKb3PpO5M2lAo='],
    [
      'shift_jis',
      '映画,評価\nとても面白い物語でした。,良い\n最悪,悪い\n',
      'iWaJ5iyVXYm/CoLGgsSC4JbKlJKCopWojOqCxYK1gr2BQiyXx4KiCo3FiKssiKuCogo=',
    ],
    ['euc-jp', '映画,評価\nとても面白い物語でした。,良い\n', 'scey6CzJvrLBCqTIpMak4szMx/KkpMqquOykx6S3pL+hoyzOyaSkCg=='],
    ['euc-kr', '영화,평가\n정말 재미있는 이야기,좋음\n', 'v7XIrSzG8rChCsGkuLsgwOe5zMDWtMIgwMy+37HiLMHBwL0K'],
    ['gb18030', '电影,评价\n这个电影真的很好看，我喜欢,好\n', 'tefTsCzGwLzbCtXiuPa159Ow1ea1xLrcusO/tKOsztLPsru2LLrDCg=='],
    ['big5', '電影,評價\n這個電影真的很好看，我喜歡,好\n', 'uXG8diy1+7v5CrNvrdO5cbx2r3Wquqvcpm6s3aFBp9qz38V3LKZuCg=='],
    ['windows-1251', 'имя,город\nАнна,Москва\nиван,Тверь\n', '6Oz/LOPu8O7kCsDt7eAszO7x6uLgCuji4O0s0uLl8PwK'],
    ['koi8-r', 'имя,город\nАнна,Москва\nиван,Тверь\n', 'yc3RLMfP0s/ECuHOzsEs7c/Ty9fBCsnXwc4s9NfF0tgK'],
  ])('%s is found', async (encoding, text, base64) => {
    const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
    expect(await readText(bytes)).toBe(text);
    expect((await readCSV(bytes)).format?.encoding).toBe(encoding);
  });

  test('a text is read whole, packed too, and says how far it is', async () => {
    const packed = new Uint8Array(gzipSync('Wort für Wort\n'.repeat(1000)));
    let read = 0;
    expect(await readText(packed, { onRead: (bytes) => (read = bytes) })).toBe('Wort für Wort\n'.repeat(1000));
    expect(read).toBe(packed.length);
    await expect(readText(Uint8Array.from([1, 0, 0, 0]))).rejects.toThrow(FormatError);
    await expect(readText(Uint8Array.from([97, 0xfc]), { encoding: 'utf-8' })).rejects.toThrow(/not text in utf-8/);
  });
});

describe('dates', () => {
  test.each<[string, string, string]>([
    ['a zone of a survey', '2023/01/05 10:23:10 AM GMT+1', '2023-01-05T09:23:10.000Z'],
    ['a zone of a database', '2024-02-03 01:30:00+00', '2024-02-03T01:30:00.000Z'],
    ['a month and a year', 'Jan-24', '2024-01-01T00:00:00.000Z'],
    ['a quarter', '2024-Q2', '2024-04-01T00:00:00.000Z'],
    ['a quarter before its year', 'Q3 2024', '2024-07-01T00:00:00.000Z'],
    ['a week', '2024-W05', '2024-01-29T00:00:00.000Z'],
    ['the first week of a year', '2021-W01', '2021-01-04T00:00:00.000Z'],
    ['German', '5. März 2024', '2024-03-05T00:00:00.000Z'],
    ['French', '14 juil. 2024', '2024-07-14T00:00:00.000Z'],
    ['Spanish', '5 de enero de 2024', '2024-01-05T00:00:00.000Z'],
    ['Russian', '9 мая 2024', '2024-05-09T00:00:00.000Z'],
    ['Chinese', '2024年1月5日', '2024-01-05T00:00:00.000Z'],
    ['a weekday', 'Fri, Jan 5th 2024 10:30', '2024-01-05T10:30:00.000Z'],
    ['a time of day', '5:30 PM', '1970-01-01T17:30:00.000Z'],
  ])('%s', (_, text, iso) => {
    expect(new Date(parseDates([text]).times[0] as number).toISOString()).toBe(iso);
    expect(isDateText(text)).toBe(true);
  });

  test('words and numbers are none', () => {
    for (const text of ['5 marbles', '12 items', '20240131', '1.5', '1-2', 'may', '2024', '5 apples 2024'])
      expect([text, isDateText(text)]).toEqual([text, false]);
  });

  test('years are, where they follow each other or the name says so', () => {
    const kindOf = (name: string, cells: readonly number[]) => describeColumn(name, cells.map(String)).kind;
    const years = Array.from({ length: 40 }, (_, row) => 1950 + Math.floor(row / 2));
    expect([kindOf('since', years), kindOf('year', [1990, 1960, 2001])]).toEqual(['date', 'date']);
    expect(kindOf('load', [1900, 2100, 1950, 1850])).toBe('number');
    expect([...parseDates(['1999', 'NA', '2001']).times]).toEqual([Date.UTC(1999), Number.NaN, Date.UTC(2001)]);
  });
});

test.each<[number, (step: number) => number, boolean]>([
  [-999, (step) => 50 + step, true],
  [-99.9, (step) => 50 + step, true],
  [99999, (step) => 50 + step, true],
  [-999, (step) => -500 * (step % 12), false],
  [99, (step) => 50 + 10 * (step % 12), false],
  [99, (step) => step % 3, false],
  [999, (step) => 80 * (step % 12), false],
])('%d stands for missing numbers only far from the others', (mark, values, isMark) => {
  const cells = Array.from({ length: 60 }, (_, step) => String(step === 30 ? mark : values(step)));
  expect(describeColumn('x', cells).sentinels).toEqual(isMark ? [mark] : []);
});

test('cells that are no numbers may count as missing', async () => {
  const table = await read('x,y\n1,a\noops,a\n3,b\n', { header: true });
  expect([...table.numbers('x', { invalid: 'missing', missing: 'linear' })]).toEqual([1, 2, 3]);
  expect([...table.numbers('x', { invalid: 'missing', missing: 0 })]).toEqual([1, 0, 3]);
  expect(() => table.numbers('x', { invalid: 'missing' })).toThrow("is 'oops', expected a number");
  expect(() => table.numbers('x', { invalid: 'skip' as never })).toThrow('invalid');
});

describe('tableFromRows', () => {
  const rowsOf = (table: Table) => [...table.rows()];

  test('reads what a spreadsheet has: titles, names, dates, empty rows and units', async () => {
    const day = (date: number) => new Date(Date.UTC(2024, 0, date));
    const table = await tableFromRows(
      [['Loads of 2024', null], [], ['day', 'load'], [null, 'kW'], [day(1), 1.5], [null, null], [new Date(Date.UTC(2024, 0, 2, 6)), 2]],
      { source: 'loads.xlsx' },
    );
    expect(rowsOf(table)).toEqual([
      { day: '2024-01-01', load: 1.5 },
      { day: '2024-01-02T06:00:00.000Z', load: 2 },
    ]);
    expect(table.format).toMatchObject({ hasHeader: true, firstLine: 3, titleLines: [1], unitsLine: 4 });
    expect([table.fileRow(0), table.place(1), table.rowsAt([1]).place(0)]).toEqual([5, 'row 7 of loads.xlsx', 'row 7 of loads.xlsx']);
    expect([...table.numbers('load')]).toEqual([1.5, 2]);
  });

  test('reads records, whose names differ and are nested', async () => {
    const table = await tableFromRows([
      { text: 'a', user: { name: 'x', age: 5 } },
      { text: 'b', tags: ['c'], ok: true },
    ]);
    expect(rowsOf(table)).toEqual([
      { text: 'a', 'user.name': 'x', 'user.age': 5, tags: null, ok: null },
      { text: 'b', 'user.name': null, 'user.age': null, tags: '["c"]', ok: 'true' },
    ]);
  });

  test.each<[unknown, object | undefined, RegExp]>([
    [[], undefined, /the table has no rows/],
    [[['a', 'b']], { header: true }, /column names, but no rows/],
    [[[], [null]], undefined, /has no rows/],
    [[{}], undefined, /rows without values/],
    ['a,b', undefined, /takes an array of rows/],
    [[['a'], { a: 1 }], undefined, /not both/],
    [[['a']], { names: [] }, /unknown option 'names'/],
  ])('refuses %j', async (rows, options, message) => {
    await expect(tableFromRows(rows as never, options as never)).rejects.toThrow(message);
  });
});

describe('fields', () => {
  const texts = lines(12, (row) => [`"one, of kind ${row}"`, ` "${rating(row)}"`]);

  test('have quotes behind the spaces that follow separators', async () => {
    const table = await read(['"text", "label"', ...texts].join('\n'));
    expect([table.names, table.texts('text')[0], table.texts('label')[0], table.format?.separator]).toEqual([
      ['text', 'label'],
      'one, of kind 0',
      'bad',
      ',',
    ]);
    const plain = await read(['text, label', ...lines(12, (row) => [`one of ${row}`, ` ${rating(row)}`])].join('\n'));
    expect(plain.texts('label')[0]).toBe(' bad');
  });

  test('have quotes with a backslash before them', async () => {
    const table = await read(['text,label', ...lines(12, (row) => [`"he said \\"yes\\", ${row}"`, rating(row)])].join('\n'));
    expect([table.rowCount, table.texts('text')[3]]).toEqual([12, 'he said "yes", 3']);
    const doubled = await read(['text,label', ...lines(12, (row) => [`"C:\\dir ""${row}"""`, rating(row)])].join('\n'));
    expect(doubled.texts('text')[3]).toBe('C:\\dir "3"');
  });

  test('are one more in the rows than in the names: an empty one, or the first, of an index', async () => {
    const ends = await read(['day,load', ...lines(12, (row) => [`2020-01-${10 + row}`, row ** 2, ''])].join('\n'));
    expect([ends.names, ends.rowCount]).toEqual([['day', 'load', 'column3'], 12]);
    const index = await read(['"load" "kind"', ...lines(12, (row) => [`"${row + 1}"`, row ** 2, `"${rating(row)}"`], ' ')].join('\n'));
    expect([index.names, index.rowCount, index.numbers('load')[3]]).toEqual([['index', 'load', 'kind'], 12, 9]);
    // A comma in each text is no column.
    await expect(read(['text,label', ...lines(12, (row) => ['a film', ` of ${row}`, rating(row)])].join('\n'))).rejects.toThrow(
      'line 2 has 3 fields, but the table has 2 columns',
    );
  });
});

describe('numbers', () => {
  const numbersOf = async (cells: readonly string[]) => {
    const table = await read(['load', ...cells.map((cell) => `"${cell}"`)].join('\n'), { header: true });
    return [...table.numbers('load')];
  };

  test.each<[string, string[], number[]]>([
    ['in thousands and millions', ['980K', '1.2M', '3B', '12'], [980_000, 1_200_000, 3e9, 12]],
    ['in words of them', ['980 Tsd.', '1,2 Mio.', '3 Mrd.'], [980_000, 1_200_000, 3e9]],
    ['in one word of them', ['1,5 Mio.', '2 Mio.'], [1_500_000, 2_000_000]],
    ['in one unit, which may be of temperature', ['280K', '290K'], [280, 290]],
    ['in units beside them', ['5 T', '7 kg'], [5, 7]],
    ['grouped as in India', ['1,23,456.5', '12,34,567', '99,999'], [123_456.5, 1_234_567, 99_999]],
    ['that are limits', ['<0.1', '> 5', '≤3', '~2'], [0.1, 5, 3, 2]],
  ])('%s', async (_, cells, numbers) => {
    expect(await numbersOf(cells)).toEqual(numbers);
  });
});

describe('times', () => {
  test('are days since 1900 where the name of the column says so', async () => {
    const rows = lines(20, (row) => [45_292 + row / 2, 45_292 + row]);
    const table = await read(['Date,number', ...rows].join('\n'));
    expect(table.describeColumns().map(({ kind }) => kind)).toEqual(['date', 'number']);
    expect([...table.dates('Date')].slice(0, 2)).toEqual([Date.UTC(2024, 0, 1), Date.UTC(2024, 0, 1, 12)]);
  });

  test('of day without dates go on over midnight', async () => {
    const clock = (minute: number) => `${String(Math.floor(minute / 60) % 24).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
    const table = await read(['time,load', ...lines(120, (row) => [clock(15 * row), row])].join('\n'));
    expect(table.timeSteps({ time: 'time' })).toMatchObject({ every: '15min', gaps: 0, duplicates: 0 });
    expect([...table.timeSteps({ time: 'time' }).places]).toEqual(Array.from({ length: 120 }, (_, row) => row));
    const shuffled = await read(['time,load', ...lines(60, (row) => [clock(15 * ((row * 37) % 60)), row])].join('\n'));
    expect(shuffled.timeSteps({ time: 'time' }).places[1]).toBe(37);
  });
});
