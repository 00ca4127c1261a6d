import type { Backend } from '../backend/backend.ts';
import * as select from '../backend/select.ts';
import { EMISSION_PARTS, loadEmission } from '../layers/emissionPart.ts';
import { PACKED } from '../program/packedPart.ts';
import { ENGINES } from './enginesPart.ts';

/**
 * Loads the chosen backend, or another one by name.
 * @throws {ArgumentError} for an unknown name or option
 * @throws {BackendError} when the runtime has no SIMD, or the kernels cannot be loaded
 * @throws {FileError} when a file of the package cannot be loaded
 */
export async function loadBackend(...backend: Parameters<typeof select.loadBackend>): Promise<Backend> {
  const [loaded] = await Promise.all([select.loadBackend(...backend), ENGINES.load(), loadEmission()]);
  // There is a quantised model.
  if (EMISSION_PARTS.has(PACKED)) await PACKED.loaded.loadQuantisedKernels(loaded);
  return loaded;
}
