import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { hashOfSources } from '../../scripts/build-wasm.mjs';
import { addWasmTarget, findToolchain, hasWasmTarget, installPinned, pinnedToolchain, WASM_TARGET } from '../../scripts/toolchain.mjs';

const pinned = pinnedToolchain().version;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backtime-toolchain-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

/** A machine that has only these programs, shell scripts that find their own folder in `$here`. */
function machine(programs: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\nPATH=/usr/bin:/bin\nhere='${folder}'\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return { PATH: bin, CARGO_HOME: join(folder, 'no-cargo-home') };
}

/**
 * What rustup puts at the place of rustc and cargo: it runs the toolchain of the variable, which it
 * installs unless forbidden.
 */
const PROXY = `
version="\${RUSTUP_TOOLCHAIN:-9.99.0}"
sysroot="$here/toolchains/$version"
if [ ! -d "$sysroot" ]; then
  [ "$RUSTUP_AUTO_INSTALL" = 0 ] && { echo "not installed" >&2; exit 1; }
  touch "$here/installed-unasked"
fi
case "$*" in
  *sysroot*) echo "$sysroot" ;;
  *target-libdir*) echo "$sysroot/lib/rustlib/${WASM_TARGET}/lib" ;;
  *) echo "rustc $version (0 2026-01-01)" ;;
esac`;
const RUSTUP = `
echo "$*" >> "$here/rustup-calls"
# Its version comes with that of the active compiler, which it installs as well.
[ "$RUSTUP_AUTO_INSTALL" = 0 ] || [ "$1" = toolchain ] || touch "$here/installed-unasked"
case "$1 $2" in 'toolchain install')
  lib="$here/toolchains/$3/lib/rustlib"
  mkdir -p "$lib/${WASM_TARGET}/lib"
  touch "$lib/multirust-channel-manifest.toml" "$lib/${WASM_TARGET}/lib/libstd-0.rlib"
esac`;

test('the pin is one version of the compiler with what the checks and the modules need', () => {
  expect(pinned).toMatch(/^1\.\d+\.\d+$/);
  expect(pinnedToolchain()).toEqual({ version: pinned, components: ['clippy', 'rustfmt'], targets: [WASM_TARGET] });
});

test('here, the scripts use the pinned version, or a toolchain that is not of rustup', () => {
  const { kind, version, env } = findToolchain();
  const used = execFileSync('rustc', ['--version'], { env, encoding: 'utf8' });
  expect(used).toContain(`rustc ${version} `);
  if (kind === 'rustup') expect(version).toBe(pinned);
});

test('a default or an override of rustup does not take the place of the pinned version', () => {
  const env = machine({ rustc: PROXY, cargo: PROXY, rustup: RUSTUP });
  for (const version of [pinned, '9.99.0']) {
    mkdirSync(join(folder, 'toolchains', version, 'lib', 'rustlib'), { recursive: true });
    writeFileSync(join(folder, 'toolchains', version, 'lib', 'rustlib', 'multirust-channel-manifest.toml'), '');
  }
  for (const override of [{}, { RUSTUP_TOOLCHAIN: '9.99.0' }]) {
    expect(findToolchain({ ...env, ...override })).toMatchObject({ kind: 'rustup', version: pinned, env: { RUSTUP_TOOLCHAIN: pinned } });
  }
});

test('a rustup that lacks the pinned version installs it with its parts, in the step that says so', async () => {
  const toolchain = findToolchain(machine({ rustc: PROXY, cargo: PROXY, rustup: RUSTUP }));
  expect(toolchain).toMatchObject({ kind: 'rustup', version: pinned });
  expect(hasWasmTarget(toolchain)).toBe(false);
  expect(() => readFileSync(join(folder, 'installed-unasked'))).toThrow('ENOENT');
  await addWasmTarget(toolchain);
  expect(hasWasmTarget(toolchain)).toBe(true);
  const parts = `--component clippy --component rustfmt --target ${WASM_TARGET}`;
  expect(readFileSync(join(folder, 'rustup-calls'), 'utf8')).toContain(
    `toolchain install ${pinned} --no-self-update --profile minimal ${parts}`,
  );
});

test('an installation that fails names the command', async () => {
  const toolchain = findToolchain(machine({ rustc: 'exit 1', cargo: 'exit 1', rustup: '[ "$1" = --version ]' }));
  await expect(installPinned(toolchain)).rejects.toThrow(`rustup toolchain install ${pinned}`);
});

test("Debian's compiler is used as it is, though a rustup is installed beside it", () => {
  const sysroot = '/usr';
  const script = `case "$*" in *sysroot*) echo ${sysroot};; *target-libdir*) echo "$here/target";; *) echo 'rustc 1.96.0 (Debian)';; esac`;
  mkdirSync(join(folder, 'target'));
  writeFileSync(join(folder, 'target', 'libstd-0.rlib'), '');
  expect(findToolchain(machine({ rustc: script, cargo: script, rustup: RUSTUP }))).toMatchObject({ kind: 'system', version: '1.96.0' });
});

test('a machine without Rust is told both ways to install it', () => {
  expect(() => findToolchain(machine({}))).toThrow(/rustc was not found\.[\s\S]*rustup\.rs[\s\S]*apt-get install rustc-web/);
});

test('modules are built anew after another compiler', () => {
  const env = machine({ rustc: 'echo "rustc $MINOR"' });
  const hash = (minor: string) => hashOfSources({ ...env, MINOR: minor });
  expect(hash('1.95.0')).toBe(hash('1.95.0'));
  expect(hash('1.95.0')).not.toBe(hash('1.96.0'));
});
