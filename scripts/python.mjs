// Virtual environments of Python with pinned packages, which scripts make when they first need
// them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './process.mjs';
import { SetUpError } from './steps.mjs';

const python = (environment) => join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

/**
 * The step that makes an environment. PYTHON names the Python that makes it; default `python3`.
 * @param {string} name What it is for.
 * @param {string} folder Its folder within the repository.
 * @param {string} requirements The file of its pinned packages.
 * @returns {import('./steps.mjs').Step & { python: string }} With the path of its Python.
 */
export function pythonStep(name, folder, requirements) {
  const environment = join(root, folder);
  const stamp = join(environment, 'installed-requirements.txt');
  const wanted = readFileSync(requirements, 'utf8');
  const command = async (program, args, hint) => {
    const { code } = await run(program, args);
    if (code !== 0) throw new SetUpError(`${program} ${args.join(' ')} failed (see above). ${hint}`);
  };
  return {
    name,
    python: python(environment),
    missing: () => (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted ? undefined : `making ${folder}`),
    provide: async () => {
      const hint = 'Install Python 3.11 to 3.13 with its venv module (Debian: python3-venv), or name one in PYTHON.';
      await command(process.env.PYTHON ?? 'python3', ['-m', 'venv', environment], hint);
      const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
      await command(python(environment), install, 'See the message of pip above.');
      writeFileSync(stamp, wanted);
    },
  };
}
