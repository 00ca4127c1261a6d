import type { Tensor } from '../../../ts/node.ts';
import { type GoldenTensor, readGolden } from '../../golden/goldenFiles.ts';

/** A model of TF.js: model.json, its other files in base 64, and what TF.js predicts. */
export interface TFJSCase {
  readonly name: string;
  readonly model: { readonly [key: string]: unknown };
  readonly shards: Readonly<Record<string, string>>;
  readonly inputs: readonly GoldenTensor[];
  readonly outputs: readonly GoldenTensor[];
}

export const { models } = readGolden<{ models: readonly TFJSCase[] }>('tfjs');
/** Models of tf-keras, and what tf-keras predicts. */
export const { models: converted } = readGolden<{ models: readonly TFJSCase[] }>('tfjsConverter');

export function modelNamed(name: string): TFJSCase {
  return models.find((model) => model.name === name) as TFJSCase;
}

/** The files by their names. */
export function bytesOf({ model, shards }: Pick<TFJSCase, 'model' | 'shards'>): Record<string, Uint8Array> {
  const weights = Object.entries(shards).map(([name, bytes]) => [name, new Uint8Array(Buffer.from(bytes, 'base64'))] as const);
  return { ...Object.fromEntries(weights), 'model.json': new TextEncoder().encode(JSON.stringify(model)) };
}

/** The files, as if they were dropped on a page. */
export function filesOf(model: Pick<TFJSCase, 'model' | 'shards'>): File[] {
  return Object.entries(bytesOf(model)).map(([name, bytes]) => new File([bytes as Uint8Array<ArrayBuffer>], name));
}

/** The inputs, as `predict` takes them. */
export function inputsOf({ inputs }: TFJSCase): [Tensor, ...Tensor[]] {
  return inputs.map(({ shape, data }): Tensor => ({ shape, data: Float64Array.from(data) })) as [Tensor, ...Tensor[]];
}
