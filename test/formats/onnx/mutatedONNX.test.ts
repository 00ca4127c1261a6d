import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import { BacktimeError, FormatError } from '../../../ts/core/errors.ts';
import { decodeONNX } from '../../../ts/formats/onnx/readONNX.ts';
import { encodeONNX } from '../../../ts/formats/onnx/writeONNX.ts';
import { setWarningHandler } from '../../../ts/index.ts';
import { loadAllClasses } from '../../../ts/model/allClasses.ts';
import { startOn } from '../../support/modelBackends.ts';
import { mutatedOnnx } from '../../support/mutatedOnnx.ts';
import { ONNX_CASES, onnxCase } from '../../support/onnxModels.ts';
import { RandomArrays } from '../../support/randomArrays.ts';

// What a file means is decided before a backend is asked.
const backend = await loadBackend('reference');
await loadAllClasses();
const allocate = vi.spyOn(backend, 'allocate');
beforeAll(() => {
  startOn(backend);
  setWarningHandler(() => {});
});
afterAll(() => {
  setWarningHandler(null);
  allocate.mockRestore();
});

/** Number of files. BACKTIME_MUTATIONS=100000 takes some minutes. */
const COUNT = Number(process.env.BACKTIME_MUTATIONS ?? 2000);
const FIRST = Number(process.env.BACKTIME_FIRST_MUTATION ?? 0);
/** The most that a file of a few kilobytes may take of a processor, in microseconds. */
const LONGEST = 3_000_000;

describe('a file with faults', () => {
  const files = ONNX_CASES.map(([name, make], index) => encodeONNX(onnxCase(name, make, index + 1).model.getState(false)));

  test(`is a model, or an error of a class of its own: ${COUNT} files`, { timeout: 3_600_000 }, () => {
    const found = { models: 0, errors: 0 };
    for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
      const bytes = mutatedOnnx(files[seed % files.length], new RandomArrays(seed));
      const begun = process.cpuUsage();
      try {
        decodeONNX(bytes, 'm.onnx');
        found.models++;
      } catch (error) {
        if (!(error instanceof FormatError))
          throw new Error(`file ${seed} gives ${error instanceof BacktimeError ? error.code : 'a foreign error'}`, { cause: error });
        found.errors++;
      }
      const { user, system } = process.cpuUsage(begun);
      const time = user + system;
      if (time > LONGEST) throw new Error(`file ${seed} takes ${time} µs`);
    }
    // Most faults are found, and some do no harm.
    expect(found.errors).toBeGreaterThan(COUNT / 4);
    expect(found.models).toBeGreaterThan(COUNT / 50);
    expect(allocate).not.toHaveBeenCalled();
  });
});
