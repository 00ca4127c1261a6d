// Sets up, builds, and trains the founding article's four networks.
//   npm run demo
//   npm run demo -- --imdb DIR      the article's own experiment on the IMDB reviews in DIR
//   npm run demo -- --seeds 5       each network from five seeds, with medians and ranges
import { join } from 'node:path';
import { build } from './build.mjs';
import { compileExamples } from './compile-examples.mjs';
import { root, run } from './process.mjs';
import { setUp } from './setup.mjs';
import { runScript } from './steps.mjs';

await runScript(async () => {
  await build(await setUp());
  await compileExamples();
  // A relative DIR is meant from where the user stands, which npm keeps in INIT_CWD.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  const main = join(root, 'examples', 'dist', 'founding-article', 'main.js');
  const { code } = await run(process.execPath, [main, ...process.argv.slice(2)], { cwd });
  process.exitCode = code;
});
