/** What the words of the page mean, a sentence or two each. */
export const TERMS = {
  epoch: {
    name: 'epoch',
    about:
      'One pass over all examples. With more epochs a model learns more, but after too many it learns the examples by heart (it overfits).',
  },
  batch: {
    name: 'examples a step',
    about:
      'The number of examples after which the model is changed a little (the batch size). A small number makes many rough steps, a large one few smooth steps.',
  },
  learningRate: {
    name: 'learning rate',
    about:
      'How much each step changes the model. If it is too large, the loss does not fall. If it is too small, training takes very long.',
  },
  earlyStopping: {
    name: 'stopping early',
    about:
      'After each epoch the model is judged by the validation data, which it does not learn from. If it gets no better for this number of epochs, training ends, and the model of the best epoch is kept.',
  },
  seed: {
    name: 'seed',
    about:
      'A model begins with random numbers. The same seed and settings give the same model. Other seeds show how much of a score is luck.',
  },
  repeats: {
    name: 'training three times',
    about: 'Three seeds show how much scores differ by luck alone. A smaller difference between two settings means nothing.',
  },
  workers: {
    name: 'processor cores',
    about: 'The number of processor cores that train at the same time. Automatic is right for most models.',
  },
  parameters: {
    name: 'parameters',
    about: 'The numbers that the model learns. With more of them it can learn more, takes longer, and learns by heart more easily.',
  },
  embedding: {
    name: 'numbers for each word',
    about: 'The model learns this many numbers for each word (an embedding). Words of similar meaning get similar numbers.',
  },
  layer: {
    name: 'layer',
    about:
      'A part of the network, which computes numbers from those of the layer before it. LSTM, GRU and SimpleRNN read step by step and remember what they read. Dense combines all numbers. Dropout sets random numbers to 0 during training, against learning by heart.',
  },
  loss: { name: 'loss', about: 'How wrong the answers are, as one number. Training makes it smaller. 0 is perfect.' },
  accuracy: { name: 'part that is right', about: 'The part of the answers that is right (the accuracy).' },
  validation: {
    name: 'validation data',
    about:
      'Examples that the model does not learn from, but by which it is judged after every epoch. The best epoch and the usual settings are chosen by them, so they make a model look a little better than it is.',
  },
  test: {
    name: 'test data',
    about:
      'Examples that were put aside before training. The model is judged by them once, at the end, so they show how good it is on new data. If you choose settings by them again and again, they make it look too good, too.',
  },
  baseline: {
    name: 'answers without learning',
    about: 'The score of answers that need no learning, such as always the most frequent one. A model that is no better is of no use.',
  },
  typicalError: {
    name: 'typically off by',
    about: 'The root mean squared error: most errors are about as large as this, and large errors count more.',
  },
  precision: { name: 'precision', about: 'Of the answers of this class: the part that is right.' },
  classMean: {
    name: 'each class counted alike',
    about:
      'The mean over the classes, in which rare classes count as much as frequent ones. It is low for a model that always answers the most frequent class.',
  },
  recall: { name: 'recall', about: 'Of the examples that really are of this class: the part that the model found.' },
  interval: {
    name: 'interval',
    about: 'The range that has the true value in 9 of 10 cases, if new errors are like those on the validation data.',
  },
  temperature: {
    name: 'temperature',
    about:
      'How the next character is drawn. Low: mostly the most probable one, which repeats itself. High: improbable ones too, with more mistakes.',
  },
} as const;

export type Term = keyof typeof TERMS;
