// Makes test/golden/*.json with Keras in a virtual environment: `npm run golden [module ...]`, for
// example `npm run golden losses`. The first run installs the pinned requirements into .venv/
// (about 2 GB, two minutes); later runs start at once.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const environment = fileURLToPath(new URL('../../.venv/', import.meta.url));
const python = join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
const requirements = join(folder, 'requirements.txt');
const stamp = join(environment, 'installed-requirements.txt');

function run(step, command, args, hint) {
  console.log(`${step} ...`);
  const { error, status } = spawnSync(command, args, { stdio: 'inherit' });
  if (error || status !== 0) {
    console.error(`${step} failed: ${error ? error.message : `${command} ended with status ${status}`}. ${hint}`);
    process.exit(1);
  }
}

const wanted = readFileSync(requirements, 'utf8');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  const systemPython = process.env.PYTHON ?? 'python3';
  run(
    'Creating .venv',
    systemPython,
    ['-m', 'venv', environment],
    'Install Python 3.11 to 3.13 with its venv module (Debian: python3-venv), or name one in PYTHON.',
  );
  run(
    'Installing requirements',
    python,
    ['-m', 'pip', 'install', '--disable-pip-version-check', '-r', requirements],
    'See the message of pip above.',
  );
  writeFileSync(stamp, wanted);
}
run('Generating golden values', python, [join(folder, 'generate.py'), ...process.argv.slice(2)], 'See the message of Python above.');
