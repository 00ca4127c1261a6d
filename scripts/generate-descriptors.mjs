// Mirrors crate/src/descriptors.rs in TypeScript: the argument types of every kernel and the codes;
// and in a file of its own, which only loads with a backend, their memory layout and the length of
// every buffer. `node scripts/generate-descriptors.mjs` writes the files; `--check` fails when a
// committed one is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);
const source = fileURLToPath(new URL('crate/src/descriptors.rs', root));
const backend = new URL('ts/backend/', root);

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
const lowerFirst = (name) => name[0].toLowerCase() + name.slice(1);
const snake = (name) => name.replace(/(?!^)([A-Z])/g, '_$1').toLowerCase();

const FIELD_TYPES = {
  u32: { kind: 'u32', ts: 'number', optional: false },
  f32: { kind: 'f32', ts: 'number', optional: false },
  Floats: { kind: 'floats', ts: 'F', optional: false },
  FloatsMut: { kind: 'floats', ts: 'F', optional: false, written: true },
  Ints: { kind: 'ints', ts: 'I', optional: false },
  IntsMut: { kind: 'ints', ts: 'I', optional: false, written: true },
};

function fieldType(rust) {
  const optional = /^Optional<(\w+)>$/.exec(rust);
  const base = FIELD_TYPES[optional ? optional[1] : rust];
  if (!base)
    throw new Error(
      `descriptors.rs: field type ${rust} is unknown; expected u32, f32, Floats, FloatsMut, Ints, IntsMut or Optional of these`,
    );
  return optional ? { ...base, optional: true } : base;
}

const comment = (lines, indent) =>
  lines.length === 0
    ? ''
    : lines.length === 1
      ? `${indent}/** ${lines[0]} */\n`
      : `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;

function parseStructs(text) {
  const structs = [];
  const pattern = /((?:^\/\/\/.*\n)+)#\[repr\(C\)\]\npub struct (\w+) \{\n([\s\S]*?)^\}/gm;
  for (const [, documentation, name, body] of text.matchAll(pattern)) {
    const fields = [];
    let pending = [];
    for (const line of body.split('\n')) {
      const doc = /^\s*\/\/\/ ?(.*)$/.exec(line);
      const field = /^\s*pub (\w+): ([\w<>]+),$/.exec(line);
      if (doc) pending.push(doc[1]);
      else if (field) {
        fields.push({ name: field[1], documentation: pending, ...fieldType(field[2]) });
        pending = [];
      } else if (line.trim()) throw new Error(`descriptors.rs: cannot read the line "${line.trim()}" of ${name}`);
    }
    const lines = documentation
      .trim()
      .split('\n')
      .map((line) => line.replace(/^\/\/\/ ?/, '').replace(/\[`(\w+)`\]/g, '`$1`'));
    for (const field of fields) field.length = lengthOf(field, fields, name);
    structs.push({ name, documentation: lines, fields });
  }
  return structs;
}

/** Sizes that belong to the cell and not to the call, by their letters in shapes. */
const CELL_SIZES = { G: 'cell.gates', S: 'cell.saved', R: 'cell.biasRows' };

/**
 * The factors of a buffer's length, read from the shape that its documentation begins with; null
 * where there is no shape to have.
 */
function lengthOf({ name, kind, documentation }, fields, struct) {
  if (kind === 'u32' || kind === 'f32' || name === 'workspace') return null;
  const shape = /^`\[([^\]]+)\]`/.exec(documentation[0] ?? '');
  if (!shape)
    throw new Error(`descriptors.rs: the documentation of ${struct}.${name} must begin with its shape in brackets, such as \`[T, B]\``);
  return shape[1].split(/, |\*/).map((size) => {
    if (/^\d+$/.test(size)) return Number(size);
    const field = fields.find(
      (other) => other.kind === 'u32' && (other.name === size || new RegExp(`^${size}\\b`).test(other.documentation[0] ?? '')),
    );
    if (field) return camel(field.name);
    if (size in CELL_SIZES && fields.some((other) => other.name === 'cell')) return CELL_SIZES[size];
    throw new Error(`descriptors.rs: no number field of ${struct} is ${size}, of which the shape of ${name} is made`);
  });
}

function parseCodes(text, constant) {
  const list = new RegExp(`pub const ${constant}: [^=]*= &\\[([\\s\\S]*?)\\];`).exec(text)[1];
  return [...list.matchAll(/\("(\w+)", (\d+)\)/g)].map(([, name, code]) => `  ${name}: ${code},\n`).join('');
}

