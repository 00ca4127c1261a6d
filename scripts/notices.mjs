// Makes THIRD_PARTY_NOTICES.md: whose code, beside Backtime's own, is in the package's WebAssembly
// modules and JavaScript, with the texts of their licences. Read from the lock file, the packages
// and a bundle that is not written, so nothing has to be built. `node scripts/notices.mjs` writes
// the file; the check `notices` fails when the committed one is stale.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundledPackages } from './bundle.mjs';
import { outputOf, root } from './process.mjs';
import { runScript, SetUpError } from './steps.mjs';
import { findToolchain, pinnedToolchain, WASM_TARGET } from './toolchain.mjs';

/** The committed file. */
export const noticesFile = join(root, 'THIRD_PARTY_NOTICES.md');

const HEAD = `# Third-party notices

Backtime's own licence is in LICENSE. Its package also contains code of the projects below, under their licences.
\`scripts/notices.mjs\` wrote this file.
`;

/** The copyrights that the licence of libm names. */
const LIBM = `libm, in compiler-builtins:
Copyright (c) 2018 Jorge Aparicio
of musl libc: Copyright © 2005-2020 Rich Felker, et al.
of its mathematical functions:
Copyright © 1993,2004 Sun Microsystems or
Copyright © 2003-2011 David Schultz or
Copyright © 2003-2009 Steven G. Kargl or
Copyright © 2003-2009 Bruce D. Evans or
Copyright © 2008 Stephen L. Moshier or
Copyright © 2017-2018 Arm Limited
and of the CORE-MATH project, Copyright (c) Alexei Sibidanov and others`;

/**
 * @typedef {object} Notice
 * @property {string} name
 * @property {string} version
 * @property {string} license As an SPDX expression.
 * @property {string} [url]
 * @property {string[]} texts
 */

/**
 * The crates that are linked into the modules: no macros, which run in the compiler, and nothing
 * that only they need.
 * @returns {Promise<Notice[]>}
 */
async function linkedCrates() {
  const args = ['metadata', '--format-version', '1', '--locked', '--filter-platform', WASM_TARGET];
  const { packages, resolve } = JSON.parse(await outputOf('cargo', args, { env: findToolchain().env }));
  const packageOf = new Map(packages.map((entry) => [entry.id, entry]));
  const nodeOf = new Map(resolve.nodes.map((node) => [node.id, node]));
  const isMacro = (id) => packageOf.get(id).targets.some(({ kind }) => kind.includes('proc-macro'));
  const linked = new Set();
  const visit = (id) => {
    if (linked.has(id) || isMacro(id)) return;
    linked.add(id);
    for (const { pkg, dep_kinds: kinds } of nodeOf.get(id).deps) if (kinds.some(({ kind }) => kind === null)) visit(pkg);
  };
  for (const { id } of resolve.nodes) if (packageOf.get(id).source === null) visit(id);
  return [...linked]
    .map((id) => packageOf.get(id))
    .filter(({ source }) => source !== null)
    .map(({ name, version, license, repository, manifest_path: manifest }) => ({
      name,
      version,
      license,
      url: repository,
      texts: licenseTexts(dirname(manifest)),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The texts in a package's folder. Of those to choose from, `LICENSE-MIT` and `LICENSE-APACHE`, the
 * shorter.
 */
function licenseTexts(folder) {
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
  const chosen = files.filter((name) => !(/apache/i.test(name) && files.some((other) => /mit/i.test(other))));
  if (chosen.length === 0 && existsSync(join(folder, 'dist', 'esm'))) return headerTexts(join(folder, 'dist', 'esm'));
  if (chosen.length === 0) throw new SetUpError(`${folder} has no licence file; add its text to scripts/notices.mjs`);
  return chosen.sort().map((name) => readFileSync(join(folder, name), 'utf8').trim());
}

/**
 * The different comments at the heads of a package's modules, for a package without a licence file.
 * They name the Apache licence, whose text the file has with other packages.
 */
function headerTexts(folder) {
  const modules = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  const header = (name) =>
    /^(\/\/.*\n)+/
      .exec(readFileSync(join(folder, name), 'utf8'))?.[0]
      .replaceAll(/^\/\/ ?/gm, '')
      .trim();
  const texts = [...new Set(modules.sort().map(header))].filter((text) => text !== undefined);
  return texts.filter((text) => !texts.some((other) => other !== text && text.startsWith(other)));
}

/** The packages of npm that are bundled into dist/. @returns {Promise<Notice[]>} */
async function bundled() {
  return (await bundledPackages()).map((name) => {
    const folder = join(root, 'node_modules', name);
    const { version, license, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const url = (typeof repository === 'string' ? repository : repository?.url)?.replace(/^git\+|\.git$/g, '');
    return { name, version, license, url, texts: licenseTexts(folder) };
  });
}

/**
 * What the compiler brings: parts of `core`, `alloc` and `std`, their Unicode tables, and of
 * `compiler-builtins` the mathematical functions, which come from musl. (What comes from LLVM may
 * be embedded in programs without a notice, by its licence's exception.)
 *
 * @param {Notice[]} crates Of which one has the text of Unicode's licence.
 * @returns {Notice}
 */
function standardLibrary(crates) {
  const own = readFileSync(join(root, 'LICENSE'), 'utf8');
  const mit = own.slice(own.indexOf('Permission is hereby granted')).trim();
  const unicode = crates.flatMap(({ texts }) => texts).find((text) => text.startsWith('UNICODE LICENSE V3'));
  if (unicode === undefined)
    throw new SetUpError('no linked crate has the text of the Unicode licence any more; add it to scripts/notices.mjs');
  return {
    name: "Rust's standard library",
    version: pinnedToolchain().version,
    license: '(MIT OR Apache-2.0) AND Unicode-3.0 AND MIT',
    url: 'https://github.com/rust-lang/rust/tree/HEAD/library',
    texts: [`Copyright (c) The Rust Project Developers (https://thanks.rust-lang.org)\n\n${mit}`, `${LIBM}\n\n${mit}`, unicode],
  };
}

/** @param {Notice} notice */
const section = ({ name, version, license, url, texts }) =>
  [`### ${name} ${version}`, `${license}${url ? `, ${url}` : ''}`, ...texts.map((text) => `\`\`\`text\n${text}\n\`\`\``)].join('\n\n');

/** The text that the file must have. */
export async function thirdPartyNotices() {
  const crates = await linkedCrates();
  const modules = [standardLibrary(crates), ...crates];
  const parts = [
    HEAD.trim(),
    '## In the WebAssembly modules (`dist/generated`)',
    ...modules.map(section),
    '## In the JavaScript (`dist`)',
    ...(await bundled()).map(section),
  ];
  return `${parts.join('\n\n').replaceAll('\r\n', '\n')}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  await runScript(async () => writeFileSync(noticesFile, await thirdPartyNotices()));
