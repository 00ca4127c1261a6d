import { expect, test } from 'vitest';
import { ZipArchive } from '../../../ts/data/zip.ts';
import { kerasJSON } from '../../../ts/formats/keras/kerasJSON.ts';
import { Dense, FBetaScore, modelToBytes, Sequential, SGD } from '../../../ts/index.ts';

// Keras refuses a learning rate, a momentum, a beta or a threshold that is an int in Python.

test('options that must be floats have a decimal point, and nothing else changes', () => {
  expect(kerasJSON({ learning_rate: 1, momentum: 0, units: 1, beta: -2, threshold: 0.5, name: '\x001', axis: [1] })).toBe(
    '{"learning_rate":1.0,"momentum":0.0,"units":1,"beta":-2.0,"threshold":0.5,"name":"\\u00001","axis":[1]}',
  );
  expect(kerasJSON({ learning_rate: 1e30 })).toBe('{"learning_rate":1e+30}');
});

test('so have those of a file', async () => {
  const model = new Sequential([new Dense(3, { inputShape: [2], activation: 'softmax' })]);
  model.compile({ optimizer: new SGD({ learningRate: 1 }), loss: 'categoricalCrossentropy', metrics: [new FBetaScore({ beta: 2 })] });
  const archive = new ZipArchive(await modelToBytes(model, { format: 'keras' }), 'the file');
  const config = new TextDecoder().decode(archive.read('config.json'));
  for (const part of ['"learning_rate":1.0', '"momentum":0.0', '"beta":2.0']) expect(config).toContain(part);
});
