import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The built command. */
export const COMMAND = fileURLToPath(new URL('../../dist/command/cli.js', import.meta.url));

/** What a command printed, and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with some files, for one test. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'backtime-command-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

interface RunOptions {
  /** Is called with all that was printed so far, and what sends signals to the process. */
  readonly watch?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void;
  /** Code that runs before the command's. */
  readonly preload?: string;
}

/** Runs the command in a folder. */
export function backtime(folder: string, args: readonly string[], { watch, preload }: RunOptions = {}): Promise<Ended> {
  const before = preload === undefined ? [] : ['--import', `data:text/javascript,${encodeURIComponent(preload)}`];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...before, COMMAND, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      watch?.(stdout, (signal) => child.kill(signal));
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** The lines of `--json`. */
export const linesOf = ({ stdout }: Ended) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown> & { event: string });

/** Reviews that a word decides. */
export function reviews(count: number): string {
  const [good, bad] = [
    ['fine', 'lovely', 'great'],
    ['dull', 'awful', 'poor'],
  ];
  const rows = Array.from({ length: count }, (_, row) => {
    const words = row % 2 === 0 ? good : bad;
    return `${row % 2 === 0 ? 'good' : 'bad'},"a ${words?.[row % 3]} film, number ${row % 7} of the year"`;
  });
  return `label,review\n${rows.join('\n')}\n`;
}

/** Series of a row each: rising or falling, from any level; the target is the class or the end. */
export function seriesRows(count: number, target: 'class' | 'number'): string {
  const rows = Array.from({ length: count }, (_, row) => {
    const slope = row % 2 === 0 ? 1 : -1;
    const level = 50 + ((row * 7) % 11);
    const steps = Array.from({ length: 6 }, (_unused, step) => level + slope * step);
    return [target === 'class' ? (slope > 0 ? 'up' : 'down') : level + 6 * slope, ...steps].join(',');
  });
  return `target,${Array.from({ length: 6 }, (_, step) => `t${step}`).join(',')}\n${rows.join('\n')}\n`;
}

/** Days with a wave of a week on a rising line. */
export function days(count: number): string {
  const rows = Array.from({ length: count }, (_, day) => {
    const date = new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10);
    return `${date},${(100 + day / 10 + 5 * Math.sin((2 * Math.PI * day) / 7)).toFixed(3)}`;
  });
  return `day,sales\n${rows.join('\n')}\n`;
}

/** Words in sentences, of which each always has one tag. */
export function taggedWords(sentences: number): string {
  const words = { the: 'DET', a: 'DET', dog: 'NOUN', cat: 'NOUN', runs: 'VERB', sleeps: 'VERB' };
  const rows = Array.from({ length: sentences }, (_, sentence) => {
    const chosen = [sentence % 2 === 0 ? 'the' : 'a', sentence % 3 === 0 ? 'dog' : 'cat', sentence % 5 < 2 ? 'runs' : 'sleeps'] as const;
    return chosen.map((word) => `${sentence},${word},${words[word]}`).join('\n');
  });
  return `sentence,word,tag\n${rows.join('\n')}\n`;
}

/** Months with a season of a year, on the last day of each, in two columns of different sizes. */
export function months(count: number): string {
  const rows = Array.from({ length: count }, (_, month) => {
    const date = new Date(Date.UTC(2000, month + 1, 0)).toISOString().slice(0, 10);
    const season = Math.sin((2 * Math.PI * month) / 12);
    return `${date},${(1000 + 100 * season + ((month * 37) % 11)).toFixed(2)},${(2 - season / 10 + ((month * 53) % 7) / 500).toFixed(4)}`;
  });
  return `month,passengers,price\n${rows.join('\n')}\n`;
}
