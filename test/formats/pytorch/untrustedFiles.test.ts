import { readFileSync } from 'node:fs';
import { zipSync } from 'fflate';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import { writeZip } from '../../../ts/data/writeZip.ts';
import { ZipArchive } from '../../../ts/data/zip.ts';
import { BacktimeError, Dense, FormatError, LSTM, type Model, Sequential } from '../../../ts/index.ts';
import { startOn } from '../../support/modelBackends.ts';
import { RandomArrays } from '../../support/randomArrays.ts';
import { caught, expectError } from '../../support/refusals.ts';
import { call, dict, float, global, int, long, type Part, pickle, storage, tensor, text, torchFile, tuple } from './pickles.ts';

// What a file means is decided before a backend is asked, so one backend stands for all.
const backend = await loadBackend('reference');
beforeAll(() => startOn(backend));

const linear = () => new Sequential([new Dense(2, { inputShape: [3] })]);
const bias = tensor(storage('0'), int(6), [int(2)], [int(1)]);
const weight = tensor(storage('0'), int(0), [int(2), int(3)], [int(3), int(1)]);
/** A state_dict whose weight is something else. */
const withWeight = (value: Part) => pickle(dict(text('weight'), value, text('bias'), bias));

test('the file that the others differ from is read', async () => {
  const model = linear();
  await model.loadWeights(torchFile(withWeight(weight)));
  expect(model.getWeights().map(({ data }) => Array.from(data))).toEqual([
    [0, 3, 1, 4, 2, 5],
    [6, 7],
  ]);
});

const executed = 'os.system(…)';
const HUGE = long(2n ** 52n);

/** A pickle of many empty dicts: each takes one byte in the file, and two hundred in memory. */
const dicts = (count: number) => new Uint8Array(Buffer.concat([Uint8Array.of(0x80, 2), Buffer.alloc(count, '}')]));

