// Runs an example in a worker. The page stays responsive, and a worker can be ended at any time.

/**
 * @param {string} code TypeScript
 * @param {string} packageUrl The address of the package's `index.js`.
 * @param {{ print: (text: string) => void, epoch: (logs: Record<string, number>) => void }} listener
 * @returns {{ end: Promise<{ state: 'done' | 'stopped' } | { state: 'failed', message: string }>, stop: () => void }}
 */
export function runExample(code, packageUrl, listener) {
  /** @type {Worker | undefined} */
  let worker;
  let finish;
  const end = new Promise((resolve) => {
    finish = (result) => {
      worker?.terminate();
      resolve(result);
    };
  });
  const failed = (error) => finish({ state: 'failed', message: error instanceof Error ? error.message : String(error) });
  toModule(code, packageUrl)
    .then((module) => {
      worker = new Worker(new URL('./exampleWorker.mjs', import.meta.url), { type: 'module' });
      worker.onerror = ({ message }) => failed(message || 'the worker could not start');
      worker.onmessage = ({ data }) => {
        if (data.type === 'print') listener.print(data.text);
        else if (data.type === 'epoch') listener.epoch(data.logs);
        else if (data.type === 'failed') failed(data.message);
        else finish({ state: 'done' });
      };
      worker.postMessage({ module, packageUrl });
    })
    .catch(failed);
  return { end, stop: () => finish({ state: 'stopped' }) };
}

/** JavaScript whose imports are addresses. The compiler loads when the first example runs. */
async function toModule(code, packageUrl) {
  const { transform } = await import('sucrase');
  const { code: script } = transform(code, { transforms: ['typescript'], disableESTransforms: true, preserveDynamicImport: true });
  return script.replaceAll(/from\s+'backtime'/g, `from '${packageUrl}'`);
}
