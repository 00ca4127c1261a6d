// Makes the virtual environment of scale/ (about 7 GB, some minutes) when there is none, and runs
// the tests of the package:
//   npm run scale
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { scalePackage, scalePython } from './checks/scale.mjs';
import { root, run } from './process.mjs';
import { setUp } from './setup.mjs';
import { runScript, SetUpError } from './steps.mjs';
import { toolsFolder } from './toolchain.mjs';

async function step(command, args, remedy) {
  const { code } = await run(command, args);
  if (code !== 0) throw new SetUpError(`${command} ${args.join(' ')} ended with exit code ${code}. ${remedy}`);
}

await runScript(async () => {
  await build(await setUp());
  if (!existsSync(scalePython)) {
    await step(
      process.env.PYTHON ?? 'python3',
      ['-m', 'venv', join(toolsFolder, 'scale-venv')],
      'Install Python 3.11 to 3.13 with its venv module.',
    );
    await step(
      scalePython,
      ['-m', 'pip', 'install', '-e', `${join(root, 'scale')}[jax,torch,ray,texts,dev]`],
      'See the message of pip above.',
    );
  }
  const { failed } = await scalePackage();
  process.exitCode = failed === 0 ? 0 : 1;
});
