import type { WeightFormat } from '../../model/weightFileOptions.ts';
import { BACKTIME_WEIGHTS } from './backtimeWeights.ts';
import type { WeightFormatCode } from './weightFormat.ts';

/** A format of files that hold weights only. */
export interface WeightFileFormat {
  /** The option `format`. */
  readonly name: WeightFormat;
  /** The endings of names of files that `saveWeights` writes; empty for what is not written. */
  readonly extensions: readonly string[];
  /** Whether bytes can be of no other format. */
  recognises(bytes: Uint8Array): boolean;
  load(): Promise<WeightFormatCode>;
}

/** The formats, in the order in which they are asked. */
export const WEIGHT_FORMATS: readonly WeightFileFormat[] = [
  { name: 'backtime', extensions: ['.safetensors'], recognises: () => true, load: async () => BACKTIME_WEIGHTS },
];
