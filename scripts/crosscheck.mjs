// Compares random architectures in Keras and in Backtime, both ways through .keras files:
//   npm run crosscheck -- --count 1000 --seed 1
// Then runs networks of packages of PyPI, which it downloads; these alone:
//   npm run crosscheck -- --packages
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
  const options = process.argv.slice(2);
  const { code } = options.includes('--packages') ? { code: 0 } : await run(environment.python, [join(folder, 'run.py'), ...options]);
  let failed = code !== 0;
  if (!options.includes('--help')) {
    for (const script of ['textgenrnn.mjs', 'pytorch.mjs']) {
      const packages = await run(process.execPath, [join(folder, script)], { env: { ...process.env, PYTHON: environment.python } });
      failed ||= packages.code !== 0;
    }
  }
  process.exitCode = failed ? 1 : 0;
});