function parseCells(text) {
  const pattern = /\("(\w+)", CellSizes \{ code: (\d+), gates: (\d+), states: (\d+), saved: (\d+), bias_rows: (\d+) \}\)/g;
  return [...text.matchAll(pattern)]
    .map(
      ([, name, code, gates, states, saved, biasRows]) =>
        `  ${name}: { code: ${code}, gates: ${gates}, states: ${states}, saved: ${saved}, biasRows: ${biasRows} },\n`,
    )
    .join('');
}

function layoutLine({ name, kind, written, length }) {
  const quoted = (value) => (typeof value === 'number' ? value : `'${value}'`);
  const access = kind === 'u32' || kind === 'f32' ? [] : [quoted(written ? 'write' : 'read')];
  const factors = length ? [`[${length.map(quoted).join(', ')}]`] : [];
  return `      [${[quoted(camel(name)), quoted(kind), ...access, ...factors].join(', ')}],\n`;
}

const HEADER = '// Generated from crate/src/descriptors.rs by scripts/generate-descriptors.mjs. Do not edit.\n';

/** The memory layouts of the kernels' arguments. */
function generateLayouts(text) {
  let out = `${HEADER}import type { KernelName } from './kernels.generated.ts';\n\n`;
  out +=
    "/** How a field is stored in the four bytes of its place in the descriptor. */\nexport type FieldKind = 'u32' | 'f32' | 'floats' | 'ints';\n\n";
  out +=
    '/** A size that a buffer has: a number, the argument of that name, or a size of the cell. */\n' +
    'export type LengthFactor = number | string;\n\n';
  out +=
    '/**\n * The name of each kernel in the WebAssembly exports, and its descriptor: fields of four bytes, in this order. A buffer that the\n * kernel writes is marked, and shares no element with any other buffer of the call. The product of the last part is the number of\n * elements that the kernel uses; a workspace has the length that the backend says.\n */\n';
  out +=
    "export const KERNEL_LAYOUTS: { readonly [K in KernelName]: { readonly exportName: string; readonly fields: readonly (readonly [name: string, kind: FieldKind, access?: 'read' | 'write', length?: readonly LengthFactor[]])[] } } = {\n";
  for (const { name, fields } of parseStructs(text)) {
    out += `  ${lowerFirst(name)}: {\n    exportName: '${snake(name)}',\n    fields: [\n${fields.map(layoutLine).join('')}    ],\n  },\n`;
  }
  return `${out}};\n`;
}

/** The arguments of the kernels, and the codes. */
function generate(text) {
  const structs = parseStructs(text);
  let out = `${HEADER}// F is what stands for a float buffer, I for an integer buffer; shapes are row-major, letters as in descriptors.rs.\n\n`;
  const parameters = (fields) => {
    const used = ['F', 'I'].filter((letter) => fields.some((field) => field.ts === letter));
    return `<${used.join(', ')}>`;
  };
  for (const { name, documentation, fields } of structs) {
    out += `${comment(documentation, '')}export interface ${name}Arguments${parameters(fields)} {\n`;
    for (const field of fields)
      out += `${comment(field.documentation, '  ')}  ${camel(field.name)}${field.optional ? '?' : ''}: ${field.ts}${field.optional ? ' | null | undefined' : ''};\n`;
    out += '}\n\n';
  }
  out += `/** The arguments of every kernel, by kernel name. */\nexport interface KernelArguments<F, I> {\n${structs.map(({ name, fields }) => `  ${lowerFirst(name)}: ${name}Arguments${parameters(fields)};\n`).join('')}}\n\n`;
  out += 'export type KernelName = keyof KernelArguments<unknown, unknown>;\n\n';
  out += `/** Recurrent cells: code, gates, state tensors, floats saved per unit for backward, and rows of the bias. */\nexport const CELLS = {\n${parseCells(text)}} as const;\n\n`;
  for (const constant of ['ACTIVATIONS', 'LOSSES', 'ACCURACIES', 'OPERATIONS', 'REDUCTIONS', 'PACKINGS'])
    out += `export const ${constant} = {\n${parseCodes(text, constant)}} as const;\n\n`;
  return `${out.trimEnd()}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = readFileSync(source, 'utf8');
  const files = { 'kernels.generated.ts': generate(text), 'kernelLayouts.generated.ts': generateLayouts(text) };
  for (const [name, generated] of Object.entries(files)) {
    const target = new URL(name, backend);
    if (!process.argv.includes('--check')) writeFileSync(target, generated);
    else if (readFileSync(target, 'utf8') !== generated) {
      console.error(`ts/backend/${name} is stale: run \`node scripts/generate-descriptors.mjs\`.`);
      process.exit(1);
    }
  }
}
