import { existsSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { everyBackend } from '../support/backends.ts';
import { CHAIN_MODELS, type ChainName, trainedWeights } from './chainModels.ts';
import { readGolden } from './goldenFiles.ts';

/** The bytes of each model's weights in base64, by build. */
type Pinned = Record<string, Record<ChainName, string>>;

// A change of the code above the kernels keeps these bits. A change that may alter them pins them
// anew in its own commit:
//   PIN_CHAIN_BYTES=1 node node_modules/vitest/vitest.mjs run test/golden/chainBytes
// prints the largest relative differences, which the commit's message states.
const PIN = process.env.PIN_CHAIN_BYTES === '1';
const FILE = new URL('chainBytes.json', import.meta.url);

// Fused multiply-add rounds as the machine does: relaxed SIMD has no bits that hold everywhere.
const backends = (await everyBackend()).filter(({ label }) => label !== 'relaxed-simd');
const pinned: Pinned = existsSync(FILE) ? readGolden('chainBytes') : {};

const bytesOf = (values: ArrayBufferView) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/**
 * The largest difference of two arrays of bytes of floats, relative to the largest float of the
 * second.
 */
function largestDifference(actual: Float32Array | Float64Array, before: Uint8Array): number {
  const { buffer } = before.slice();
  const expected: ArrayLike<number> = actual instanceof Float64Array ? new Float64Array(buffer) : new Float32Array(buffer);
  let scale = 0;
  let difference = 0;
  for (let index = 0; index < actual.length; index++) {
    scale = Math.max(scale, Math.abs(expected[index] as number));
    difference = Math.max(difference, Math.abs((actual[index] as number) - (expected[index] as number)));
  }
  return difference / scale;
}

for (const { label, backend } of backends) {
  test.each(Object.keys(CHAIN_MODELS) as ChainName[])(`%s has the pinned bits after training on ${label}`, async (name) => {
    const weights = await trainedWeights(name, backend);
    const before = new Uint8Array(Buffer.from(pinned[label]?.[name] ?? '', 'base64'));
    const difference = before.length === weights.byteLength ? largestDifference(weights, before) : Number.POSITIVE_INFINITY;
    if (PIN) {
      console.log(`${name} on ${label}: largest difference relative to the largest weight ${difference}`);
      const build = pinned[label] ?? ({} as Record<ChainName, string>);
      build[name] = Buffer.from(bytesOf(weights)).toString('base64');
      pinned[label] = build;
      writeFileSync(FILE, `${JSON.stringify(pinned, null, 2)}\n`);
      return;
    }
    expect(before.length, `pinned bytes of ${name} on ${label}`).toBe(weights.byteLength);
    expect(Buffer.compare(bytesOf(weights), before), `largest difference relative to the largest weight: ${difference}`).toBe(0);
  });
}
