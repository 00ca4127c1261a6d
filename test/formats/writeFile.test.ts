import { type ChildProcess, execFileSync, fork, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, { type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ArgumentError, FileError } from '../../ts/core/errors.ts';
import { writeFileAtomically } from '../../ts/formats/writeFile.ts';
import { bundleScript } from '../support/bundled.ts';
import { caught, expectError } from '../support/refusals.ts';

const HOUR = 3_600_000;
const isRoot = process.geteuid?.() === 0;

/**
 * Bytes that tell whether they are whole: their length follows from the value that all of them
 * have.
 */
const content = (value: number) => new Uint8Array(100_000 + 10_000 * value).fill(value);

/** Which content a file has. Fails when it is not a whole one. */
async function contentOf(path: string): Promise<number> {
  const bytes = await fs.readFile(path);
  const value = bytes[0] ?? -1;
  if (!bytes.equals(content(value))) expect.fail(`${path} is not whole: it has ${bytes.length} bytes and begins with ${value}`);
  return value;
}

/**
 * Saves in another thread or process: `count` saves to `path` of contents from `first` on, `atOnce`
 * of them at a time. It tells each round's beginning, and what failed.
 */
const WRITER = `
  import { parentPort, workerData } from 'node:worker_threads';
  import { writeFileAtomically } from '/ts/formats/writeFile.ts';
  const content = ${content.toString()};
  const { path, first, count, atOnce } = workerData ?? JSON.parse(process.argv[2]);
  const tell = (message) => (parentPort ? parentPort.postMessage(message) : process.send ? process.send(message) : console.log(message));
  try {
    for (let save = 0; save < count; save += atOnce) {
      tell('saving');
      await Promise.all(Array.from({ length: atOnce }, (_, index) => writeFileAtomically(path, content(first + ((save + index) % 20)))));
    }
    tell('done');
  } catch (error) {
    tell(error.name + ': ' + error.message);
  }
  process.disconnect?.();`;

interface Writing {
  readonly path: string;
  readonly first: number;
  readonly count: number;
  readonly atOnce: number;
}

let scripts = '';
let writer = '';
let folder = '';

beforeAll(async () => {
  scripts = await fs.mkdtemp(join(tmpdir(), 'backtime-scripts-'));
  writer = join(scripts, 'writer.mjs');
  await bundleScript(WRITER, writer);
});
afterAll(() => fs.rm(scripts, { recursive: true }));
beforeEach(async () => {
  folder = await fs.realpath(await fs.mkdtemp(join(tmpdir(), 'backtime-')));
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await fs.rm(folder, { recursive: true });
});

const modeOf = async (path: string) => (await fs.stat(path)).mode & 0o777;

/** Calls a function with each temporary file's handle and path when it has been opened. */
function onTemporary(prepare: (handle: FileHandle, path: string) => void): void {
  const open = fs.open.bind(fs);
  vi.spyOn(fs, 'open').mockImplementation(async (path, flags, mode) => {
    const handle = await open(path, flags, mode);
    if (String(path).endsWith('.tmp')) prepare(handle, String(path));
    return handle;
  });
}

describe('saves that overlap', () => {
  test('in one thread all resolve and the last one called wins, by whatever names the file is called', async () => {
    const path = join(folder, 'model.safetensors');
    const link = join(folder, 'link');
    await fs.symlink('model.safetensors', link);
    const url = pathToFileURL(path);
    const names = [path, link, url, relative(process.cwd(), path), url.href, join(folder, '..', basename(folder), basename(path))];
    for (let round = 0; round < 4 * names.length; round++) {
      const order = names.map((_, index) => names[(index + round) % names.length] as string | URL);
      await Promise.all(order.map((name, index) => writeFileAtomically(name, content(index + 1))));
      expect(await contentOf(path), `round ${round}`).toBe(names.length);
    }
    expect((await fs.readdir(folder)).sort()).toEqual(['link', 'model.safetensors']);
  });

  test('one that fails takes no other with it', async () => {
    const path = join(folder, 'model.safetensors');
    vi.spyOn(fs, 'rename').mockRejectedValueOnce(Object.assign(new Error('EIO: i/o error, rename'), { syscall: 'rename' }));
    const outcomes = await Promise.allSettled([1, 2, 3].map((value) => writeFileAtomically(path, content(value))));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expectError((outcomes[0] as PromiseRejectedResult).reason, FileError, /^save: cannot write .*model\.safetensors: EIO: i\/o error$/);
    expect(await contentOf(path)).toBe(3);
    expect(await fs.readdir(folder)).toEqual(['model.safetensors']);
  });

  test('to different files they do not wait for each other', async () => {
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const begun = new Promise<void>((resolve) => {
      onTemporary((handle) => {
        vi.mocked(fs.open).mockRestore();
        const sync = handle.sync.bind(handle);
        handle.sync = () => {
          resolve();
          return held.then(sync);
        };
      });
    });
    const slow = writeFileAtomically(first, content(1));
    await begun;
    await writeFileAtomically(second, content(2));
    expect(await fs.readdir(folder)).not.toContain('first');
    release();
    await slow;
    expect(await contentOf(first)).toBe(1);
  });

  /** Runs writers until each is done, and reads the file all the while. */
  async function readWhile(path: string, ends: readonly Promise<string>[]): Promise<void> {
    let running = true;
    const all = Promise.all(ends).finally(() => {
      running = false;
    });
    const values = new Set<number>();
    while (running) values.add(await contentOf(path));
    expect(await all).toEqual(ends.map(() => 'done'));
    expect(values.size).toBeGreaterThan(1);
    expect(await fs.readdir(folder)).toEqual([basename(path)]);
    // The last one of some writer.
    expect([20, 60, 100]).toContain(await contentOf(path));
  }

  /** What a writer tells last. */
  const lastWord = (source: Worker | ChildProcess) =>
    new Promise<string>((resolve, reject) => {
      let last = 'nothing';
      source.on('message', (message: string) => {
        last = message;
      });
      source.on('error', reject);
      source.on('exit', () => resolve(last));
    });
  const writings = (path: string): Writing[] => [1, 41, 81].map((first) => ({ path, first, count: 60, atOnce: 4 }));

  test('in several threads all resolve, and the file is whole whenever it is read', async () => {
    const path = join(folder, 'model.safetensors');
    await fs.writeFile(path, content(0));
    const workers = writings(path).map((workerData) => new Worker(writer, { workerData }));
    await readWhile(path, workers.map(lastWord));
  });

  test('in several processes all resolve, and the file is whole whenever it is read', async () => {
    const path = join(folder, 'model.safetensors');
    await fs.writeFile(path, content(0));
    const children = writings(path).map((writing) => fork(writer, [JSON.stringify(writing)]));
    await readWhile(path, children.map(lastWord));
  });
});

describe('a save that does not end', () => {
  /** Runs the writer in a process of its own, and returns what it printed. */
  async function outputOf(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    await once(child, 'close');
    return output.trim();
  }

  test('for want of room leaves the old file whole and nothing beside it', async () => {
    const path = join(folder, 'model.safetensors');
    await fs.writeFile(path, content(0));
    const writing: Writing = { path, first: 5, count: 1, atOnce: 1 };
    // A limit of at most 64 kB for any file: to the writer it is a disk that is full.
    const limited = ['-c', 'ulimit -f 64; exec "$@"', 'sh', process.execPath, writer, JSON.stringify(writing)];
    expect(await outputOf('sh', limited)).toMatch(/^saving\nFileError: save: cannot write \S*model\.safetensors: EFBIG: file too large$/);
    expect(await contentOf(path)).toBe(0);
    expect(await fs.readdir(folder)).toEqual(['model.safetensors']);
  });

  test('because its process is killed leaves a whole file', async () => {
    const path = join(folder, 'model.safetensors');
    await fs.writeFile(path, content(0));
    for (let kill = 0; kill < 12; kill++) {
      const child = fork(writer, [JSON.stringify({ path, first: 1, count: 1e6, atOnce: 2 } satisfies Writing)]);
      const exit = once(child, 'exit');
      // Each time at another place: after so many rounds of saves.
      for (let round = 0; round < 1 + (kill % 4); round++) await once(child, 'message');
      child.kill('SIGKILL');
      await exit;
      await contentOf(path);
    }
  });

  test('in the middle of its writing leaves the old file whole', async () => {
    const path = join(folder, 'model.safetensors');
    await fs.writeFile(path, content(7));
    let written = false;
    onTemporary((handle) => {
      handle.writeFile = async () => {
        await handle.write(content(8), 0, 50_000);
        expect(await contentOf(path)).toBe(7);
        written = true;
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { syscall: 'write' });
      };
    });
    expectError(await caught(() => writeFileAtomically(path, content(8))), FileError, /ENOSPC: no space left on device$/);
    expect(written).toBe(true);
    expect(await contentOf(path)).toBe(7);
    expect(await fs.readdir(folder)).toEqual(['model.safetensors']);
  });

  test('is no more than what is on the disk: the file is synced before it gets its name, and its folder after', async () => {
    const path = join(folder, 'model.safetensors');
    const events: string[] = [];
    const { open, rename } = fs;
    vi.spyOn(fs, 'open').mockImplementation(async (opened, ...rest) => {
      const handle = await open.call(fs, opened, ...rest);
      const what = String(opened) === folder ? 'folder' : 'file';
      for (const call of ['writeFile', 'sync', 'close'] as const) {
        const original = handle[call].bind(handle) as (...args: unknown[]) => Promise<void>;
        Object.assign(handle, {
          [call]: async (...args: unknown[]) => {
            await original(...args);
            events.push(`${call} ${what}`);
          },
        });
      }
      return handle;
    });
    vi.spyOn(fs, 'rename').mockImplementation(async (from, to) => {
      await rename.call(fs, from, to);
      events.push('rename');
    });
    await writeFileAtomically(path, content(1));
    expect(events).toEqual(['writeFile file', 'sync file', 'close file', 'rename', 'sync folder', 'close folder']);
  });

  test.runIf(isRoot)('for want of permission leaves a write-protected file as it was', async () => {
    const path = join(folder, 'model.safetensors');
    await fs.writeFile(path, content(0), { mode: 0o444 });
    const nobody = 65534;
    await fs.chown(folder, nobody, nobody);
    await fs.chown(path, nobody, nobody);
    await fs.chmod(scripts, 0o755);
    const writing: Writing = { path, first: 5, count: 1, atOnce: 1 };
    const said = await outputOf(process.execPath, [writer, JSON.stringify(writing)], { uid: nobody, gid: nobody, cwd: folder });
    expect(said).toMatch(/FileError: save: cannot write \S*model\.safetensors: this process has no permission to write there$/);
    expect(await contentOf(path)).toBe(0);
  });
});

