import { expect, test } from 'vitest';
import {
  AdamW,
  type CompileOptions,
  CosineDecay,
  Dense,
  FormatError,
  Huber,
  LayerNormalization,
  loadBackend,
  type ModelState,
  Precision,
  Sequential,
  SGD,
} from '../../ts/index.ts';
import { caught, expectError } from '../support/refusals.ts';

// This file must not load a model before: it tests a program in which no class has loaded.

function stateOf(options: CompileOptions, layer = new Dense(2)): ModelState {
  const model = new Sequential([layer, new Dense(1, { activation: 'sigmoid' })]);
  model.build([null, 3]);
  model.compile(options);
  return structuredClone(model.getState());
}

test('fromState names the entry that has classes that have not loaded, and makes them with it', async () => {
  await loadBackend('reference');
  const plain = { optimizer: 'sgd', loss: 'binaryCrossentropy' } as const;
  const states: [string, ModelState][] = [
    ['a layer', stateOf(plain, new LayerNormalization() as never)],
    ['a loss', stateOf({ ...plain, loss: new Huber() })],
    ['a metric', stateOf({ ...plain, metrics: [new Precision()] })],
    ['an optimizer', stateOf({ ...plain, optimizer: new AdamW() })],
    [
      'a schedule',
      stateOf({ ...plain, optimizer: new SGD({ learningRate: new CosineDecay({ initialLearningRate: 0.1, decaySteps: 9 }) }) }),
    ],
  ];
  for (const [, state] of states)
    expectError(await caught(() => Sequential.fromState(state)), FormatError, /: import 'backtime\/formats' before, which has/);
  await import('../../ts/formats/entry.ts');
  for (const [what, state] of states) expect(Sequential.fromState(state).getState(), what).toEqual(state);
  const unknown = { ...(states[0] as [string, ModelState])[1], layers: [{ className: 'Strange', config: {} }] };
  expectError(await caught(() => Sequential.fromState(unknown)), FormatError, /there is no layer class 'Strange'; the classes are [^:]*$/);
});
