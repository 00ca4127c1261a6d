import { expect, test } from 'vitest';
import { noLogs } from '../../ts/callbacks/callback.ts';
import { EarlyStopping, type EarlyStoppingOptions, type Logs, type Model, setWarningHandler } from '../../ts/index.ts';
import { readGolden } from './goldenFiles.ts';

interface EarlyStoppingCase {
  readonly options: EarlyStoppingOptions;
  readonly initialEpoch: number;
  /** The monitored numbers of the epochs; null where there is none. */
  readonly values: readonly (number | 'NaN' | null)[];
  /** How many epochs ran. */
  readonly epochs: number;
  readonly stopped: boolean;
  readonly best: number | null;
  readonly bestEpoch: number | null;
  /** The number of the epoch whose weights the model has in the end. */
  readonly weight: number;
}

const { earlyStopping } = readGolden<{ earlyStopping: EarlyStoppingCase[] }>('callbacks');

test.each(earlyStopping)(
  'EarlyStopping with $options of $values does what Keras’s does',
  ({ options, initialEpoch, values, ...golden }) => {
    setWarningHandler(() => {});
    /** As far as a callback sees it: its one weight is the number of the epoch. */
    const model = {
      weight: -1,
      stopTraining: false,
      getWeights: () => [{ shape: [1], data: Float32Array.of(model.weight) }],
      setWeights: ([weight]: { data: Float32Array }[]) => {
        model.weight = weight?.data[0] as number;
      },
    };
    const callback = new EarlyStopping(options);
    const seen = model as unknown as Model;
    callback.onTrainBegin({ epochs: 20, initialEpoch, steps: 1, samples: 1, batchSize: 1, validationFreq: 1 });
    let epochs = 0;
    for (const value of values) {
      model.weight = initialEpoch + epochs;
      const logs: Logs = { ...noLogs(), ...(value !== null && { [callback.monitor]: Number(value) }) };
      callback.onEpochEnd(initialEpoch + epochs++, logs, seen);
      if (model.stopTraining) break;
    }
    callback.onTrainEnd(noLogs(), seen);
    setWarningHandler(null);
    const { bestEpoch } = callback;
    const best = Number.isNaN(callback.best) ? null : callback.best;
    expect({ epochs, stopped: model.stopTraining, best, bestEpoch, weight: model.weight }).toEqual(golden);
    expect(callback.stoppedEpoch).toBe(golden.stopped ? initialEpoch + epochs - 1 : null);
  },
);
