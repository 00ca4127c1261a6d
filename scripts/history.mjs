// Measures what the present commit weighs and the ratios of its kernels' speeds, and adds a line to
// bench/history.csv, which the next commit holds:
//   npm run history
// Ratios compare kernels within one run; a quiet machine gives steadier ones.
import { build } from './build.mjs';
import { measuredRatios } from './checks/ratios.mjs';
import { packageSizes } from './checks/size.mjs';
import { addLine } from './historyFile.mjs';
import { ask } from './process.mjs';
import { setUp } from './setup.mjs';
import { runScript, SetUpError } from './steps.mjs';

/** What git answers. @throws {SetUpError} */
function git(...args) {
  const answer = ask('git', args);
  if (answer === undefined) throw new SetUpError(`git ${args.join(' ')} failed: the history is kept in a clone of the repository`);
  return answer.trim();
}

await runScript(async () => {
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', 'ts', 'crate', 'scripts', 'package.json', 'README.md');
  if (changed !== '') throw new SetUpError(`expected a commit to measure, and these files have changes:\n${changed}`);
  await build(await setUp());
  const sizes = (await packageSizes()).map(({ name, kilobytes }) => [name, kilobytes.toFixed(1)]);
  const ratios = Object.entries(measuredRatios()).map(([name, ratio]) => [name, ratio.toFixed(2)]);
  const line = {
    commit: git('rev-parse', '--short', 'HEAD'),
    date: git('show', '--no-patch', '--format=%cs'),
    ...Object.fromEntries([...sizes, ...ratios]),
  };
  await addLine(line);
  for (const [name, value] of Object.entries(line)) console.log(`${name}: ${value}`);
});
