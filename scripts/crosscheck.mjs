// Compares random architectures in Keras and in Backtime, both ways through .keras files:
//   npm run crosscheck -- --count 1000 --seed 1
// The first run makes a virtual environment in .tools/ (several GB, since it has PyTorch).
// scripts/crosscheck/run.py computes with Keras; scripts/crosscheck/server.mjs with Backtime.
import { join } from 'node:path';
import { build } from './build.mjs';
import { root, run } from './process.mjs';
import { pythonStep } from './python.mjs';
import { setUp } from './setup.mjs';
import { runScript, runSteps } from './steps.mjs';

await runScript(async () => {
  const folder = join(root, 'scripts', 'crosscheck');
  const environment = pythonStep('Keras', join('.tools', 'crosscheck-venv'), join(folder, 'requirements.txt'));
  await build(await setUp());
  await runSteps([environment]);
  const { code } = await run(environment.python, [join(folder, 'run.py'), ...process.argv.slice(2)]);
  process.exitCode = code === 0 ? 0 : 1;
});
