import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { RandomSequence } from '../../ts/core/random.ts';

const PROGRAM = fileURLToPath(new URL('../support/killedProgram.mjs', import.meta.url));

interface Settings {
  readonly workers: number;
  readonly saveFreq: 'epoch' | number;
  readonly backend: 'wasm' | 'reference';
}

/** What a run ended with. */
interface Ended {
  /** How many moments it went through. */
  readonly moments: number;
  /** The weights, the optimizer, and what the callbacks have written. */
  readonly after: object;
  readonly history: Readonly<Record<string, number[]>>;
  readonly epoch: readonly number[];
}

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'backtime-killed-'));
});
afterEach(() => rm(root, { recursive: true }));

/** An empty folder for a run and those that continue it. */
const folderFor = async (name: string): Promise<string> => mkdtemp(join(root, `${name}-`));

/** Runs the program until it ends, or until it kills itself: then the result is null. */
async function run(settings: Settings, folder: string, killAt: number | null): Promise<Ended | null> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify({ ...settings, folder, killAt })], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    errors += text;
  });
  const signal = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, by) => (code === 0 || by !== null ? resolve(by) : reject(new Error(errors))));
  });
  if (signal === null) return JSON.parse(output) as Ended;
  expect(signal).toBe('SIGKILL');
  return null;
}

const SETTINGS: readonly Settings[] = [
  { workers: 0, saveFreq: 'epoch', backend: 'wasm' },
  { workers: 0, saveFreq: 3, backend: 'wasm' },
  { workers: 0, saveFreq: 1, backend: 'reference' },
  { workers: 1, saveFreq: 3, backend: 'wasm' },
  { workers: 2, saveFreq: 'epoch', backend: 'wasm' },
  { workers: 2, saveFreq: 3, backend: 'wasm' },
];

/** How many moments each of the settings is killed at: 24 in all. */
const KILLS = 4;

test.each(SETTINGS)(
  'a run that is killed at any moment continues and ends with the same bits: $workers workers, saveFreq $saveFreq, $backend',
  async (settings) => {
    expect(inject('distIsCurrent'), 'dist/ must be current: node scripts/build.mjs').toBe(true);
    const whole = (await run(settings, await folderFor('whole'), null)) as Ended;
    expect(whole.epoch).toEqual([0, 1, 2, 3, 4]);
    const draws = new RandomSequence(7, SETTINGS.indexOf(settings));
    // The first in each quarter of the run, so that the beginning and the end are among them.
    const kills = Array.from({ length: KILLS }, (_, part) => Math.floor(((part + draws.uniform()) / KILLS) * whole.moments)).map(
      (first) => [first, Math.floor(draws.uniform() * whole.moments)] as const,
    );
    // Side by side, because a run spends much of its time waiting for the disk.
    await Promise.all(
      kills.map(async ([first, second]) => {
        const folder = await folderFor(String(first));
        expect(await run(settings, folder, first), `killed at moment ${first} of ${whole.moments}`).toBeNull();
        // Killed once more, unless it ends before.
        const ended = (await run(settings, folder, second)) ?? ((await run(settings, folder, null)) as Ended);
        const where = `killed at moments ${first} and ${second}`;
        expect(ended.after, where).toEqual(whole.after);
        for (const [name, values] of Object.entries(ended.history))
          expect(values, `${name}, ${where}`).toEqual(whole.history[name]?.slice(whole.epoch.length - values.length));
        expect(ended.epoch, where).toEqual(whole.epoch.slice(whole.epoch.length - ended.epoch.length));
      }),
    );
  },
  300_000,
);
