import {
  type ActivationName,
  Bidirectional,
  Cropping1D,
  Dense,
  Dropout,
  Embedding,
  Flatten,
  GRU,
  type Layer,
  LSTM,
  OneHot,
  Sequential,
  SimpleRNN,
} from 'backtime';
import { amount } from '../data/count.ts';

/** A layer that the user chose. */
export type LayerChoice =
  | { readonly kind: 'LSTM' | 'GRU' | 'SimpleRNN' | 'Dense'; readonly units: number }
  | { readonly kind: 'Dropout'; readonly rate: number };

export type LayerKind = LayerChoice['kind'];

/** The kinds that a user can add, in the words of the page. */
export const LAYER_KINDS: Readonly<Record<LayerKind, string>> = {
  LSTM: 'remembers over long distances',
  GRU: 'like LSTM, somewhat smaller',
  SimpleRNN: 'the simplest memory, over short distances',
  Dense: 'combines everything with everything',
  Dropout: 'against learning by heart',
};

/** What the task fixes of a model: what goes in and what comes out. */
export interface ModelFrame {
  /** With the batch axis first. */
  readonly inputShape: readonly (number | null)[];
  /** How ids become numbers; null for data that is numbers already. */
  readonly first:
    | { readonly kind: 'Embedding'; readonly inputDim: number; readonly outputDim: number }
    | { readonly kind: 'OneHot'; readonly depth: number }
    | null;
  /** Whether there is an output for every step, not one for the whole sequence. */
  readonly everyStep: boolean;
  /**
   * Where there is a number for every step: of how many of the last steps it is an answer. Default:
   * of all.
   */
  readonly lastSteps?: number;
  /**
   * Whether layers with memory read from both ends; where the next step is asked for, they must
   * not.
   */
  readonly bothWays?: boolean;
  readonly output: { readonly units: number; readonly activation: ActivationName };
  readonly loss: 'sparseCategoricalCrossentropy' | 'meanSquaredError';
}

/** A layer of the model as it will be, for the list on the page. */
export interface LayerRow {
  readonly title: string;
  readonly parameters: number;
}

/** A choice of layers that makes no model; the message is for the user. */
export class LayerChoiceError extends Error {}

const isRecurrent = ({ kind }: LayerChoice) => kind === 'LSTM' || kind === 'GRU' || kind === 'SimpleRNN';
const LARGEST = 1024;

/** The model of a frame with the chosen layers in it, built. @throws {LayerChoiceError} */
export function buildModel(frame: ModelFrame, choices: readonly LayerChoice[]): Sequential {
  checkChoices(choices);
  const lastRecurrent = choices.map(isRecurrent).lastIndexOf(true);
  const layers = choices.map((choice, index) => layerOf(choice, frame.everyStep || index < lastRecurrent, frame.bothWays));
  const { units, activation } = frame.output;
  const { lastSteps } = frame;
  const before = lastSteps === undefined ? [] : [new Cropping1D([(frame.inputShape[1] as number) - lastSteps, 0])];
  const after = lastSteps === undefined ? [] : [new Flatten()];
  const model = new Sequential([...firstLayer(frame), ...layers, ...before, new Dense(units, { activation, name: 'output' }), ...after]);
  model.build(frame.inputShape);
  return model;
}

/** Layers that the page adds, which choose and order numbers. */
const ONLY_MOVE: readonly string[] = ['Cropping1D', 'Flatten'];

/** What a model consists of. */
export function describeLayers(model: Sequential): LayerRow[] {
  return model.layers
    .filter(({ className }) => !ONLY_MOVE.includes(className))
    .map((layer) => ({ title: titleOf(layer), parameters: parametersOf(layer) }));
}

function checkChoices(choices: readonly LayerChoice[]): void {
  if (!choices.some(isRecurrent)) throw new LayerChoiceError('The model needs at least one layer with memory: LSTM, GRU or SimpleRNN.');
  for (const choice of choices) {
    if (choice.kind === 'Dropout') {
      if (!(choice.rate >= 0 && choice.rate <= 0.9)) throw new LayerChoiceError('The rate of the Dropout layer must be between 0 and 0.9.');
    } else if (!Number.isInteger(choice.units) || choice.units < 1 || choice.units > LARGEST) {
      throw new LayerChoiceError(`The size of the ${choice.kind} layer must be a whole number from 1 to ${LARGEST}.`);
    }
  }
}

function firstLayer({ first }: ModelFrame): Layer[] {
  if (first === null) return [];
  return [first.kind === 'OneHot' ? new OneHot(first.depth) : new Embedding(first.inputDim, first.outputDim, { maskZero: true })];
}

function layerOf(choice: LayerChoice, returnSequences: boolean, bothWays = false): Layer {
  const read = (layer: LSTM | GRU | SimpleRNN) => (bothWays ? new Bidirectional(layer) : layer);
  switch (choice.kind) {
    case 'LSTM':
      return read(new LSTM(choice.units, { returnSequences }));
    case 'GRU':
      return read(new GRU(choice.units, { returnSequences }));
    case 'SimpleRNN':
      return read(new SimpleRNN(choice.units, { returnSequences }));
    case 'Dense':
      return new Dense(choice.units, { activation: 'relu' });
    case 'Dropout':
      return new Dropout(choice.rate);
  }
}

function titleOf(layer: Layer): string {
  if (layer instanceof Bidirectional) return `${titleOf(layer.forwardLayer)}, from both ends`;
  const { units, rate, depth, inputDim, outputDim } = layer.getConfig();
  if (layer.className === 'Embedding') return `Embedding of ${inputDim} words in ${outputDim} numbers each`;
  if (layer.className === 'OneHot') return `One of ${depth} characters`;
  if (layer.className === 'Dropout') return `Dropout ${rate}`;
  return layer.name === 'output' ? `Output: ${amount(units as number, 'number')} (Dense)` : `${layer.className} of size ${units}`;
}

function parametersOf(layer: Layer): number {
  return layer.weights.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}
