import type { FloatArray } from '../backend/backend.ts';
import { InternalError } from '../core/errors.ts';
import type { NumericArray } from '../core/numericArray.ts';
import type { Layer } from '../layers/layer.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { Node } from '../layers/symbolicTensor.ts';
import type { Program } from './program.ts';

/**
 * A state of one use of a layer in a program: the buffers `[B, H]` that it begins with and
 * that it ends with.
 */
export interface ProgramState {
  /** The use of the layer. */
  readonly node: Node;
  /** The name within the use: `h`; of a layer inside `forward_lstm/h`. */
  readonly name: string;
  /** Whether the next batch continues from it; else only the next window of this batch does. */
  readonly stateful: boolean;
  readonly before: PlannedBuffer;
  readonly after: PlannedBuffer;
}

/** Rows of one state, as a message to another thread. */
export interface StateRows {
  /** The index of the use in the graph's order. */
  readonly use: number;
  readonly name: string;
  /** Number of sequences. */
  readonly rows: number;
  /** `[rows, H]` */
  readonly data: FloatArray;
}

/** A state between two batches. */
interface Entry {
  readonly node: Node;
  readonly name: string;
  rows: number;
  values: FloatArray;
  /** `resets` of the layer when the values were written. A later reset makes them zeros. */
  resets: number;
}

/**
 * The states that stateful layers carry from one batch to the next. They are stored outside of all
 * programs, because the programs of training and prediction and of other lengths continue each
 * other's states. Two copies of `[B, H]` floats a batch cost less than a kernel call.
 */
export class BatchStates {
  readonly #nodes: () => readonly Node[];
  readonly #entries: Entry[] = [];
  #writes = 0;

  /** @param nodes the uses of layers in the graph's order, to which messages refer */
  constructor(nodes: () => readonly Node[] = () => []) {
    this.#nodes = nodes;
  }

  /** Number of sequences whose states are kept; null for none. */
  get rows(): number | null {
    return this.#entries.find(isPresent)?.rows ?? null;
  }

  /** Changes whenever states are written or reset. */
  get version(): number {
    return this.#entries.reduce((sum, { node }) => sum + resetsOf(node), this.#writes);
  }

  /** Copies the states into a program that is about to run: zeros where there are none. */
  load(program: Program, states: readonly ProgramState[]): void {
    for (const { node, name, before } of states) {
      const entry = this.#find(node, name);
      const values = program.floats(before);
      if (!entry || !isPresent(entry)) values.fill(0);
      else if (entry.values.length !== values.length)
        throw new InternalError(`state ${name} has ${entry.values.length} values, expected ${values.length}`);
      else values.set(entry.values);
    }
  }

  /** Copies the states out of a program that has run. */
  store(program: Program, states: readonly ProgramState[], rows: number): void {
    for (const { node, name, after } of states) this.#set(node, name, rows, program.floats(after));
  }

  /** Sets all states to zeros. */
  reset(): void {
    for (const { values } of this.#entries) values.fill(0);
  }

  /** Forgets all states. */
  clear(): void {
    this.#entries.length = 0;
    this.#writes++;
  }

  /** Copies all states. */
  read(): StateRows[] {
    const nodes = this.#nodes();
    return this.#entries
      .filter(isPresent)
      .map(({ node, name, rows, values }) => ({ use: nodes.indexOf(node), name, rows, data: values.slice() }));
  }

  /** Takes over all states. */
  write(states: readonly StateRows[]): void {
    this.clear();
    const nodes = this.#nodes();
    for (const { use, name, rows, data } of states) this.#set(nodes[use] as Node, name, rows, data);
  }

  #set(node: Node, name: string, rows: number, values: NumericArray): void {
    let entry = this.#find(node, name);
    if (!entry || entry.values.length !== values.length) {
      if (entry) this.#entries.splice(this.#entries.indexOf(entry), 1);
      entry = { node, name, rows, values: values.slice() as FloatArray, resets: 0 };
      this.#entries.push(entry);
    } else entry.values.set(values);
    entry.resets = resetsOf(node);
    this.#writes++;
  }

  #find(node: Node, name: string): Entry | undefined {
    return this.#entries.find((entry) => entry.node === node && entry.name === name);
  }
}

/** The rows `start` to `end` of each state. */
export function sliceStates(states: readonly StateRows[], start: number, end: number): StateRows[] {
  return states.map((state) => {
    const width = state.data.length / state.rows;
    return { ...state, rows: end - start, data: state.data.slice(start * width, end * width) };
  });
}

/** States of consecutive rows as one; parts without states have no rows. */
export function joinStates(parts: readonly (readonly StateRows[])[]): readonly StateRows[] {
  const [first, ...others] = parts.filter((part) => part.length > 0);
  if (!first || others.length === 0) return first ?? [];
  return first.map((state, index) => {
    const all = [state, ...others.map((part) => part[index] as StateRows)];
    const joined = new Float64Array(all.reduce((sum, part) => sum + part.data.length, 0));
    let next = 0;
    for (const part of all) {
      joined.set(part.data, next);
      next += part.data.length;
    }
    return { ...state, rows: all.reduce((sum, { rows }) => sum + rows, 0), data: joined };
  });
}

function isPresent({ node, resets }: Entry): boolean {
  return resets === resetsOf(node);
}

function resetsOf({ layer }: Node): number {
  return (layer as Layer).resets;
}
