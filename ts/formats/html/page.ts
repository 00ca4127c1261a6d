// The script of a page of `modelToHTML`: it reads the kernels and the model out of the page, and
// answers what is typed. It loads nothing.
import { loadBackend, setBackend } from '../../backend/select.ts';
import { supportsSimd } from '../../backend/wasm/features.ts';
import { DataError } from '../../core/errors.ts';
import type { FloatArray, Tensor } from '../../core/tensor.ts';
import type { InputsLike } from '../../feed/checkData.ts';
import type { InferenceInput, InferenceModel, InferencePrediction } from '../../model/inferenceModel.ts';
import { PACKED } from '../../program/packedPart.ts';
import { loadModel } from '../loadInferenceModel.ts';
import { provideInference } from '../provideInference.ts';
import { type AnswerTable, answerTable, type Cell, shown } from './answerTable.ts';
import type { InputSettings, PageSettings } from './pageSettings.ts';
import { sampleHint } from './sampleHint.ts';
import { type NamedSamples, type Sample, samplesOf, textsOf } from './sampleRows.ts';

const find = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;

/** The bytes that an element of the page holds as base64. */
function bytesIn(id: string): Uint8Array<ArrayBuffer> {
  const text = atob(find(id).textContent ?? '');
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/**
 * Loads kernels that give the same bits on every machine, and the model. Without SIMD plain
 * JavaScript computes, more slowly.
 */
async function openModel(): Promise<InferenceModel> {
  if (supportsSimd()) {
    setBackend('wasm', { deterministic: true });
    const backend = await loadBackend('wasm', { build: 'simd128', module: await WebAssembly.compile(bytesIn('kernels')) });
    const quantised = bytesIn('quantised');
    if (quantised.length > 0) await PACKED.loaded.loadQuantisedKernels(backend, await WebAssembly.compile(quantised));
  } else setBackend('reference');
  return loadModel(bytesIn('model'));
}

type Field = HTMLTextAreaElement | HTMLSelectElement;

function addField(input: InferenceInput, index: number, isOnly: boolean, settings: InputSettings): Field {
  const what = input.isText ? 'Text' : 'Numbers';
  const label = document.createElement('label');
  label.htmlFor = `input-${index}`;
  label.textContent = settings.label ?? (isOnly ? what : settings.choices ? input.name : `${what} of ${input.name}`);
  const field = settings.choices ? listOf(settings.choices) : textField(index);
  field.id = `input-${index}`;
  find('fields').append(label, ...(settings.choices ? [] : [hintFor(input, index)]), field);
  return field;
}

function listOf(choices: readonly string[]): HTMLSelectElement {
  const field = document.createElement('select');
  field.append(...choices.map((choice, index) => new Option(choice, String(index))));
  return field;
}

/** Puts the example of a choice into a field, unless the user has typed something of their own. */
function fill(field: Field, { examples = [] }: InputSettings, choice: number): void {
  const example = examples.length > 1 ? examples[choice] : undefined;
  if (example !== undefined && (field.value === '' || examples.includes(field.value))) field.value = example;
}

function textField(index: number): HTMLTextAreaElement {
  const field = document.createElement('textarea');
  field.setAttribute('aria-describedby', `hint-${index}`);
  field.spellcheck = false;
  return field;
}

function hintFor(input: InferenceInput, index: number): HTMLElement {
  const hint = document.createElement('p');
  hint.id = `hint-${index}`;
  hint.className = 'hint';
  hint.textContent = sampleHint(input);
  return hint;
}

/** The typed values of an input, by sample. */
type Samples = readonly (Sample | string)[];

/** The key of the shape of a sample: samples of different shapes cannot be in one array. */
const shapeOf = (sample: unknown): string => (Array.isArray(sample) ? `${sample.length},${shapeOf(sample[0])}` : '');

/** Neighbours whose samples have the same shapes for every input: they are computed together. */
function groupsOf(inputs: readonly Samples[]): [start: number, end: number][] {
  const shapes = (inputs[0] as Samples).map((_, row) => inputs.map((samples) => shapeOf(samples[row])).join(' '));
  const groups: [number, number][] = [];
  for (const [row, shape] of shapes.entries()) {
    const last = groups[groups.length - 1];
    if (last && shapes[last[0]] === shape) last[1] = row + 1;
    else groups.push([row, row + 1]);
  }
  return groups;
}

/** The tensors of a prediction, in the order of the outputs. */
function outputsOf(prediction: InferencePrediction): readonly Tensor<FloatArray>[] {
  if (Array.isArray(prediction)) return prediction;
  return ArrayBuffer.isView(prediction.data) ? [prediction as Tensor<FloatArray>] : Object.values(prediction);
}

/** Predicts what is typed. @returns for each output the parts of its table */
async function answer(
  model: InferenceModel,
  given: readonly NamedSamples<Sample | string>[],
  { classNames }: PageSettings,
): Promise<AnswerTable[][]> {
  const inputs = given.map(({ values }) => values);
  const [first] = inputs as unknown as readonly [Samples];
  const [{ head, names }] = given as readonly [NamedSamples];
  const other = inputs.findIndex((samples) => samples.length !== first.length);
  if (other > 0)
    throw new DataError(
      `There are ${first.length} samples of ${model.inputs[0]?.name}, but ${inputs[other]?.length} of ${model.inputs[other]?.name}: give as many of each.`,
    );
  const predict = async (start: number, end: number) => {
    const x = inputs.map((samples) => samples.slice(start, end));
    return outputsOf(await model.predict((x.length > 1 ? x : x[0]) as InputsLike));
  };
  // In a batch, a text would get answers for its padding: predict texts with steps one by one.
  const isAlone = model.inputs.every(({ isText }) => isText) && (await predict(0, 1)).some(({ shape }) => shape.length > 2);
  const tables: AnswerTable[][] = model.outputNames.map(() => []);
  for (const [start, end] of isAlone ? first.map((_, row): [number, number] => [row, row + 1]) : groupsOf(inputs)) {
    const stepNames = isAlone
      ? String(first[start])
          .trim()
          .split(/[ \t\n\v\f\r]+/)
      : null;
    const samples = { head, names: names.slice(start, end), stepNames };
    for (const [index, { shape, data }] of (await predict(start, end)).entries())
      tables[index]?.push(answerTable(shape.slice(1), data, samples, classNames));
  }
  return tables;
}

/** Numbers are shown with six digits, and have all in the attribute `value`. */
function cellOf(cell: Cell, isHead: boolean): HTMLElement {
  const element = document.createElement(isHead ? 'th' : 'td');
  if (isHead) element.setAttribute('scope', 'row');
  if (typeof cell === 'string') {
    element.className = 'text';
    element.textContent = cell;
  } else if (isHead) element.textContent = String(cell);
  else {
    const data = document.createElement('data');
    data.value = String(cell);
    data.textContent = shown(cell);
    element.append(data);
  }
  return element;
}

function tableOf(title: string, parts: readonly AnswerTable[]): HTMLElement {
  const table = document.createElement('table');
  table.createCaption().textContent = title;
  const head = table.createTHead().insertRow();
  for (const text of parts[0]?.head ?? []) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = text;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of parts.flatMap(({ rows }) => rows)) body.insertRow().append(...row.map((cell, column) => cellOf(cell, column === 0)));
  const box = document.createElement('div');
  box.className = 'table';
  // Contents that are wider than the window can be scrolled by keys, too.
  box.tabIndex = 0;
  box.setAttribute('role', 'region');
  box.setAttribute('aria-label', title);
  box.append(table);
  return box;
}

