import { FormatError } from '../../core/errors.ts';
import { isPlain, type Plain } from '../keras/kerasObject.ts';
import { countUsesFromZero } from '../keras/nestedUses.ts';

// Where the layers of TF.js differ from those of Keras 2, whose form their configurations have.

/** The most layers that are read. Large models have a thousand. */
const MOST_LAYERS = 5000;

const DENSE = { kernel_initializer: 'glorot_normal' };
const RECURRENT = { ...DENSE, use_bias: true };
const LSTM = { ...RECURRENT, recurrent_activation: 'hard_sigmoid', unit_forget_bias: false };
const GRU = { ...RECURRENT, recurrent_activation: 'hard_sigmoid', reset_after: false };

/** Defaults of TF.js that are not those of Keras 3, by the class of the layer. */
const DEFAULTS: Readonly<Record<string, Plain>> = {
  Dense: DENSE,
  Conv1D: DENSE,
  Conv2D: DENSE,
  SimpleRNN: RECURRENT,
  SimpleRNNCell: RECURRENT,
  LSTM,
  LSTMCell: LSTM,
  GRU,
  GRUCell: GRU,
  Softmax: { axis: 1 },
};

/** Classes that TF.js calls otherwise. */
const CLASSES: Readonly<Record<string, string>> = { LeCunNormal: 'LecunNormal', LeCunUniform: 'LecunUniform' };

/** Activations that TF.js calls otherwise. */
const ACTIVATIONS: Readonly<Record<string, string>> = { gelu_new: 'gelu_tanh' };

/** Entries that TF.js writes for an RNN besides its cell: the options of the cell, and its name. */
const OF_RNN: readonly string[] = [
  'name',
  'trainable',
  'dtype',
  'batch_input_shape',
  'cell',
  'return_sequences',
  'return_state',
  'go_backwards',
  'stateful',
  'unroll',
];

/**
 * Makes a configuration that means in Keras 2 what it means in TF.js: options that are missing get
 * TF.js's defaults.
 * @throws {FormatError} when there are too many layers
 */
export function adaptLayers(topology: unknown): unknown {
  let count = 0;
  const adapt = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(adapt);
    if (!isPlain(value)) return value;
    const made = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, adapt(each)])) as Plain;
    const { class_name: className, config } = made;
    if (typeof className !== 'string' || !isPlain(config)) return made;
    if (Array.isArray(config.layers)) count += config.layers.length;
    const known = Object.hasOwn(CLASSES, className) ? CLASSES[className] : className;
    return { ...made, class_name: known, config: adaptConfig(className, config) };
  };
  const adapted = adapt(topology);
  if (count > MOST_LAYERS) throw new FormatError(`the model has ${count} layers, at most ${MOST_LAYERS} are read`);
  return adapted;
}

function adaptConfig(className: string, config: Plain): Plain {
  if (className === 'Model' || className === 'Functional') return countUsesFromZero(config);
  if (className === 'RNN') return Object.fromEntries(Object.entries(config).filter(([option]) => OF_RNN.includes(option)));
  if (className === 'VarianceScaling' && config.distribution === 'normal') return { ...config, distribution: 'truncated_normal' };
  const defaults = Object.hasOwn(DEFAULTS, className) ? (DEFAULTS[className] as Plain) : {};
  const made: Record<string, unknown> = { ...config };
  for (const [option, byDefault] of Object.entries(defaults)) {
    // TF.js writes null for an option that it was not given.
    if (made[option] === undefined || (made[option] === null && typeof byDefault === 'boolean')) made[option] = byDefault;
  }
  // Cells are trained with the layer that runs them, and have no outputs of their own.
  if (className.endsWith('Cell')) {
    if (made.trainable === true) delete made.trainable;
    if (made.activity_regularizer === null) delete made.activity_regularizer;
  }
  const activation = made.activation;
  if (typeof activation === 'string' && Object.hasOwn(ACTIVATIONS, activation)) made.activation = ACTIVATIONS[activation];
  return made;
}
