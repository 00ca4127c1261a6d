// The worker of an example: prints go to the page, and so do the logs of each epoch.

const text = (value) => (typeof value === 'string' ? value : inspect(value));

/** About as `console.log` of Node shows it: of arrays the first hundred items. */
function inspect(value, depth = 0) {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (depth > 3) return '…';
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const items = Array.from(/** @type {ArrayLike<unknown>} */ (value));
    const shown = items.slice(0, 100).map((item) => inspect(item, depth + 1));
    const more = items.length > 100 ? [`… ${items.length - 100} more`] : [];
    const name = Array.isArray(value) ? '' : `${value.constructor.name}(${items.length}) `;
    return items.length === 0 ? `${name}[]` : `${name}[ ${[...shown, ...more].join(', ')} ]`;
  }
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return entries.length === 0 ? '{}' : `{ ${entries.map(([key, of]) => `${key}: ${inspect(of, depth + 1)}`).join(', ')} }`;
}

for (const method of ['log', 'info', 'warn', 'error'])
  console[method] = (...values) => postMessage({ type: 'print', text: values.map(text).join(' ') });

/** Reports the epochs of every `fit`, beside the example's own callbacks. */
function reportEpochs({ Model }) {
  const { fit } = Model.prototype;
  const onEpochEnd = (_epoch, logs) => postMessage({ type: 'epoch', logs: { ...logs } });
  Model.prototype.fit = function (x, ...rest) {
    const isOptions = (value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value) && !('data' in value);
    const place = rest.findLastIndex(isOptions);
    const options = place < 0 ? {} : rest[place];
    const { callbacks = [] } = options;
    const all = { ...options, callbacks: [...(Array.isArray(callbacks) ? callbacks : [callbacks]), { onEpochEnd }] };
    return fit.call(this, x, ...(place < 0 ? [...rest, all] : rest.with(place, all)));
  };
}

self.onmessage = async ({ data: { module, packageUrl } }) => {
  try {
    const backtime = await import(/* @vite-ignore */ packageUrl);
    reportEpochs(backtime);
    // In Node, for which the examples are written, the backend is there from the start.
    await backtime.loadBackend();
    const url = URL.createObjectURL(new Blob([module], { type: 'text/javascript' }));
    await import(/* @vite-ignore */ url);
    postMessage({ type: 'done' });
  } catch (error) {
    postMessage({ type: 'failed', message: text(error) });
  }
};
