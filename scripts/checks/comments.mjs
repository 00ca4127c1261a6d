// Comments end at column 100, where they are read beside code. Code may be wider (biome.json).
// A tag `@throws` names one class, at its beginning: there the API reference and editors look.
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

const DOC_COMMENT = /\/\*\*[\s\S]*?\*\//g;
/** A tag `@throws`, until the next tag or the end of the comment. */
const THROWS = /@throws\b(?:(?!\n\s*\*\s*@|@throws\b|\*\/)[\s\S])*/g;
const NAMED_CLASS = /^@throws \{\w+\}/;
const OTHER_CLASS = /\{(?!@link\b)[\w |]+\}/;

/**
 * The tags `@throws` that name several classes, or one behind other words.
 *
 * @param {string} text A source file in TypeScript or JavaScript.
 * @returns {number[]} Their lines, from 1.
 */
export function unclearThrows(text) {
  return Array.from(text.matchAll(DOC_COMMENT)).flatMap((comment) =>
    Array.from(comment[0].matchAll(THROWS))
      .filter(([tag]) => OTHER_CLASS.test(tag.replace(NAMED_CLASS, '')) || /^@throws \{\w+\},? (or )?\{@link \w+Error\}/.test(tag))
      .map((tag) => text.slice(0, comment.index + tag.index).split('\n').length),
  );
}

/** Every source file of the project. */
export const tidyComments = () =>
  report('comments', () => {
    const { stdout } = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
    const files = stdout.split('\n').filter((file) => SOURCE.test(file) && !file.includes('.generated.') && existsSync(join(root, file)));
    const placesOf = (find) => files.flatMap((file) => find(readFileSync(join(root, file), 'utf8')).map((line) => `${file}:${line}`));
    const wide = placesOf(wideComments);
    if (wide.length > 0) throw new Error(`break these comments at column ${WIDTH}:\n  ${wide.join('\n  ')}`);
    const unclear = placesOf(unclearThrows);
    if (unclear.length > 0) throw new Error(`begin each of these @throws with one class, @throws {X} when …:\n  ${unclear.join('\n  ')}`);
    return `${files.length} files`;
  });

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = (await tidyComments()).failed === 0 ? 0 : 1;