const REFUSED: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  // Code
  [
    'a call of the system',
    () => torchFile(withWeight(call(global('posix', 'system'), text(executed)))),
    /names 'posix\.system', which is not part/,
  ],
  ['eval', () => torchFile(withWeight(call(global('builtins', 'eval'), text('1')))), /names 'builtins\.eval'/],
  ['a name made of texts', () => torchFile(pickle(text('os'), text('system'), 0x93)), /names 'os\.system'/],
  ['a name that is only named', () => torchFile(pickle(global('os', 'system'))), /names 'os\.system'/],
  ['a name of JavaScript', () => torchFile(pickle(global('', 'constructor'))), /names '\.constructor'/],
  ["torch's own loader", () => torchFile(pickle(global('torch.storage', '_load_from_bytes'))), /names 'torch\.storage\._load_from_bytes'/],
  ['an object of a class', () => torchFile(pickle(global('collections', 'OrderedDict'), ')', 0x81)), /operation 0x81 at byte \d+/],
  ['a call of a text', () => torchFile(pickle(text('eval'), tuple(text('1')), 'R')), /calls something that is not a function/],
  ['a call of a storage class', () => torchFile(withWeight(call(global('torch', 'FloatStorage'), int(8)))), /calls 'torch\.FloatStorage'/],
  ['a dict made of pairs', () => torchFile(pickle(call(global('collections', 'OrderedDict'), ']'))), /calls 'collections\.OrderedDict'/],
  ['an extension', () => torchFile(pickle(0x82, 1)), /operation 0x82/],
  ['attributes of a list', () => torchFile(pickle(']', '}', 'b')), /sets attributes/],
  ['attributes of a tensor', () => torchFile(withWeight([weight, '}', 'b'])), /sets attributes/],
  // Tensors
  [
    'an offset outside',
    () => torchFile(withWeight(tensor(storage('0'), int(3), [int(2), int(3)], [int(3), int(1)]))),
    /'weight' reaches to element 8 of a storage of 8/,
  ],
  [
    'strides that lead outside',
    () => torchFile(withWeight(tensor(storage('0'), int(0), [int(2), int(3)], [HUGE, int(1)]))),
    /reaches to element/,
  ],
  [
    'a negative stride',
    () => torchFile(withWeight(tensor(storage('0'), int(5), [int(2), int(3)], [int(-3), int(1)]))),
    /no valid shape and strides/,
  ],
  [
    'a stride that is NaN',
    () => torchFile(withWeight(tensor(storage('0'), int(0), [int(2), int(3)], [float(Number.NaN), int(1)]))),
    /no valid shape and strides/,
  ],
  [
    'an offset that is NaN',
    () => torchFile(withWeight(tensor(storage('0'), float(Number.NaN), [int(2), int(3)], [int(3), int(1)]))),
    /begins at element NaN/,
  ],
  [
    'a negative offset',
    () => torchFile(withWeight(tensor(storage('0'), int(-1), [int(2), int(3)], [int(3), int(1)]))),
    /begins at element -1/,
  ],
  [
    'fewer strides than axes',
    () => torchFile(withWeight(tensor(storage('0'), int(0), [int(2), int(3)], [int(1)]))),
    /no valid shape and strides/,
  ],
  [
    'too many axes',
    () => torchFile(withWeight(tensor(storage('0'), int(0), Array(33).fill(int(1)), Array(33).fill(int(1))))),
    /no valid shape and strides/,
  ],
  [
    'a huge shape without strides',
    () => torchFile(withWeight(tensor(storage('0'), int(0), [HUGE, HUGE], [int(0), int(0)]))),
    /no layer takes module '' with weight \[4503599627370496, 4503599627370496\]/,
  ],
  [
    'a tensor without a storage',
    () => torchFile(withWeight(tensor(int(0), int(0), [int(2), int(3)], [int(3), int(1)]))),
    /a tensor has no storage/,
  ],
  [
    'a storage of another file',
    () => torchFile(withWeight(tensor(storage('../../x'), int(0), [int(2), int(3)], [int(3), int(1)]))),
    /has no entry 'archive\/data\/\.\.\/\.\.\/x'/,
  ],
  ['a storage that is missing', () => torchFile(withWeight(weight), {}, []), /has no entry 'archive\/data\/0'/],
  [
    'an object of another kind',
    () => torchFile(pickle(tuple(text('module'), global('torch', 'FloatStorage'), text('0')), 'Q')),
    /an object that is not a storage/,
  ],
  ['a tensor as a key', () => torchFile(pickle('}', weight, bias, 's')), /a key of a dict is neither/],
  ['a pickle that unpacks to more than the file has', () => zipSync({ 'a/data.pkl': dicts(2 ** 20) }), /more than the file has/],
  [
    'a byte order that unpacks to more than the file has',
    () => zipSync({ 'a/data.pkl': withWeight(weight), 'a/byteorder': new Uint8Array(2 ** 20) }),
    /more than the file has/,
  ],
  // Pickles
  [
    'more dicts than a state_dict has',
    () => torchFile(dicts(2 ** 20)),
    /damaged pickle: it makes more objects than \d+ bytes of a state_dict have/,
  ],
  [
    'a value that is kept by a number far from the others',
    () => torchFile(pickle('N', 'r', 0, 0, 0, 127)),
    /keeps the value 2130706432 after 0/,
  ],
  ['a list that has itself', () => torchFile(pickle(']', 'q', 0, 'h', 0, 'a')), /holds no dict/],
  ['a dict that has itself', () => torchFile(pickle('}', 'q', 0, text('self'), 'h', 0, 's')), /no dict of tensors only/],
  ['a value that is not kept', () => torchFile(pickle('h', 9)), /uses the value 9/],
  ['nothing', () => torchFile(Uint8Array.of()), /damaged pickle: it is truncated/],
  ['nothing but an end', () => torchFile(Uint8Array.of(0x2e)), /an operation lacks a value/],
  ['too many values', () => torchFile(pickle('N', 'N')), /1 values are left/],
  ['a mark as a value', () => torchFile(pickle('(')), /an operation lacks a value/],
  ['no begin of a tuple', () => torchFile(pickle('N', 't')), /the start of a collection is missing/],
  ['an odd number of items', () => torchFile(pickle(dict(text('a')))), /sets items of something other/],
  ['a text that is cut', () => torchFile(pickle('X', 255, 255, 255, 255)), /truncated/],
  ['a text that is not UTF-8', () => torchFile(pickle('X', 1, 0, 0, 0, 0xff)), /a text is not UTF-8/],
  ['a name without an end', () => torchFile(pickle('c', 'os')), /truncated/],
  ['an integer of many bytes', () => torchFile(pickle(0x8a, 200, Array(200).fill(1))), /an integer of 200 bytes/],
  ['another protocol', () => torchFile(Uint8Array.of(0x80, 9, 0x4e, 0x2e)), /protocol 9/],
  ['a pickle that is too long', () => torchFile(new Uint8Array(2 ** 24 + 1)), /at most 16777216 are read/],
  // Archives
  ['another byte order', () => torchFile(withWeight(weight), { 'archive/byteorder': Buffer.from('big') }), /byte order 'big'/],
  ['two models', () => torchFile(withWeight(weight), { 'other/data.pkl': withWeight(weight) }), /has 2 entries data\.pkl/],
  ['no model', () => new Uint8Array(Buffer.concat(writeZip([['x', Uint8Array.of(1)]], ''))), /not one of torch\.save: it has 0 entries/],
  [
    'a storage that unpacks to more than the file has',
    () => zipSync({ 'a/data.pkl': withWeight(weight), 'a/data/0': new Uint8Array(2 ** 20) }),
    /unpacks to 10\d{5} bytes, more than the file has/,
  ],
  ['a pickle by itself', () => withWeight(weight), /not a zip archive/],
];