describe('what a save keeps', () => {
  test.each([0o600, 0o640, 0o644, 0o666, 0o777])('a file of mode %o, which none of its bytes is written without', async (mode) => {
    const path = join(folder, 'model.safetensors');
    await fs.writeFile(path, '');
    await fs.chmod(path, mode);
    let before = -1;
    onTemporary((handle, temporary) => {
      const writeFile = handle.writeFile.bind(handle);
      handle.writeFile = async (...args) => {
        before = await modeOf(temporary);
        await writeFile(...args);
      };
    });
    await writeFileAtomically(path, content(1));
    expect(before).toBe(mode);
    expect(await modeOf(path)).toBe(mode);
  });

  test('the mode that new files have', async () => {
    const [path, other] = [join(folder, 'model.safetensors'), join(folder, 'other')];
    await writeFileAtomically(path, content(1));
    await fs.writeFile(other, '');
    expect(await modeOf(path)).toBe(await modeOf(other));
  });

  test.runIf(isRoot)('the owner, and where it cannot be kept, what is kept from others', async () => {
    const path = join(folder, 'model.safetensors');
    await fs.writeFile(path, '');
    await fs.chown(path, 12345, 54321);
    await fs.chmod(path, 0o664);
    const modes: number[] = [];
    onTemporary((handle) => {
      const chown = handle.chown.bind(handle);
      handle.chown = async (uid, gid) => {
        modes.push((await handle.stat()).mode & 0o077);
        await chown(uid, gid);
      };
    });
    await writeFileAtomically(path, content(1));
    expect(await fs.stat(path)).toMatchObject({ uid: 12345, gid: 54321 });
    expect(await modeOf(path)).toBe(0o664);
    vi.restoreAllMocks();
    onTemporary((handle) => {
      handle.chown = () => Promise.reject(new Error('EPERM: operation not permitted, fchown'));
    });
    await writeFileAtomically(path, content(2));
    expect(await fs.stat(path)).toMatchObject({ uid: 0, gid: 0 });
    // Another group could read and write it; this one only reads, as everybody.
    expect(await modeOf(path)).toBe(0o644);
    expect(modes).toEqual([0]);
  });

  test('symbolic links, whose target is replaced: near, far, of two steps, and to a file that is yet to be made', async () => {
    const elsewhere = join(folder, 'elsewhere');
    await fs.mkdir(elsewhere);
    const target = join(elsewhere, 'target.safetensors');
    await fs.writeFile(target, '');
    await fs.chmod(target, 0o600);
    const links = { far: target, near: join('elsewhere', 'target.safetensors'), two: 'near', missing: join('elsewhere', 'new') };
    for (const [name, to] of Object.entries(links)) await fs.symlink(to, join(folder, name));
    for (const [index, name] of (['far', 'near', 'two'] as const).entries()) {
      await writeFileAtomically(join(folder, name), content(index));
      expect(await contentOf(target)).toBe(index);
    }
    expect(await modeOf(target)).toBe(0o600);
    await writeFileAtomically(join(folder, 'missing'), content(9));
    expect(await contentOf(join(elsewhere, 'new'))).toBe(9);
    for (const [name, to] of Object.entries(links)) expect(await fs.readlink(join(folder, name))).toBe(to);
    expect((await fs.readdir(elsewhere)).sort()).toEqual(['new', 'target.safetensors']);
  });

  test('links in a circle, folders and pipes, which are refused', async () => {
    await fs.symlink('b', join(folder, 'a'));
    await fs.symlink('a', join(folder, 'b'));
    await fs.mkdir(join(folder, 'folder'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await fs.symlink('pipe', join(folder, 'to the pipe'));
    const refusal = (name: string) => caught(() => writeFileAtomically(join(folder, name), content(1)));
    expectError(await refusal('a'), FileError, /^save: cannot write \S*: ELOOP: too many symbolic links encountered$/);
    for (const name of ['folder', 'pipe', 'to the pipe']) expectError(await refusal(name), FileError, /: it is not a regular file$/);
    expect((await fs.lstat(join(folder, 'pipe'))).isFIFO()).toBe(true);
    expect((await fs.readdir(folder)).sort()).toEqual(['a', 'b', 'folder', 'pipe', 'to the pipe']);
  });

  test.each([
    ['of 255 bytes', `${'n'.repeat(243)}.safetensors`],
    ['of 255 bytes in another alphabet', `${'モ'.repeat(81)}.safetensors`],
    ['that are like those of temporary files', '.backtime-0123456789abcdef.tmp'],
  ])('names %s', async (_label, name) => {
    const path = join(folder, name);
    await writeFileAtomically(path, content(1));
    await writeFileAtomically(path, content(2));
    expect(await contentOf(path)).toBe(2);
    expect(await fs.readdir(folder)).toEqual([name]);
  });

  test('whatever a temporary name was prepared as', async () => {
    vi.stubGlobal('crypto', { getRandomValues: (bytes: Uint8Array) => bytes.fill(0xab) });
    const prepared = join(folder, `.backtime-${'ab'.repeat(8)}.tmp`);
    const [path, victim] = [join(folder, 'model.safetensors'), join(folder, 'victim')];
    await fs.writeFile(victim, 'precious');
    const attempt = () => caught(() => writeFileAtomically(path, content(1)));
    await fs.symlink(victim, prepared);
    expectError(await attempt(), FileError, /^save: cannot write \S*model\.safetensors: EEXIST: file already exists$/);
    expect(await fs.readlink(prepared)).toBe(victim);
    await fs.unlink(prepared);
    await fs.symlink(join(folder, 'to be made'), prepared);
    expectError(await attempt(), FileError, /EEXIST/);
    await fs.unlink(prepared);
    await fs.writeFile(prepared, "another's");
    expectError(await attempt(), FileError, /EEXIST/);
    expect(await fs.readFile(prepared, 'utf8')).toBe("another's");
    expect(await fs.readFile(victim, 'utf8')).toBe('precious');
    expect((await fs.readdir(folder)).sort()).toEqual([basename(prepared), 'victim']);
  });
});

describe('what killed saves left', () => {
  const old = (path: string, age: number) => fs.lutimes(path, (Date.now() - age) / 1000, (Date.now() - age) / 1000);

  test('is removed when its name is exactly that of a temporary file and it is older than an hour', async () => {
    const [killed, underWay, linked] = ['0', '1', '2'].map((digit) => `.backtime-${digit.repeat(16)}.tmp`) as [string, string, string];
    const others = [
      '.backtime-0123456789abcde.tmp',
      '.backtime-0123456789abcdef0.tmp',
      '.backtime-0123456789ABCDEF.tmp',
      '.backtime-0123456789abcdeg.tmp',
      '.backtime-0123456789abcdef.tmp.txt',
      'x.backtime-0123456789abcdef.tmp',
      'backtime-0123456789abcdef.tmp',
      'model.safetensors.1234.tmp',
    ];
    for (const name of [killed, underWay, ...others]) await fs.writeFile(join(folder, name), '');
    await fs.symlink('model.safetensors.1234.tmp', join(folder, linked));
    await fs.mkdir(join(folder, `.backtime-${'3'.repeat(16)}.tmp`));
    const before = (await fs.readdir(folder)).sort();
    for (const name of before) await old(join(folder, name), name === underWay ? HOUR - 60_000 : HOUR + 60_000);
    await writeFileAtomically(join(folder, 'model.safetensors'), content(1));
    const expected = [...before.filter((name) => name !== killed), 'model.safetensors'].sort();
    expect((await fs.readdir(folder)).sort()).toEqual(expected);
  });

  test('is looked for once an hour in each folder', async () => {
    const path = join(folder, 'model.safetensors');
    const opendir = vi.spyOn(fs, 'opendir');
    for (let save = 0; save < 3; save++) await writeFileAtomically(path, content(save));
    expect(opendir.mock.calls.map(([opened]) => opened)).toEqual([dirname(path)]);
  });

  test('in a folder that cannot be listed costs no save', async () => {
    vi.spyOn(fs, 'opendir').mockRejectedValue(new Error('EACCES'));
    await writeFileAtomically(join(folder, 'model.safetensors'), content(1));
    expect(await contentOf(join(folder, 'model.safetensors'))).toBe(1);
  });
});

test('an address that is none of a file is an error of the argument', async () => {
  const refused = caught(() => writeFileAtomically(new URL('https://example.com/model.safetensors'), content(1)));
  expectError(await refused, ArgumentError, /^https:\/\/example\.com\/model\.safetensors is not the address of a file on this system$/);
});
