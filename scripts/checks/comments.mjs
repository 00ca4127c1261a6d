// Comments end at column 100, where they are read beside code. Code may be wider (biome.json).
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../process.mjs';
import { report } from './outcome.mjs';

const WIDTH = 100;
const SOURCE = /\.(ts|tsx|mts|mjs|js|rs)$/;
const LINE_COMMENT = /^\s*\/\/[/!]?(.*)$/;
// A line inside a comment of several lines.
const BLOCK_LINE = /^\s*\*(?!\/)(.*)$/;
/** What cannot be broken: a type, and one reference. */
const UNBREAKABLE = /\{[^{}]*(\{[^{}]*\}[^{}]*)*\}|`[^`]*`|https?:\/\/\S+/g;

/** Equations, rows of tables and directives keep their line. @param {string} content */
const isOneLine = (content) => /^ {5}| {4}\S+ {2,}\S/.test(content) || /^\s*(\||biome-ignore|@ts-)/.test(content);

/**
 * The lines of comments that are too wide.
 *
 * @param {string} text A source file in TypeScript, JavaScript or Rust.
 * @returns {number[]} Their numbers, from 1.
 */
export function wideComments(text) {
  /** @type {number[]} */
  const wide = [];
  let isInBlock = false;
  for (const [index, line] of text.split('\n').entries()) {
    const starts = /^\s*\/\*\*/.test(line);
    const content = starts ? line : (isInBlock ? BLOCK_LINE : LINE_COMMENT).exec(line)?.[1];
    isInBlock = (isInBlock || starts) && !line.includes('*/');
    if (content === undefined || line.length <= WIDTH || isOneLine(content)) continue;
    if (starts || line.replaceAll(UNBREAKABLE, '').length + 10 > WIDTH || !/[{`]|https?:/.test(line)) wide.push(index + 1);
  }
  return wide;
}

/** Every source file of the project. */
export const narrowComments = () =>
  report('comments', () => {
    const { stdout } = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
    const files = stdout.split('\n').filter((file) => SOURCE.test(file) && !file.includes('.generated.') && existsSync(join(root, file)));
    const wide = files.flatMap((file) => wideComments(readFileSync(join(root, file), 'utf8')).map((line) => `${file}:${line}`));
    if (wide.length > 0) throw new Error(`break these comments at column ${WIDTH}:\n  ${wide.join('\n  ')}`);
    return `${files.length} files`;
  });

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = (await narrowComments()).failed === 0 ? 0 : 1;
