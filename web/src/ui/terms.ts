/** What the words of the page mean, a sentence or two each. */
export const TERMS = {
  epoch: {
    name: 'epoch',
    about: 'One time through all examples. With more epochs a model learns more, and in the end learns by heart.',
  },
  batch: {
    name: 'examples a step',
    about:
      'So many examples are looked at before the model is changed a little. Fewer make more and rougher steps, more make fewer and smoother ones.',
  },
  learningRate: {
    name: 'learning rate',
    about: 'How far each step changes the model. Too large, and it never settles; too small, and it takes very long.',
  },
  earlyStopping: {
    name: 'stopping early',
    about:
      'After each epoch the model answers examples that it does not learn from. When its answers get no better for so many epochs, training ends, and the model of the best epoch is kept.',
  },
  seed: {
    name: 'seed',
    about: 'A model begins with random numbers. The same seed and settings give the same model; another seed shows how much is luck.',
  },
  repeats: {
    name: 'training three times',
    about: 'With three seeds you see how far scores differ by luck alone: a smaller difference between two settings means nothing.',
  },
  workers: { name: 'processor cores', about: 'How many cores of this device train at the same time. Automatic is right for most.' },
  parameters: {
    name: 'parameters',
    about: 'The numbers that are learnt. More can hold more, take longer, and learn by heart more easily.',
  },
  embedding: {
    name: 'numbers for each word',
    about: 'Each word is turned into so many numbers, which are learnt, so that words of like meaning get like numbers.',
  },
  layer: {
    name: 'layer',
    about:
      'A step on the way from the data to the answer. LSTM, GRU and SimpleRNN read step by step and remember; Dense combines; Dropout forgets on purpose, against learning by heart.',
  },
  loss: { name: 'loss', about: 'How wrong the answers are, as one number that training makes smaller. 0 would be perfect.' },
  accuracy: { name: 'part that is right', about: 'How many of the answers are right.' },
  validation: {
    name: 'validation data',
    about:
      'Examples that are not learnt from, but judged by after every epoch. The best epoch and the usual settings are chosen by them, so they make a model look a little better than it is.',
  },
  test: {
    name: 'test data',
    about:
      'Examples that were put aside before training, and judged by once, at the end. What counts. If you choose settings by them again and again, they flatter too.',
  },
  baseline: { name: 'answers without learning', about: 'What one gets without any learning. A model that is no better is of no use.' },
  typicalError: {
    name: 'typically off by',
    about: 'The root of the mean squared error: errors are mostly about as large as this, and large errors count more.',
  },
  precision: { name: 'precision', about: 'Of those that the model took for this class: the part that really is of it.' },
  classMean: {
    name: 'each class counted alike',
    about:
      'The mean over the classes, so that rare ones count as much as frequent ones: a model that always says the most frequent class has a low one.',
  },
  recall: { name: 'recall', about: 'Of those that really are of this class: the part that the model found.' },
  interval: {
    name: 'interval',
    about: 'Where the true value will be in 9 of 10 cases, if the model goes on making errors like those on the validation data.',
  },
  temperature: {
    name: 'boldness',
    about: 'Low: always the likeliest next character, careful and repetitive. High: unlikely ones too, bold and full of mistakes.',
  },
} as const;

export type Term = keyof typeof TERMS;
