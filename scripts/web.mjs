// Sets up, builds and serves the page that trains in a browser.
//   npm run web                         static files in web/dist/, served until Ctrl+C
//   npm run web -- --dev                Vite's own server, which shows changes of web/ at once
//   npm run web -- --port 8080
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { packagesStep } from './packages.mjs';
import { root, run } from './process.mjs';
import { setUp } from './setup.mjs';
import { CROSS_ORIGIN_ISOLATION, serveFolder } from './static-server.mjs';
import { runScript, runSteps, SetUpError } from './steps.mjs';

const web = join(root, 'web');
const vite = join(web, 'node_modules', 'vite', 'bin', 'vite.js');
const PORT = 4173;

/** The libraries that only the page needs. */
export const webPackagesStep = packagesStep('packages of web/', web);

/**
 * Builds the page into web/dist/. Needs dist/ and the packages of web/.
 * @throws {SetUpError} When it does not build.
 */
export async function buildPage() {
  const { code } = await run(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: web });
  if (code !== 0) throw new SetUpError('the page does not build (see above)');
}

/**
 * Serves web/dist/ with the page's content security policy.
 *
 * @param {{ isolated?: boolean, base?: string, port?: number }} [options] `isolated` (default true)
 *   lets the page use SharedArrayBuffer; the others are those of `serveFolder`.
 */
export async function servePage({ isolated = true, ...options } = {}) {
  const { CONTENT_SECURITY_POLICY } = await import('../web/plugins/contentSecurityPolicy.mjs');
  const headers = { 'Content-Security-Policy': CONTENT_SECURITY_POLICY, ...(isolated ? CROSS_ORIGIN_ISOLATION : {}) };
  return serveFolder(join(web, 'dist'), { headers, ...options });
}

const USAGE = `npm run web -- [options]
  --port NUMBER     where the page is served (default ${PORT})
  --dev             Vite's own server, which shows changes of web/ at once`;

const OPTIONS = /** @type {const} */ ({
  dev: { type: 'boolean' },
  help: { type: 'boolean' },
  port: { type: 'string', default: String(PORT) },
});

/** @throws {SetUpError} for an option that there is not */
function readOptions() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    throw new SetUpError(`${/** @type {Error} */ (error).message}\n${USAGE}`);
  }
}

async function main() {
  const values = readOptions();
  if (values.help) {
    console.log(USAGE);
    return;
  }
  await build(await setUp());
  await runSteps([webPackagesStep]);
  if (values.dev) {
    process.exitCode = (await run(process.execPath, [vite, '--port', String(values.port)], { cwd: web })).code;
    return;
  }
  await buildPage();
  const { url } = await servePage({ port: Number(values.port) }).catch((error) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new SetUpError(`port ${values.port} is taken: choose another with npm run web -- --port NUMBER`);
  });
  console.log(`\nThe page is at ${url} (Ctrl+C ends). Its files are in web/dist/, to be served from anywhere.`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await runScript(main);
