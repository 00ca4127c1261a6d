import { expect, it } from 'vitest';
import { FileError } from '../../ts/core/errors.ts';
import { LazyPart } from '../../ts/core/lazyPart.ts';

it('loads its code once, whoever asks, and has it then', async () => {
  let imports = 0;
  const part = new LazyPart('fit', 'backtime/training', async () => ({ number: ++imports }));
  expect(part.code).toBeNull();
  const [first, second] = await Promise.all([part.load(), part.load()]);
  expect(first).toBe(second);
  expect(await part.load()).toBe(first);
  expect(part.code).toBe(first);
  expect(imports).toBe(1);
});

it('imports nothing when an entry has provided it', async () => {
  const part = new LazyPart<number>('fit', 'backtime/training', () => Promise.reject(new Error('not this one')));
  part.provide(3);
  expect(part.code).toBe(3);
  expect(await part.load()).toBe(3);
});

it('says what did not load and what to do, and tries again', async () => {
  let online = false;
  const part = new LazyPart('saved models', 'backtime/formats', async () => {
    if (!online) throw new TypeError('Failed to fetch');
    return 'code';
  });
  const error = await part.load().catch((caught) => caught);
  expect(error).toBeInstanceOf(FileError);
  expect(error.message).toBe(
    'the code of saved models did not load (TypeError: Failed to fetch): serve all files of the build. ' +
      "Service workers must import 'backtime/formats', too",
  );
  expect(part.code).toBeNull();
  online = true;
  expect(await part.load()).toBe('code');
});
