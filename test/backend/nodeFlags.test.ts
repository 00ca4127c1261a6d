import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { supportsRelaxedSimd } from '../../ts/backend/wasm/features.ts';
import { wasmBackends } from '../support/backends.ts';

// On relaxed SIMD, too: what compiling WebAssembly does to a process depends on the version of
// Node.
await wasmBackends();

const library = new URL('../../dist/index.js', import.meta.url).href;

/**
 * Runs a program on a Node with these flags.
 * @returns what it printed; a process that ends otherwise fails the test
 */
async function run(flags: readonly string[], code: string): Promise<string> {
  const program = `import { Dense, loadBackend, LSTM, Sequential, setBackend, setRandomSeed, setWarningHandler } from ${JSON.stringify(library)};
    const model = new Sequential([new Dense(1, { inputShape: [1] })]);
    model.compile({ loss: 'meanSquaredError' });
    ${code}`;
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '--input-type=module', '--eval', program]);
  return stdout.trim();
}

describe("Node's flags", () => {
  it.each(['--no-wasm-lazy-compilation', '--no-liftoff', '--wasm-lazy-compilation'])(
    'trains with %s, however long compiling takes',
    async (flag) => {
      expect(await run([flag], 'await model.fit([[1]], [1], { verbose: 0 }); console.log(model.iterations);')).toBe('1');
    },
  );

  it('computes the same in the build for wide vectors, which it takes where the flag gains something, and in its workers', async () => {
    const code = `setWarningHandler((message, code) => warnings.add(code));
      const warnings = new Set();
      const x = { shape: [40, 6, 3], data: Float32Array.from({ length: 720 }, (_, index) => Math.sin(index)) };
      const y = Float32Array.from({ length: 40 }, (_, index) => Math.cos(index));
      const trained = async (workers) => {
        setRandomSeed(1);
        const model = new Sequential([new LSTM(20), new Dense(1)]);
        model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
        await model.fit(x, y, { verbose: 0, workers });
        return JSON.stringify(model.getWeights().map(({ data }) => [...data]));
      };
      const expected = [await trained(0), await trained(1)];
      // A machine that others use may hide the gain for a while.
      const end = performance.now() + 60000;
      let build;
      do {
        setBackend('wasm', { wide: true });
        ({ build } = await loadBackend());
      } while (build !== 'wide' && warnings.has('NO_WIDE_VECTORS') && process.arch === 'x64' && ${supportsRelaxedSimd()} && performance.now() < end);
      const found = [await trained(0), await trained(1)];
      console.log(build + ' ' + (found.join() === expected.join()));`;
    const build = supportsRelaxedSimd() ? (process.arch === 'x64' ? 'wide' : 'relaxed-simd') : 'simd128';
    // Older ones refuse the flag.
    expect(await run(supportsRelaxedSimd() ? ['--experimental-wasm-revectorize'] : [], code)).toBe(`${build} true`);
  });

  it('says what to do where there is no WebAssembly, also when nothing can be awaited', async () => {
    const code = `const tell = ({ name, message }) => console.log(name + ': ' + message);
      await model.save('never.safetensors').catch(tell);
      await model.fit([[1]], [1]).catch(tell);
      setBackend('reference');
      await loadBackend();
      await model.fit([[1]], [1], { verbose: 0 });
      console.log(model.iterations);`;
    const refusal =
      "BackendError: This runtime cannot execute the simd128 kernels: it has no WebAssembly (Node has none with --jitless). setBackend('reference') and await loadBackend() run anywhere, but slowly.";
    expect((await run(['--jitless'], code)).split('\n').slice(-3)).toEqual([refusal, refusal, '1']);
  });
});
