import { philox4x32 } from '../../core/random.ts';
import type { RandomNormalArguments, RandomUniformArguments } from '../kernels.generated.ts';

/**
 * The random numbers of the kernels: element e takes word `e mod 4` of the block that Philox4x32
 * makes from the key `[seedLow, seedHigh]` and the counter
 * `[floor(e / 4), round, subsequence, purpose]`. `crate/src/random/mod.rs` has the layout with its
 * reasons; both must draw the same.
 */
export interface RandomKey {
  readonly seedLow: number;
  readonly seedHigh: number;
  /** Tells apart the sequences of one seed. */
  readonly subsequence: number;
}

/** Last word of the counter: keeps the uses of one subsequence apart. */
export const PURPOSE = { uniform: 0, normal: 1, truncatedNormal: 2, dropout: 3, noise: 4 } as const;

const counter = new Uint32Array(4);
const key = new Uint32Array(2);

/** Fills `words` with block `block`. */
export function drawBlock(
  { seedLow, seedHigh, subsequence }: RandomKey,
  purpose: number,
  round: number,
  block: number,
  words: Uint32Array,
): void {
  key[0] = seedLow;
  key[1] = seedHigh;
  counter[0] = block;
  counter[1] = round;
  counter[2] = subsequence;
  counter[3] = purpose;
  philox4x32(counter, key, words);
}

/** The upper 24 bits of a word as a number in 0 <= u < 1. */
function fraction(word: number): number {
  return (word >>> 8) / 0x1000000;
}

const words = new Uint32Array(4);

/** `y[i]` uniform in `low..high`. */
export function randomUniform(args: RandomUniformArguments<Float64Array>): void {
  const { count, low, high, y } = args;
  for (let i = 0; i < count; i++) {
    if (i % 4 === 0) drawBlock(args, PURPOSE.uniform, 0, i / 4, words);
    y[i] = low + (high - low) * fraction(words[i % 4]);
  }
}

/** `y[i]` normal; with `truncated`, what is beyond two standard deviations is drawn again. */
export function randomNormal(args: RandomNormalArguments<Float64Array>): void {
  const { count, mean, standardDeviation, truncated, y } = args;
  for (let start = 0; start < count; start += 4) {
    const inBlock = Math.min(4, count - start);
    drawNormals(args, truncated ? PURPOSE.truncatedNormal : PURPOSE.normal, 0, start / 4);
    if (truncated) redrawTails(args, start / 4, inBlock);
    for (let lane = 0; lane < inBlock; lane++) y[start + lane] = mean + standardDeviation * normals[lane];
  }
}

/**
 * `y[i]` standard normal: the numbers of {@link randomNormal}, with element `[row, column]` of
 * `[rows, columns]` put at `[column, row]`.
 */
export function randomNormalTransposed(random: RandomKey, rows: number, columns: number, y: Float64Array): void {
  for (let i = 0; i < rows * columns; i++) {
    if (i % 4 === 0) drawNormals(random, PURPOSE.normal, 0, i / 4);
    y[(i % columns) * rows + Math.floor(i / columns)] = normals[i % 4];
  }
}

/** The numbers of the last block that was drawn. */
export const normals = new Float64Array(4);
const redrawn = new Float64Array(4);

/**
 * Four standard normal numbers from a block, two from each pair of words (Box and Muller 1958),
 * into `normals`.
 */
export function drawNormals(random: RandomKey, purpose: number, round: number, block: number): void {
  drawBlock(random, purpose, round, block, words);
  for (let pair = 0; pair < 4; pair += 2) {
    // The fraction can be 0, whose logarithm is not finite: shifted by its resolution it lies in 0
    // < u <= 1.
    const radius = Math.sqrt(-2 * Math.log(fraction(words[pair]) + 2 ** -24));
    const angle = 2 * Math.PI * fraction(words[pair + 1]);
    normals[pair] = radius * Math.cos(angle);
    normals[pair + 1] = radius * Math.sin(angle);
  }
}

/**
 * Replaces each of `normals` that is beyond two by the same lane of the next round in which it is
 * not.
 */
function redrawTails(random: RandomKey, block: number, count: number): void {
  redrawn.set(normals);
  for (let round = 1; hasTail(redrawn, count); round++) {
    drawNormals(random, PURPOSE.truncatedNormal, round, block);
    for (let lane = 0; lane < count; lane++) if (Math.abs(redrawn[lane]) > 2) redrawn[lane] = normals[lane];
  }
  normals.set(redrawn);
}

function hasTail(values: Float64Array, count: number): boolean {
  for (let lane = 0; lane < count; lane++) if (Math.abs(values[lane]) > 2) return true;
  return false;
}
