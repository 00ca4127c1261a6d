// The modules that Node loads when a program first uses them, and without waiting: V8 takes a
// millisecond to parse 40 kB, and most programs use few of the package's classes and functions. In
// their place the file that loads at once, the library, has a call for each function and a proxy
// for each class (ts/core/laterCode.ts). Their files are CommonJS, which every runtime and test
// runner loads without waiting. Each is a function of the library.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Names a module of these calls and proxies. */
const PLACE = '\0later-place:';

/** Names a file that loads later. */
const FILE = '\0later-file:';

/** Names a module that gives the library to these files. */
const LIBRARY = '\0later-library';

/** Names what has all these files at once. */
const WHOLE = '\0later-whole';

/**
 * @param {object} options
 * @param {string} options.sources The folder of the modules.
 * @param {string} options.entry The module whose imports load at once.
 * @param {readonly string[]} options.entries Other modules that programs import.
 * @param {Readonly<Record<string, readonly string[]>>} options.files The files that load later, and the modules that they begin
 *   with. What only these import comes with them.
 * @param {string} options.library The name of the file that loads at once.
 * @param {typeof import('rolldown/parseAst').parseAst} options.parse
 */
export function laterModules({ sources, entry, entries, files, library, parse }) {
  const fileOf = new Map(Object.entries(files).flatMap(([file, modules]) => modules.map((name) => [join(sources, `${name}.ts`), file])));
  const texts = new Map();
  const textOf = (path) => texts.get(path) ?? texts.set(path, readFileSync(path, 'utf8')).get(path);
  const bodies = new Map();
  const bodyOf = (path) => bodies.get(path) ?? bodies.set(path, parse(textOf(path), { lang: 'ts' }).body).get(path);
  const importsOf = (path) =>
    bodyOf(path).flatMap(({ source, importKind, exportKind }) =>
      source && importKind !== 'type' && exportKind !== 'type' ? [source.value] : [],
    );
  const laterImportsOf = (path) => [...textOf(path).matchAll(/\bimport\('([^']*)'\)/g)].map(([, specifier]) => specifier);

  /**
   * Modules, and what they import.
   * @param {readonly string[]} paths
   * @param {(path: string) => readonly string[]} specifiersOf
   * @param {(path: string) => boolean} isLeft Which modules are left out, with what only these import.
   */
  function reach(paths, specifiersOf, isLeft) {
    const found = new Set();
    const waiting = [...paths];
    for (const path of waiting) {
      if (found.has(path) || isLeft(path)) continue;
      found.add(path);
      for (const specifier of specifiersOf(path)) if (specifier.startsWith('.')) waiting.push(resolve(dirname(path), specifier));
    }
    return found;
  }
  const ofEntry = reach([entry], importsOf, () => false);
  // Also what import() loads: a file that may be needed without waiting must not load with it.
  const needed = reach(
    [entry, ...entries],
    (path) => [...importsOf(path), ...laterImportsOf(path)],
    (path) => fileOf.has(path),
  );
  const isLater = (path) => ofEntry.has(path) && !needed.has(path);
  for (const path of fileOf.keys())
    if (!ofEntry.has(path)) throw new Error(`scripts/bundle.mjs: ${relative(sources, path)} loads later, but nothing of Node loads it`);

  /** The functions and classes that a module exports: their names and declarations. */
  function exportsOf(path) {
    const found = new Map();
    for (const { type, exportKind, source, declaration, specifiers } of bodyOf(path)) {
      if (type !== 'ExportNamedDeclaration' || exportKind === 'type') continue;
      if (source) {
        const declarations = exportsOf(resolve(dirname(path), source.value));
        for (const { local, exported } of specifiers)
          if (declarations.has(local.name)) found.set(exported.name, declarations.get(local.name));
      } else if (declaration?.type === 'FunctionDeclaration' || declaration?.type === 'ClassDeclaration')
        found.set(declaration.id.name, declaration);
    }
    return found;
  }

  const names = Object.keys(files).map(nameOf);
  const loader = JSON.stringify(join(sources, 'core', 'laterCode.ts'));

  function placeText(path) {
    const file = JSON.stringify(nameOf(fileOf.get(path)));
    // Other values have no place: what imports one at once does not build.
    const lines = [...exportsOf(path)].map(([name, { type, params }]) => {
      const code = `${file}, ${JSON.stringify(name)}`;
      if (type === 'ClassDeclaration') return `export const ${name} = /* @__PURE__ */ laterClass(${code});`;
      const given = params.map((param, index) => `${param.type === 'RestElement' ? '...' : ''}given${index}`);
      // Its `length` counts the parameters before the first with a default.
      const taken = given.map((each, index) => (params[index].type === 'AssignmentPattern' ? `${each} = undefined` : each));
      return `export function ${name}(${taken}) { return laterCode(${code})(${given}); }`;
    });
    return [`import ${JSON.stringify(LIBRARY)};`, `import { laterClass, laterCode } from ${loader};`, ...lines].join('\n');
  }

  function fileText(file) {
    const lines = new Map();
    for (const [path, of] of fileOf) {
      if (of !== file) continue;
      for (const name of exportsOf(path).keys()) {
        if (lines.has(name)) throw new Error(`scripts/bundle.mjs: two modules of ${file} export ${name}, one is ${path}`);
        lines.set(name, `export { ${name} } from ${JSON.stringify(path)};`);
      }
    }
    return [...lines.values()].join('\n');
  }

  const libraryText = [
    `import * as library from './${library}';`,
    `import { provideLibrary } from ${loader};`,
    'provideLibrary(library);',
  ].join('\n');

  const wholeText = [
    `import { provideFile } from ${loader};`,
    ...names.map((name, index) => `import file${index} from './${name}';`),
    ...names.map((name, index) => `provideFile('${name}', file${index});`),
    `export * from ${JSON.stringify(entry)};`,
  ].join('\n');

  /** What a module that is not in ts/ has as its text. */
  function textOfModule(id) {
    if (id === LIBRARY) return libraryText;
    if (id === WHOLE) return wholeText;
    if (id.startsWith(PLACE)) return placeText(id.slice(PLACE.length));
    return id.startsWith(FILE) ? fileText(id.slice(FILE.length)) : null;
  }

  /**
   * Makes a CommonJS module of an ES module: a function of the library, and of what gives such
   * files. Lines stay.
   */
  function asFunction(text) {
    const pieces = [];
    let end = 0;
    for (const statement of /** @type {any[]} */ (parse(text).body)) {
      const { type, source, declaration, specifiers } = statement;
      if (type !== 'ImportDeclaration' && type !== 'ExportNamedDeclaration') continue;
      if (declaration || (type === 'ExportNamedDeclaration' && source))
        throw new Error('scripts/laterModules.mjs: expected a list of exports');
      const pairs = (of, as) => specifiers.map((each) => `${each[of].name}: ${each[as].name}`).join(', ');
      const from = source?.value.slice(2);
      if (source && from !== library && !names.includes(from))
        throw new Error(`scripts/bundle.mjs: files that load later share ${from}: put what imports it into one of them`);
      const file = source && (from === library ? 'library' : `codeOf(${JSON.stringify(from)})`);
      pieces.push(text.slice(end, statement.start));
      pieces.push(file ? `const { ${pairs('imported', 'local')} } = ${file};` : `return { ${pairs('exported', 'local')} }; });`);
      end = statement.end;
    }
    // In parentheses, V8 parses a function once.
    return `module.exports = (function (library, codeOf) { "use strict"; ${pieces.join('')}${text.slice(end)}`;
  }

  return {
    /** Whether a module is of the library. */
    isAtOnce: (path) => path === LIBRARY || (path !== entry && ofEntry.has(path) && needed.has(path)),
    /** The entries for a bundler: the files that load later, by their names. */
    input: Object.fromEntries(Object.keys(files).map((file) => [nameOf(file), FILE + file])),
    /** The entry of what has all files at once. */
    whole: WHOLE,
    /** @type {import('rolldown').Plugin} */
    plugin: {
      name: 'later-modules',
      resolveId(source, importer) {
        if (source === LIBRARY || source === WHOLE || source.startsWith(FILE)) return source;
        if (importer === LIBRARY || importer === WHOLE) return source.startsWith('./') ? { id: source, external: true } : null;
        if (!importer || importer.startsWith(FILE) || !source.startsWith('.') || isLater(importer)) return null;
        const path = resolve(dirname(importer), source);
        return fileOf.has(path) ? PLACE + path : null;
      },
      load(id) {
        const code = textOfModule(id);
        return code === null ? null : { code, moduleType: 'js', moduleSideEffects: id === LIBRARY || id === WHOLE };
      },
    },
    /** Makes the files that a bundler wrote as ES modules what they are to be. */
    finish(folder) {
      for (const name of names) {
        const path = join(folder, name);
        writeFileSync(path, asFunction(readFileSync(path, 'utf8')));
      }
    },
  };
}

/** The name of a file that loads later. */
const nameOf = (file) => `${file}.node.cjs`;