function tell(status: string, error = ''): void {
  find('status').textContent = status;
  const place = find('error');
  place.textContent = error;
  place.hidden = error === '';
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function start(): Promise<void> {
  provideInference();
  const settings = JSON.parse(find('settings').textContent ?? '') as PageSettings;
  const model = await openModel();
  const { inputs, outputNames } = model;
  const fields = inputs.map((input, index) => addField(input, index, inputs.length === 1, settings.inputs[input.name] ?? {}));
  for (const [index, { name }] of inputs.entries()) {
    const { choices, examples = [] } = settings.inputs[name] ?? {};
    const field = fields[index] as Field;
    if (!choices) field.value = examples[0] ?? '';
    else
      field.addEventListener('change', () => {
        for (const [place, other] of inputs.entries()) fill(fields[place] as Field, settings.inputs[other.name] ?? {}, Number(field.value));
      });
  }
  const button = find<HTMLButtonElement>('run');
  const run = async () => {
    find('answers').replaceChildren();
    const typed = inputs.map((input, index) => {
      const { value } = fields[index] as Field;
      if (settings.inputs[input.name]?.choices) return null;
      return input.isText ? textsOf(value) : samplesOf(value, input);
    });
    // What is chosen from a list is of every sample.
    const { head, names } = typed.find((samples) => samples !== null) ?? { head: 'sample', names: [1] };
    const given = typed.map((samples, index) => samples ?? { head, names, values: names.map(() => [Number(fields[index]?.value)]) });
    tell('The model runs.');
    const tables = await answer(model, given, settings);
    const titles = tables.length > 1 ? outputNames.map((name) => `Answer ${name}`) : ['Answer'];
    find('answers').append(...tables.map((parts, index) => tableOf(titles[index] as string, parts)));
    const { length } = given[0]?.names ?? [];
    tell(`${length} ${length === 1 ? 'sample' : 'samples'} answered.`);
  };
  find('form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    run()
      .catch((error: unknown) => tell('', messageOf(error)))
      .finally(() => {
        button.disabled = false;
      });
  });
  button.disabled = false;
  tell('The model is ready.');
}

start().catch((error: unknown) => tell('', `The model cannot run in this browser: ${messageOf(error)}`));
