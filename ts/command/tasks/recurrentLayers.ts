import { Bidirectional, Dropout, GRU, type Layer, LSTM, SimpleRNN } from '../../node.ts';
import type { TrainSettings } from './task.ts';

const CELLS = { lstm: LSTM, gru: GRU, 'simple-rnn': SimpleRNN };

/**
 * The recurrent layers of a model, each followed by dropout.
 * @param returnSequences whether the last one gives its output at each step
 */
export function recurrentLayers({ cell, units, layers, bidirectional, dropout }: TrainSettings, returnSequences: boolean): Layer[] {
  return Array.from({ length: layers }, (_, index) => {
    const layer = new CELLS[cell](units, { returnSequences: returnSequences || index < layers - 1 });
    return [bidirectional ? new Bidirectional(layer) : layer, ...(dropout > 0 ? [new Dropout(dropout)] : [])];
  }).flat();
}
