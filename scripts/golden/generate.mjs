// Makes test/golden/*.json with Keras in a virtual environment: `npm run golden [module ...]`, for
// example `npm run golden losses`. The first run installs the pinned requirements into .venv/
// (about 2 GB, two minutes); later runs start at once.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../process.mjs';
import { pythonStep } from '../python.mjs';
import { runScript, runSteps, SetUpError } from '../steps.mjs';

await runScript(async () => {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const environment = pythonStep('Keras', '.venv', join(folder, 'requirements.txt'));
  await runSteps([environment]);
  const { code } = await run(environment.python, [join(folder, 'generate.py'), ...process.argv.slice(2)]);
  if (code !== 0) throw new SetUpError('the golden values were not made (see above)');
});
