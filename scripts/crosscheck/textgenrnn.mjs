// Runs the network of textgenrnn, a package of PyPI, in Backtime, and compares with numpy.
// `npm run crosscheck` runs it, or:
//   PYTHON=/path/to/venv/bin/python node scripts/crosscheck/textgenrnn.mjs
// The Python needs numpy and h5py. The package is downloaded to .tools/crosscheck, and never
// installed; without a registry the check is skipped. Needs dist/.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Concatenate, CustomLayer, Dense, Embedding, Input, LSTM, Model, ops } from '../../dist/node.js';
import { ask, outputOf, root } from '../process.mjs';

const VERSION = '2.0.0';
const python = process.env.PYTHON ?? 'python3';
const script = join(root, 'scripts', 'crosscheck', 'textgenrnn.py');
const folder = join(root, '.tools', 'crosscheck', 'textgenrnn');

/** The average of the steps, weighted by a softmax of a learned product. */
class AttentionWeightedAverage extends CustomLayer {
  static className = 'AttentionWeightedAverage';

  /** @override */
  build([, features]) {
    this.weight = this.addWeight({ name: 'W', shape: [features, 1], initializer: 'zeros' });
  }

  /** @override */
  call(x) {
    const logits = ops.matmul(x, this.weight);
    const scores = ops.exp(ops.subtract(logits, ops.max(logits, { axis: 1, keepDims: true })));
    const total = ops.add(ops.sum(scores, { axis: 1, keepDims: true }), 1e-7);
    return ops.sum(ops.multiply(x, ops.divide(scores, total)), { axis: 1 });
  }
}

function network(characters) {
  const ids = Input({ shape: [40] });
  const embedded = new Embedding(characters, 100, { name: 'embedding' }).apply(ids);
  const first = new LSTM(128, { returnSequences: true, name: 'rnn_1' }).apply(embedded);
  const second = new LSTM(128, { returnSequences: true, name: 'rnn_2' }).apply(first);
  const average = new AttentionWeightedAverage({ name: 'attention' }).apply(new Concatenate().apply([embedded, first, second]));
  return new Model({ inputs: ids, outputs: new Dense(characters, { activation: 'softmax', name: 'output' }).apply(average) });
}

/** Downloads the package and unpacks it. @returns whether there is a registry */
async function fetched() {
  mkdirSync(folder, { recursive: true });
  const options = ['--no-deps', '--no-binary=:all:', '--quiet', '--disable-pip-version-check', '--dest', folder];
  try {
    await outputOf(python, ['-m', 'pip', 'download', ...options, `textgenrnn==${VERSION}`]);
  } catch (error) {
    console.log(String(error.message).trim().split('\n').at(-1));
    return false;
  }
  const archive = readdirSync(folder).find((name) => name.endsWith('.tar.gz'));
  await outputOf(python, ['-c', 'import sys,tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])', join(folder, archive), folder]);
  return true;
}

async function check() {
  const out = join(folder, 'expected.json');
  await outputOf(python, [script, folder, out]);
  const { vocabulary, ids, probabilities, text } = JSON.parse(readFileSync(out, 'utf8'));
  const model = network(Object.keys(vocabulary).length + 1);
  const file = join(folder, `textgenrnn-${VERSION}`, 'textgenrnn', 'textgenrnn_weights.hdf5');
  const { missing, unexpected } = await model.loadWeights(file, { format: 'keras', byName: true });
  if (missing.length + unexpected.length > 0) throw new Error(`weights without a place: ${[...missing, ...unexpected].join(', ')}`);
  const { data } = await model.predict(ids, { verbose: 0 });
  const difference = probabilities.reduce((most, value, index) => Math.max(most, Math.abs(data[index] - value)), 0);

  const characters = new Map(Object.entries(vocabulary).map(([character, id]) => [id, character]));
  const written = ['<s>'];
  while (written.length < text.length) {
    const last = written.slice(-40).map((character) => vocabulary[character] ?? 0);
    const { data: next } = await model.predict([[...new Array(40 - last.length).fill(0), ...last]], { verbose: 0 });
    written.push(characters.get(next.indexOf(Math.max(...next))) ?? '');
  }
  const isSame = written.join('') === text.join('');
  console.log(`textgenrnn: probabilities differ by ${difference.toExponential(1)}; it writes '${written.slice(1).join('')}'`);
  if (!isSame) console.log(`  expected '${text.slice(1).join('')}'`);
  return difference < 1e-5 && isSame;
}

console.log('textgenrnn …');
const lacks = ['numpy', 'h5py'].filter((name) => ask(python, ['-c', `import ${name}`]) === undefined);
if (lacks.length > 0 || !(await fetched()))
  console.log(`SKIPPED textgenrnn: ${lacks.length > 0 ? `${python} has no ${lacks.join(', ')}` : 'no registry has the package'}`);
else process.exitCode = (await check()) ? 0 : 1;
