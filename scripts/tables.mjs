// Marks tables of measured numbers whose sources have changed since they were measured.
//   npm run tables                       updates the marks in all pages and lists the stale tables
//   npm run tables -- measured NAME …    records that these tables hold for the present sources
//
// A table stands between two comments. The first one has its name, what its numbers depend on, each
// with a hash, the version that was measured, and the command that measures it:
//   <!-- table NAME
//   sources: crate 0123456789ab, bench/scaling.mjs 0123456789ab
//   measured: 0.2.0, commit 01234567
//   command: npm run bench -- --scaling
//   -->
//   …
//   <!-- /table -->
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './process.mjs';

const TABLE = /<!-- table (\S+)\nsources: (.*)\nmeasured: (.*)\ncommand: (.*)\n-->\n([\s\S]*?)<!-- \/table -->/g;
const MARK = /^\n> \*\*Stale\.\*\* .*\n/;

/**
 * @typedef {object} StaleTable
 * @property {string} name
 * @property {string} page
 * @property {string[]} changed The sources that are not what they were.
 * @property {string} command Measures the table.
 */

/** The pages that may hold tables, as paths from the project's folder. */
export const pages = () => [
  'README.md',
  'ARCHITECTURE.md',
  'examples/README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/**
 * Code without what changes no number: comments, empty lines and tests. Other text stays as it is.
 */
export function essence(path, text) {
  const isRust = path.endsWith('.rs');
  if (!isRust && !/\.(ts|mjs|js)$/.test(path)) return text;
  // In Rust a line of code may begin with a star, and comments are of slashes only.
  const withoutNumbers = isRust ? /^\s*(\/\/.*)?$/ : /^\s*(\/\/.*|\/\*\*.*|\*( .*|\/)?)?$/;
  const code = isRust ? text.replace(/^#\[cfg\(test\)\]\nmod \w+ \{$[\s\S]*?^\}$/gm, '') : text;
  return code
    .split('\n')
    .filter((line) => !withoutNumbers.test(line))
    .join('\n');
}

const isTest = (path) => /(^|\/)(\w+_)?tests?(\/|\.rs$)|(^|\/)testing\.rs$/.test(path);

/** The first digits of a hash over a file, or over all files of a folder that are not tests. */
export function hashOf(path, folder = root) {
  const hash = createHash('sha256');
  const add = (file) => hash.update(`${file}\0${essence(file, readFileSync(join(folder, file), 'utf8'))}\0`);
  if (!existsSync(join(folder, path))) throw new Error(`a table depends on ${path}, which does not exist`);
  if (statSync(join(folder, path)).isFile()) add(path);
  else {
    const files = readdirSync(join(folder, path), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = files.map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    );
    paths
      .filter((file) => !isTest(file))
      .sort()
      .forEach(add);
  }
  return hash.digest('hex').slice(0, 12);
}

/**
 * A page with its tables marked as they have to be.
 *
 * @param {string} page Its path, for the list and for messages.
 * @param {string} text
 * @param {{ measured?: Set<string>, hash?: (path: string) => string, version?: () => string }} [options]
 *   `measured`: tables that get the present hashes and the present version.
 * @returns {{ text: string, names: string[], stale: StaleTable[] }}
 * @throws {Error} When a comment cannot be read, or a table of numbers stands outside of them.
 */
export function markPage(page, text, { measured = new Set(), hash = hashOf, version = presentVersion } = {}) {
  const names = [];
  const stale = [];
  const marked = text.replace(TABLE, (_, name, sources, before, command, content) => {
    names.push(name);
    const recorded = sources.split(', ').map((source) => source.split(' '));
    const present = recorded.map(([path, noted]) => ({ path, noted, now: hash(path) }));
    const kept = measured.has(name) ? present.map(({ path, now }) => `${path} ${now}`).join(', ') : sources;
    const changed = measured.has(name) ? [] : present.filter(({ noted, now }) => noted !== now).map(({ path }) => path);
    if (changed.length > 0) stale.push({ name, page, changed, command });
    const mark =
      changed.length > 0
        ? `\n> **Stale.** Since these numbers were measured, ${list(changed)} changed. To measure again: ${code(command)}\n`
        : '';
    const body = `${mark}${content.replace(MARK, '')}`;
    const by = measured.has(name) ? version() : before;
    return `<!-- table ${name}\nsources: ${kept}\nmeasured: ${by}\ncommand: ${command}\n-->\n${body}<!-- /table -->`;
  });
  const opened = text.split('<!-- table ').length - 1;
  if (opened !== names.length || text.split('<!-- /table -->').length - 1 !== names.length) {
    throw new Error(`${page} has a comment of a table that cannot be read, or that is not closed`);
  }
  const unnamed = text.replace(TABLE, '').split('\n').find(isMeasuredRow);
  if (unnamed !== undefined) throw new Error(`${page} has measured numbers outside of the comments of a table:\n${unnamed}`);
  return { text: marked, names, stale };
}

/** What `npm run tables -- measured` notes: the version and the commit. */
function presentVersion() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { stdout } = spawnSync('git', ['rev-parse', '--short=8', 'HEAD'], { cwd: root, encoding: 'utf8' });
  return `${version}, commit ${stdout.trim()}`;
}

/**
 * A page for readers who do not maintain its tables: what was measured instead of what is stale.
 *
 * @param {string} text
 */
export const forReaders = (text) =>
  text.replace(TABLE, (_, _name, _sources, version, _command, content) =>
    MARK.test(content) ? content.replace(MARK, `\n> These numbers are of version ${version}. The code has changed since.\n`) : content,
  );

const code = (text) => `\`${text}\``;
const list = (paths) =>
  paths
    .map(code)
    .join(' and ')
    .replace(/ and (?=.* and )/g, ', ');

/**
 * Whether a line is a row of a table that has a time, a rate or an accuracy in a cell of its own.
 */
const isMeasuredRow = (line) =>
  line.startsWith('|') && line.split('|').some((cell) => /^\s*\d[\d.,]*\s?(µs|ms|s|GFLOP\/s|%)\s*$|^\s*0\.\d{2,}\b/.test(cell));

/**
 * Marks all pages.
 *
 * @param {Iterable<string>} [measured] Tables that get the present hashes.
 * @returns {{ changes: { page: string, text: string }[], stale: StaleTable[], names: string[] }}
 *   `changes`: pages whose marks are wrong.
 * @throws {Error} When a page cannot be read, two tables have one name, or a name of `measured` is
 *   that of none.
 */
export function markPages(measured = []) {
  const wanted = new Set(measured);
  const before = pages().map((page) => ({ page, text: readFileSync(join(root, page), 'utf8') }));
  const after = before.map(({ page, text }) => markPage(page, text, { measured: wanted }));
  const names = after.flatMap((page) => page.names);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two tables have the name ${twice}`);
  const unknown = [...wanted].find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`there is no table ${unknown}; the tables are ${names.join(', ')}`);
  return {
    changes: after.map(({ text }, index) => ({ page: before[index].page, text })).filter(({ text }, index) => text !== before[index].text),
    stale: after.flatMap((page) => page.stale),
    names,
  };
}

/** @param {StaleTable} table */
export const describeStale = ({ name, page, changed, command }) =>
  `stale  ${page}, table ${name}: ${list(changed)} changed since; ${code(command)}`;

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [command, ...names] = process.argv.slice(2);
  try {
    if (command !== undefined && (command !== 'measured' || names.length === 0))
      throw new Error('usage: npm run tables [-- measured NAME …]');
    const { changes, stale } = markPages(names);
    for (const { page, text } of changes) {
      writeFileSync(join(root, page), text);
      console.log(`wrote  ${page}`);
    }
    for (const table of stale) console.log(describeStale(table));
    if (stale.length === 0) console.log('no table is stale');
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  }
}
