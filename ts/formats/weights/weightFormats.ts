import type { WeightFormat } from '../../model/weightFileOptions.ts';
import { isHDF5, isKerasArchive, isSafetensors, isZip } from '../fileSignatures.ts';
import { KERAS_FILES } from '../keras/kerasPart.ts';
import { PYTORCH_FILES } from '../pytorch/pytorchPart.ts';
import { BACKTIME_WEIGHTS } from './backtimeWeights.ts';
import type { WeightFormatCode } from './weightFormat.ts';

/** A format of files that hold weights only. */
export interface WeightFileFormat {
  /** The option `format`. */
  readonly name: WeightFormat;
  /** The endings of names of files that `saveWeights` writes. */
  readonly extensions: readonly string[];
  /** Whether bytes can be of no other format. */
  recognises(bytes: Uint8Array): boolean;
  load(): Promise<WeightFormatCode>;
}

/** Whether bytes begin as a pickle of Python, as files of PyTorch before 1.6 do. */
const isPickle = (bytes: Uint8Array) => bytes[0] === 0x80 && (bytes[1] as number) < 6;

/** The formats, in the order in which they are asked. */
export const WEIGHT_FORMATS: readonly WeightFileFormat[] = [
  {
    name: 'keras',
    extensions: ['.weights.h5'],
    recognises: (bytes) => isHDF5(bytes) || isKerasArchive(bytes),
    load: async () => (await KERAS_FILES.load()).KERAS_WEIGHTS,
  },
  {
    name: 'pytorch',
    extensions: ['.safetensors'],
    recognises: (bytes) => isZip(bytes) || isPickle(bytes),
    load: async () => (await PYTORCH_FILES.load()).PYTORCH_WEIGHTS,
  },
  { name: 'backtime', extensions: ['.safetensors'], recognises: isSafetensors, load: async () => BACKTIME_WEIGHTS },
];
