import type { Model, Tensor } from 'backtime';

const FIRST_PART = 64;
/** Milliseconds that a part should take: between two parts a judge can be stopped. */
const PART = 200;
const BATCH_SIZE = 128;

export interface PartsOptions {
  /** Ends the work at once, also in the middle of a part. */
  readonly signal?: AbortSignal;
  /** Is told how many samples are done. */
  readonly onDone?: (samples: number) => void;
}

/**
 * Predicts samples part by part, so that it can be ended at any time.
 * @param take gets the outputs of the samples from `from` on
 * @throws the signal's reason
 */
export async function predictParts(
  model: Model,
  { shape, data }: Tensor,
  take: (outputs: Tensor<Float32Array>, from: number) => void,
  { signal, onDone }: PartsOptions = {},
): Promise<void> {
  const samples = shape[0];
  const width = data.length / Math.max(1, samples);
  const ended = new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));
  ended.catch(() => {});
  let part = FIRST_PART;
  for (let from = 0; from < samples; ) {
    signal?.throwIfAborted();
    const size = Math.min(part, samples - from);
    const begun = performance.now();
    const x = { shape: [size, ...shape.slice(1)], data: data.slice(from * width, (from + size) * width) };
    const outputs = await Promise.race([model.predict(x, { batchSize: BATCH_SIZE }), ended]);
    take(outputs as Tensor<Float32Array>, from);
    from += size;
    onDone?.(from);
    const time = Math.max(1, performance.now() - begun);
    part = Math.max(FIRST_PART, Math.min(4 * part, Math.round((part * PART) / time)));
  }
}
