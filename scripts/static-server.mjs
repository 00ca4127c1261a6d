// Serves folders to the browsers that the checks drive.
import { createServer } from 'node:http';

/** Headers with which a page may use SharedArrayBuffer. */
export const CROSS_ORIGIN_ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * Serves the files of a folder on a port of this machine. Files are read anew for each request.
 *
 * @param {string} folder
 * @param {{ headers?: Record<string, string>, base?: string, port?: number }} [options] `headers`
 *   go with every file; `base` is the path under which the folder appears (`/`, or for example
 *   `/demo/`); `port` is a free one by default.
 * @returns {Promise<{ url: string, close: () => Promise<void> }>} The address of the folder, with a
 *   slash at its end.
 */
export async function serveFolder(folder, { headers = {}, base = '/', port: wanted = 0 } = {}) {
  // Imported when used: on a fresh machine this file is read before npm ci has run.
  const { default: sirv } = await import('sirv');
  const files = sirv(folder, {
    dev: true,
    setHeaders: (response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    },
  });
  const server = createServer((request, response) => {
    const missing = () => void response.writeHead(404, headers).end('not found');
    if (!request.url?.startsWith(base)) return missing();
    request.url = request.url.slice(base.length - 1);
    return files(request, response, missing);
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, '127.0.0.1', () => resolve(undefined));
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}${base}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve(undefined));
        server.closeAllConnections();
      }),
  };
}
