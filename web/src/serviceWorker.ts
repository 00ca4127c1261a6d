// Keeps all files of the page, so that it works without a network once it was loaded.
const scope = globalThis as unknown as ServiceWorkerGlobalScopeLike;

/**
 * The part of the service worker's global scope that is used; TypeScript's own is a library that
 * excludes the DOM's.
 */
interface ServiceWorkerGlobalScopeLike {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  addEventListener(type: 'install' | 'activate' | 'fetch', listener: (event: ServiceWorkerEvent) => void): void;
}

interface ServiceWorkerEvent {
  readonly request: Request;
  waitUntil(promise: Promise<unknown>): void;
  respondWith(response: Promise<Response>): void;
}

/** Put in by the build: see plugins/precache.ts. */
declare const __FILES__: { readonly version: string; readonly files: readonly string[] };
const { version, files } = __FILES__;
const PREFIX = `backtime ${scope.registration.scope} `;
const NAME = PREFIX + version;

scope.addEventListener('install', (event) => {
  // Past the browser's own cache, which may hold files of an older build under the same name.
  const requests = files.map((file) => new Request(file, { cache: 'no-cache' }));
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(requests)));
});

scope.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME);
      await Promise.all(old.map((name) => caches.delete(name)));
      await scope.clients.claim();
    })(),
  );
});

scope.addEventListener('fetch', (event) => {
  if (event.request.method === 'GET') event.respondWith(answer(event.request));
});

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(NAME);
  return (await cache.match(request, { ignoreSearch: true, ignoreVary: true })) ?? fetch(request);
}
