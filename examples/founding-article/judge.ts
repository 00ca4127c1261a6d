import { readFile } from 'node:fs/promises';
import { loadModel } from 'backtime';
import { ReviewEncoder } from './reviewEncoder.ts';

const SENTENCES = [
  'A warm, funny and beautifully acted film that I will remember for a long time.',
  'The plot is a mess, the jokes are dull, and it is far too long.',
  'Not a bad idea, but too predictable to be any good.',
];

/**
 * Loads a model and its encoder from their files, as another program would, and lets them judge
 * three sentences.
 */
export async function judgeSentences(modelFile: string, encoderFile: string): Promise<string> {
  const encoder = new ReviewEncoder(JSON.parse(await readFile(encoderFile, 'utf8')));
  using model = await loadModel(modelFile);
  const probabilities = await model.predict(encoder.encode(SENTENCES));
  return SENTENCES.map((sentence, row) => {
    const positive = probabilities.data[row];
    const percent = `${(100 * positive).toFixed(1)} %`.padStart(7);
    return `${percent} positive  ${positive > 0.5 ? 'good' : 'bad '}  ${sentence}`;
  }).join('\n');
}
