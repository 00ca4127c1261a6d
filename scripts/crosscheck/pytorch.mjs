// Runs models of packages of PyPI in Backtime, and compares with what the packages compute. Then
// PyTorch loads files that Backtime wrote. `npm run crosscheck` runs it, or:
//   PYTHON=/path/to/venv/bin/python node scripts/crosscheck/pytorch.mjs
// The Python needs numpy, and torch and safetensors for all but the first check; what it lacks is
// skipped. The packages are downloaded to .tools/crosscheck, and never installed. Needs dist/.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BatchNormalization,
  Bidirectional,
  Conv1D,
  Dense,
  Embedding,
  GRU,
  Input,
  LayerNormalization,
  LSTM,
  Model,
  readNpz,
  Sequential,
  SimpleRNN,
  setRandomSeed,
} from '../../dist/node.js';
import { ask, outputOf, root } from '../process.mjs';

const python = process.env.PYTHON ?? 'python3';
const script = join(root, 'scripts', 'crosscheck', 'pytorch.py');
const folder = join(root, '.tools', 'crosscheck');
const has = (name) => ask(python, ['-c', `import ${name}`]) !== undefined;

/** Downloads a package and unpacks it. @returns its folder; null without a registry */
async function fetched(name, version) {
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  const options = ['--no-deps', '--only-binary=:all:', '--quiet', '--disable-pip-version-check', '--dest', place];
  try {
    await outputOf(python, ['-m', 'pip', 'download', ...options, `${name}==${version}`]);
  } catch (error) {
    console.log(String(error.message).trim().split('\n').at(-1));
    return null;
  }
  const unpack = 'import glob,sys,zipfile; zipfile.ZipFile(glob.glob(sys.argv[1] + "/*.whl")[0]).extractall(sys.argv[1])';
  await outputOf(python, ['-c', unpack, place]);
  return place;
}

const readJSON = (file) => JSON.parse(readFileSync(file, 'utf8'));
const floats = ({ shape, data }) => ({ shape, data: Float32Array.from(data) });
const largest = (actual, expected) => expected.reduce((most, value, index) => Math.max(most, Math.abs(actual[index] - value)), 0);

/** The GRU encoder and decoder of g2p_en, which guesses how English words are spoken. */
async function phonemes(place) {
  const out = join(folder, 'phonemes.json');
  await outputOf(python, [script, 'phonemes', place, out]);
  const { graphemes, phonemes: spoken, words } = readJSON(out);
  const arrays = await readNpz(join(place, 'g2p_en', 'checkpoint20.npz'));
  const gru = (part) =>
    Object.fromEntries(
      ['weight', 'bias'].flatMap((kind) => ['ih', 'hh'].map((of) => [`rnn.${kind}_${of}_l0`, arrays[`${part}_${kind[0]}_${of}`]])),
    );

  const letters = Input({ shape: [null] });
  const encoder = new Model({ inputs: letters, outputs: new GRU(256).apply(new Embedding(graphemes.length, 256).apply(letters)) });
  const [last, state] = [Input({ shape: [1] }), Input({ shape: [256] })];
  const [output, next] = new GRU(256, { returnState: true }).apply(new Embedding(spoken.length, 256).apply(last), { initialState: state });
  const decoder = new Model({ inputs: { last, state }, outputs: { scores: new Dense(spoken.length).apply(output), next } });
  await encoder.loadWeights({ 'embedding.weight': arrays.enc_emb, ...gru('enc') }, { format: 'pytorch' });
  const fc = { 'fc.weight': arrays.fc_w, 'fc.bias': arrays.fc_b };
  await decoder.loadWeights({ 'embedding.weight': arrays.dec_emb, ...gru('dec'), ...fc }, { format: 'pytorch' });

  const ids = new Map(graphemes.map((letter, index) => [letter, index]));
  const [unknown, end, start, stop] = [ids.get('<unk>'), ids.get('</s>'), 2, 3];
  let equal = 0;
  for (const [word, expected] of Object.entries(words)) {
    const encoded = [[...word].map((letter) => ids.get(letter) ?? unknown).concat(end)];
    let states = await encoder.predict(encoded, { verbose: 0 });
    let token = start;
    const said = [];
    while (said.length < 20) {
      const { scores, next: after } = await decoder.predict({ last: [[token]], state: states }, { verbose: 0 });
      token = scores.data.indexOf(Math.max(...scores.data));
      if (token === stop) break;
      said.push(spoken[token] ?? '<unk>');
      states = after;
    }
    if (said.join(' ') === expected.join(' ')) equal++;
    else console.log(`  ${word}: ${said.join(' ')}, expected ${expected.join(' ')}`);
  }
  const count = Object.keys(words).length;
  console.log(`g2p_en: ${equal} of ${count} words have the same phonemes`);
  return equal === count;
}

