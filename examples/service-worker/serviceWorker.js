// Keeps the page, the model and the kernels, and answers `judge?text=…` with them: no server is
// asked, and none is needed after the first visit.
import { loadBackend, loadModel, setBackend } from '../../dist/inference.js';

const MODEL = new URL('model.safetensors', import.meta.url).href;
const KERNELS = new URL('../../dist/generated/simd128/kernels.wasm', import.meta.url).href;
const PREFIX = 'backtime-example ';
/** Change the number when the files change: each version has a cache of its own. */
const CACHE = `${PREFIX}1`;

addEventListener('install', (event) => {
  skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(['./', MODEL, KERNELS])));
});

addEventListener('activate', (event) => event.waitUntil(takeOver()));

async function takeOver() {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await clients.claim();
}

/** The bytes of a file that the installation has kept, unless the browser needed the room. */
async function kept(address) {
  const response = (await caches.match(address)) ?? (await fetch(address));
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  return response.arrayBuffer();
}

async function readModel() {
  // This chooses the build simd128, which every browser can run. Its module comes from the cache,
  // because what a service worker fetches itself does not go through its own fetch event.
  setBackend('wasm', { deterministic: true });
  await loadBackend('wasm', { module: await WebAssembly.compile(await kept(KERNELS)) });
  return loadModel(await kept(MODEL));
}

/** A browser ends a service worker that has nothing to do: the next question starts it again. */
let reading = null;

async function judge(text) {
  try {
    reading ??= readModel();
    const model = await reading;
    const { data } = await model.predict([text]);
    return Response.json({ good: data[1] });
  } catch (error) {
    reading = null;
    return Response.json({ error: error.message }, { status: 500 });
  }
}

addEventListener('fetch', (event) => {
  const { request } = event;
  const { pathname, searchParams } = new URL(request.url);
  if (pathname.endsWith('/judge')) event.respondWith(judge(searchParams.get('text') ?? ''));
  else event.respondWith(caches.match(request).then((response) => response ?? fetch(request)));
});
