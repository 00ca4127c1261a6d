// The public API as text, a declaration a line, whose diff is read in reviews.
//   node site/apiText.mjs            writes docs/api.txt
//   node site/apiText.mjs --check    fails where docs/api.txt is not what the types of dist/ say
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const FILE = join(root, 'docs', 'api.txt');
/** The entries of package.json, and their types. */
const ENTRIES = [
  ['backtime', 'dist/index.d.ts'],
  ['backtime/formats', 'dist/formats/entry.d.ts'],
  ['backtime/inference', 'dist/inference.d.ts'],
  ['backtime/training', 'dist/training.d.ts'],
  ['backtime/worker', 'dist/worker/entry.d.ts'],
];
const FLAGS = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseSingleQuotesForStringLiteralType;

/** @param {ts.TypeChecker} checker @param {ts.Symbol} exported */
function linesOf(checker, exported) {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const declaration = symbol.declarations?.[0];
  if (!declaration) return [];
  const name = exported.name;
  const isOwn = ({ declarations = [] }) => declarations.some((one) => one.parent === declaration && !isHidden(one));
  const member = (one, prefix = '') => {
    const type = checker.getTypeOfSymbolAtLocation(one, declaration);
    const optional = one.flags & ts.SymbolFlags.Optional ? '?' : '';
    return `  ${prefix}${one.name}${optional}: ${checker.typeToString(type, declaration, FLAGS)}`;
  };
  if (ts.isClassDeclaration(declaration)) {
    const statics = checker.getTypeOfSymbolAtLocation(symbol, declaration);
    const constructors = statics.getConstructSignatures().map((one) => `  new ${checker.signatureToString(one, declaration, FLAGS)}`);
    const own = checker.getDeclaredTypeOfSymbol(symbol).getProperties().filter(isOwn);
    const ownStatics = statics.getProperties().filter(isOwn);
    const heritage = (declaration.heritageClauses ?? []).map((clause) => ` ${clause.getText()}`).join('');
    return [
      `class ${name}${heritage}`,
      ...constructors,
      ...ownStatics.map((one) => member(one, 'static ')),
      ...own.map((one) => member(one)),
    ];
  }
  if (ts.isInterfaceDeclaration(declaration)) {
    const heritage = (declaration.heritageClauses ?? []).map((clause) => ` ${clause.getText()}`).join('');
    return [
      `interface ${name}${heritage}`,
      ...checker
        .getDeclaredTypeOfSymbol(symbol)
        .getProperties()
        .filter(isOwn)
        .map((one) => member(one)),
    ];
  }
  if (ts.isTypeAliasDeclaration(declaration)) return [`type ${name} = ${declaration.type.getText().replace(/\s+/g, ' ')}`];
  if (ts.isFunctionDeclaration(declaration)) {
    const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
    return type.getCallSignatures().map((one) => `function ${name}${checker.signatureToString(one, declaration, FLAGS)}`);
  }
  if (symbol.flags & ts.SymbolFlags.Module) {
    return [`namespace ${name}`, ...checker.getExportsOfModule(symbol).flatMap((one) => linesOf(checker, one).map((line) => `  ${line}`))];
  }
  return [`const ${name}: ${checker.typeToString(checker.getTypeOfSymbolAtLocation(symbol, declaration), declaration, FLAGS)}`];
}

/** Private and protected members, and those by a symbol or `#name`. */
const isHidden = (declaration) =>
  (ts.getCombinedModifierFlags(declaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0 ||
  (declaration.name !== undefined && (ts.isPrivateIdentifier(declaration.name) || ts.isComputedPropertyName(declaration.name)));

/** The text of docs/api.txt. Needs dist/. */
export function apiText() {
  const files = ENTRIES.map(([, file]) => join(root, file));
  const options = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    skipLibCheck: true,
  };
  const program = ts.createProgram(files, { ...options, types: ['node'], typeRoots: [join(root, 'node_modules', '@types')] });
  const checker = program.getTypeChecker();
  const parts = ENTRIES.map(([entry], index) => {
    const file = program.getSourceFile(files[index]);
    const symbol = file && checker.getSymbolAtLocation(file);
    if (!symbol) return `# ${entry}\n\n(only loads code)\n`;
    const exported = checker.getExportsOfModule(symbol).sort((a, b) => (a.name < b.name ? -1 : 1));
    return `# ${entry}\n\n${exported.map((one) => linesOf(checker, one).join('\n')).join('\n')}\n`;
  });
  return `${parts.join('\n')}`.replaceAll(/import\("[^"]*"\)\./g, '');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const text = apiText();
  if (!process.argv.includes('--check')) writeFileSync(FILE, text);
  else if (readFileSync(FILE, 'utf8') !== text) {
    console.error(`${relative(root, FILE)} is not the present API: read the difference, and write it by node site/apiText.mjs`);
    process.exitCode = 1;
  }
}