test.each(REFUSED)('%s is refused, and no weight changes', async (_name, make, message) => {
  const model = linear();
  const before = model.getWeights();
  expectError(await caught(() => model.loadWeights(make(), { format: 'pytorch' })), FormatError, message);
  expect(model.getWeights()).toEqual(before);
});

describe('takes no more memory and time than the file is worth', () => {
  test('of values that are used twice, again and again', async () => {
    // Five thousand lists, each with the one before twice: 2^5000 elements if they were copied.
    const lists = Array.from({ length: 5_000 }, (_, index) => [
      ']',
      ['r', [index & 0xff, index >> 8, 0, 0]],
      index === 0 ? [] : ['(', Array(2).fill(['j', [(index - 1) & 0xff, (index - 1) >> 8, 0, 0]]), 'e'],
      index < 4_999 ? '0' : [],
    ]);
    const started = performance.now();
    const model = linear();
    await model.loadWeights(
      torchFile(pickle(dict(text('bomb'), [...lists], text('state_dict'), dict(text('weight'), weight, text('bias'), bias)))),
    );
    expect(performance.now() - started).toBeLessThan(60_000);
  });

  test('of marks, each of which begins nothing', async () => {
    const marks = pickle(Array(100_000).fill(['(', 't', '0']).flat(), 'N');
    expectError(await caught(() => linear().loadWeights(torchFile(marks))), FormatError, /holds no dict/);
  });

  test('of many values that one mark ends', async () => {
    const many = pickle(']', '(', Array(200_000).fill('N'), 'e');
    expectError(await caught(() => linear().loadWeights(torchFile(many))), FormatError, /holds no dict/);
  });

  test('of one dict of tensors that is under many keys', async () => {
    // Two thousand tensors, looked at once for each of fifty thousand keys.
    const tensors = Array.from({ length: 2_000 }, (_, index) => [text(String(index)), index === 0 ? [weight, 'q', 0] : ['h', 0]]);
    const inner = [dict(...tensors.flat()), 'q', 1];
    const keys = Array.from({ length: 50_000 }, (_, key) => [int(key), 'h', 1]);
    const file = torchFile(pickle('}', '(', text('first'), inner, keys, 'u'));
    const looked = vi.spyOn(Array.prototype, 'every');
    const error = await caught(() => linear().loadWeights(file));
    const times = looked.mock.calls.length;
    looked.mockRestore();
    expectError(error, FormatError, /several dicts of tensors/);
    expect(times).toBeLessThan(1_000);
  });

  test('of many tensors that are parts of one storage, which is read once', async () => {
    const read = vi.spyOn(ZipArchive.prototype, 'read');
    await linear().loadWeights(torchFile(withWeight(weight)));
    const names = read.mock.calls.map(([name]) => name);
    read.mockRestore();
    expect(names.filter((name) => name.startsWith('archive/data/'))).toEqual(['archive/data/0']);
  });

  test('of many layers of one module', async () => {
    const layers = Array.from({ length: 2_000 }, (_, level) => [text(`rnn.weight_ih_l${level}`), weight]);
    const error = await caught(() => linear().loadWeights(torchFile(pickle(dict(...layers.flat())))));
    expectError(error, FormatError, /no layer takes module 'rnn'/);
  });
});