/** The three LSTMs of resemblyzer, which tell voices apart. */
async function voices(place) {
  const out = join(folder, 'voices.json');
  const model = new Sequential([
    new LSTM(256, { returnSequences: true, inputShape: [null, 40] }),
    new LSTM(256, { returnSequences: true }),
    new LSTM(256),
    new Dense(256, { activation: 'relu' }),
  ]);
  const before = await model.loadWeights(join(place, 'resemblyzer', 'pretrained.pt')).catch((error) => error.message);
  if (!String(before).includes('the format of PyTorch before 1.6')) throw new Error(`the package's file was not refused: ${before}`);
  await outputOf(python, [script, 'voices', place, out]);
  const names = { lstm: ['lstm', 'lstm_1', 'lstm_2'], linear: 'dense' };
  const { missing, unexpected } = await model.loadWeights(join(folder, 'voices.pt'), { names, skipMismatch: true });
  const { mels, embeddings } = readJSON(out);
  const { data } = await model.predict(floats(mels), { verbose: 0 });
  const normed = data.map(
    (value, index) => value / Math.hypot(...data.subarray(256 * Math.floor(index / 256), 256 * Math.floor(index / 256) + 256)),
  );
  const difference = largest(normed, embeddings.data);
  console.log(
    `resemblyzer: ${embeddings.shape[0]} embeddings, largest difference ${difference.toExponential(1)}; no layer takes ${unexpected.join(', ')}`,
  );
  return difference < 1e-5 && missing.length === 0;
}

/** PyTorch loads what saveWeights writes. */
async function written(_place) {
  const place = join(folder, 'written');
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  const cells = { LSTM, GRU, RNN: SimpleRNN };
  for (const [cell, Cell] of Object.entries(cells)) {
    for (const bias of [true, false]) {
      setRandomSeed(cell.length);
      const recurrent = () => new Bidirectional(new Cell(5, { returnSequences: true, useBias: bias }));
      const layers = [
        new Embedding(7, 3, { inputShape: [6] }),
        new Conv1D(4, 3, { padding: 'same' }),
        new BatchNormalization({ epsilon: 1e-5 }),
        recurrent(),
        recurrent(),
        new LayerNormalization({ epsilon: 1e-5 }),
        new Dense(2),
      ];
      const model = new Sequential(layers);
      const values = ({ shape, name }, index) => {
        const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => Math.sin(at + 3 * index));
        return { shape, data: name === 'movingVariance' ? data.map((value) => value + 2) : data };
      };
      model.setWeights(model.weights.map(values));
      const ids = { shape: [2, 6], data: Int32Array.of(0, 1, 2, 3, 4, 5, 6, 5, 3, 1, 1, 0) };
      const { data } = await model.predict(ids, { verbose: 0 });
      const names = {
        conv: 'conv1d',
        bn: 'batch_normalization',
        rnn: ['bidirectional', 'bidirectional_1'],
        norm: 'layer_normalization',
        fc: 'dense',
      };
      const file = join(place, `${cell}${bias ? '' : '-without-bias'}`);
      await model.saveWeights(`${file}.safetensors`, { format: 'pytorch', names });
      writeFileSync(`${file}.json`, JSON.stringify({ cell, bias, ids: { shape: ids.shape, data: [...ids.data] }, outputs: [...data] }));
    }
  }
  console.log(await outputOf(python, [script, 'written', place]));
  return true;
}

let failed = 0;
let skipped = 0;
let passed = 0;
const CHECKS = [
  { name: 'g2p_en', check: phonemes, needed: ['numpy'], version: '2.1.0' },
  { name: 'resemblyzer', check: voices, needed: ['torch'], version: '0.1.4' },
  { name: 'files of Backtime in PyTorch', check: written, needed: ['torch', 'safetensors'], version: null },
];
for (const { name, check, needed, version } of CHECKS) {
  console.log(`${name} …`);
  const missing = needed.filter((module) => !has(module));
  const place = version === null || missing.length > 0 ? null : await fetched(name, version);
  if (missing.length > 0 || (version !== null && place === null)) {
    console.log(`SKIPPED ${name}: ${missing.length > 0 ? `${python} has no ${missing.join(', ')}` : 'no registry has the package'}`);
    skipped++;
    continue;
  }
  if (await check(place)) passed++;
  else failed++;
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
