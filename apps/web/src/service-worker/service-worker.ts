/*
 * The one service worker of the site. It keeps every page with the shipped model, so that they work offline after the first
 * visit, and answers with the headers that isolate pages, which plain hosts do not send. It never reloads anything: a
 * new version answers once every page of the old one is closed.
 */
declare const self: ServiceWorkerGlobalScope;

/** Paths of the files to keep, from the folder of this file on, and a name for just these contents; written in by the build. */
declare const SITE_FILES: readonly string[];
declare const SITE_VERSION: string;

const SITE_CACHE = `digits-site-${SITE_VERSION}`;
/** MNIST is large and never changes: it is kept once somebody trains, through all versions. */
const DATA_CACHE = 'digits-data';
const DATA_FOLDER = 'mnist/';

/** @see https://web.dev/articles/coop-coep */
const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
} as const;

self.addEventListener('install', (event) => {
  event.waitUntil(keepSite());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(dropOldVersions().then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin } = new URL(request.url);
  if (request.method === 'GET' && origin === self.location.origin) event.respondWith(answer(request));
});

async function keepSite(): Promise<void> {
  const cache = await caches.open(SITE_CACHE);
  // `no-cache`: pages of the version before must not come from the browser's own cache.
  await cache.addAll(SITE_FILES.map((file) => new Request(addressOf(file), { cache: 'no-cache' })));
}

async function dropOldVersions(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith('digits-site-') && name !== SITE_CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function answer(request: Request): Promise<Response> {
  const kept = await findKept(request);
  if (kept !== undefined) return isolated(kept);
  try {
    const response = await fetch(request);
    if (response.status === 200 && pathOf(request.url).startsWith(DATA_FOLDER)) {
      await (await caches.open(DATA_CACHE)).put(request.url, response.clone());
    }
    return isolated(response);
  } catch (error) {
    const missing = request.mode === 'navigate' ? await caches.match(addressOf('404.html')) : undefined;
    if (missing === undefined) throw error;
    return isolated(missing);
  }
}

async function findKept(request: Request): Promise<Response | undefined> {
  const options = { ignoreSearch: true, ignoreVary: true };
  const site = await caches.open(SITE_CACHE);
  const found = await site.match(request.url, options);
  if (found !== undefined) return found;
  if (request.mode === 'navigate') return site.match(`${request.url.replace(/[?#].*$/, '')}/`, options);
  if (pathOf(request.url).startsWith(DATA_FOLDER)) return (await caches.open(DATA_CACHE)).match(request.url, options);
  return undefined;
}

/** A response as it is, but for the headers that isolate. One without a readable status, such as a redirect, stays. */
function isolated(response: Response): Response {
  if (response.type === 'opaqueredirect' || response.status === 0 || response.status === 304) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATION)) headers.set(name, value);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}

function addressOf(file: string): string {
  return new URL(file, self.location.href).href;
}

/** From the folder of this file on. */
function pathOf(address: string): string {
  return address.startsWith(addressOf('.')) ? address.slice(addressOf('.').length) : address;
}