/** Changes one to eight bytes, cuts or doubles a piece. */
function mutated(bytes: Uint8Array, random: RandomArrays): Uint8Array {
  const changed = bytes.slice();
  const count = 1 + random.integer(8);
  for (let change = 0; change < count; change++) {
    const place = random.integer(changed.length);
    changed[place] = random.integer(3) === 0 ? random.integer(256) : (changed[place] as number) ^ (1 << random.integer(8));
  }
  if (random.integer(8) > 0 || bytes.length < 8) return changed;
  const [from, length] = [random.integer(bytes.length - 4), 1 + random.integer(4)];
  const [head, piece, tail] = [changed.slice(0, from), changed.slice(from, from + length), changed.slice(from + length)];
  return new Uint8Array(Buffer.concat(random.integer(2) === 0 ? [head, tail] : [head, piece, piece, tail]));
}

interface Mutated {
  readonly label: string;
  readonly make: () => Model;
  readonly file: Uint8Array;
}

const golden = JSON.parse(readFileSync(new URL('../../golden/pytorch.json', import.meta.url), 'utf8')) as {
  readonly layers: Readonly<Record<string, { readonly pt: string; readonly safetensors: string }>>;
  readonly forms: { readonly files: Readonly<Record<string, string>> };
};
const bytesOf = (base64 = '') => Uint8Array.from(Buffer.from(base64, 'base64'));
const recurrent = () => new Sequential([new LSTM(4, { inputShape: [5, 3] })]);

const FILES: readonly Mutated[] = [
  { label: 'an LSTM', make: recurrent, file: bytesOf(golden.layers.lstm?.pt) },
  { label: 'a checkpoint', make: linear, file: bytesOf(golden.forms.files['a checkpoint']) },
  { label: 'protocol 4', make: linear, file: bytesOf(golden.forms.files['protocol 4']) },
];

// `BACKTIME_MUTATIONS=33334 npx vitest run test/formats/pytorch` looks longer.
describe.each(FILES)('a file of $label that was changed is read or refused', ({ make, file }) => {
  const count = Number(process.env.BACKTIME_MUTATIONS ?? 300);

  test(`in ${count} ways`, { timeout: 3_600_000 }, async () => {
    const random = new RandomArrays(1);
    const zip = new ZipArchive(file, 'the test');
    const entries = zip.names.map((name) => [name, zip.read(name)] as const);
    const model = make();
    const start = model.getWeights();
    let [read, refused] = [0, 0];
    for (let index = 0; index < count; index++) {
      // Most changes are inside of entries, whose checksums are right again; of these most are in
      // the pickle.
      const place = random.integer(4) > 0 ? zip.names.findIndex((name) => name.endsWith('data.pkl')) : random.integer(entries.length);
      const changed =
        index % 5 === 0
          ? mutated(file, random)
          : new Uint8Array(
              Buffer.concat(
                writeZip(
                  entries.map(([name, bytes], at) => [name, at === place ? mutated(bytes, random) : bytes] as const),
                  '',
                ),
              ),
            );
      const skipMismatch = index % 2 === 0;
      const started = performance.now();
      try {
        await model.loadWeights(changed, { format: 'pytorch', skipMismatch });
        read++;
        model.setWeights(start);
      } catch (error) {
        if (!(error instanceof BacktimeError) || error.code === 'INTERNAL')
          expect.fail(
            `mutation ${index}: ${error instanceof Error ? error.stack : String(error)}\n${Buffer.from(changed).toString('base64')}`,
          );
        refused++;
      }
      if (performance.now() - started > 60_000) expect.fail(`mutation ${index} took ${performance.now() - started} ms`);
    }
    expect(model.getWeights()).toEqual(start);
    expect(read).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(count / 4);
  });
});
