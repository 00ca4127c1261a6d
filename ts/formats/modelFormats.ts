import { describe } from '../core/describe.ts';
import { ArgumentError, FormatError } from '../core/errors.ts';
import { oneOf } from '../core/options.ts';
import { isURL } from '../core/tags.ts';
import { beginningOf, isHDF5, isJSON, isONNX, isSafetensors, isZip } from './fileSignatures.ts';
import { KERAS_FILES } from './keras/kerasPart.ts';
import type { ModelFormat } from './modelFormat.ts';
import { ONNX_FILES } from './onnx/onnxPart.ts';
import { SAFETENSORS_MODEL } from './safetensorsModel.ts';
import { TFJS_FILES } from './tfjs/tfjsPart.ts';

const loadKeras = () => KERAS_FILES.load();

/** The formats, in the order in which they are asked. */
const FORMATS: readonly ModelFormat[] = [
  { name: 'keras', extensions: ['.keras'], recognises: isZip, load: async () => (await loadKeras()).KERAS_ARCHIVE },
  { name: 'h5', extensions: [], recognises: isHDF5, load: async () => (await loadKeras()).KERAS_LEGACY },
  { name: 'tfjs', extensions: [], recognises: isJSON, load: async () => (await TFJS_FILES.load()).LAYERS_MODEL },
  { name: 'onnx', extensions: ['.onnx'], recognises: isONNX, load: async () => (await ONNX_FILES.load()).ONNX },
  { name: 'safetensors', extensions: ['.safetensors'], recognises: isSafetensors, load: async () => SAFETENSORS_MODEL },
];

const WRITTEN = FORMATS.filter(({ extensions }) => extensions.length > 0);

/**
 * The format that reads these bytes.
 * @param called the name of the file, for the error message
 * @throws {FormatError} for bytes of none
 */
export function formatOf(bytes: Uint8Array, called: string): ModelFormat {
  const found = FORMATS.find((format) => format.recognises(bytes));
  if (found) return found;
  throw new FormatError(
    `${called} is no model that loadModel reads: .safetensors of Backtime, .keras and .h5 of Keras, model.json of TF.js, .onnx; ${beginningOf(bytes)}`,
  );
}

/** The format of the option `format`. @throws {ArgumentError} when no file is written in it */
export function formatNamed(name: unknown, where: string): ModelFormat {
  const names = WRITTEN.map((format) => format.name);
  const found = oneOf(name, names, where);
  return WRITTEN.find((format) => format.name === found) as ModelFormat;
}

/**
 * The format of the file that `save` writes, by the ending of its name.
 * @throws {ArgumentError} for anything that is no file name of a format
 */
export function formatFor(file: unknown): ModelFormat {
  const name = typeof file === 'string' || isURL(file) ? String(file) : null;
  const found = WRITTEN.find(({ extensions }) => extensions.some((extension) => name?.endsWith(extension)));
  if (found) return found;
  const endings = WRITTEN.flatMap(({ extensions }) => extensions).join(' or ');
  throw new ArgumentError(`save takes a file name, or the URL of a file, that ends in ${endings}, got ${describe(name ?? file)}`);
}
