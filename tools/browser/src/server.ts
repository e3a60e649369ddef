import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';

export interface ServeOptions {
  /** Contents by path, e.g. `/index.html`; they come before what lies in `folder`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** A folder whose files are served too. */
  readonly folder?: string;
  /** Whether pages are cross-origin isolated, so that they can share memory with their workers. */
  readonly isolated: boolean;
}

export interface Served {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** Serves files to this machine on a free port; the caller closes it. A path that ends in `/` means its `index.html`. */
export async function serve(options: ServeOptions): Promise<Served> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = path.endsWith('/') ? `${path}index.html` : path;
    void contents(options, file).then((body) => {
      if (body === null) {
        response.writeHead(404).end();
        return;
      }
      const type = TYPES[extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type, ...(options.isolated ? ISOLATION : {}) }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function contents({ files, folder }: ServeOptions, path: string): Promise<string | Uint8Array | null> {
  const given = files !== undefined && Object.hasOwn(files, path) ? files[path] : undefined;
  if (given !== undefined) return given;
  if (folder === undefined) return null;
  const root = normalize(folder + sep);
  const file = join(root, path);
  if (!file.startsWith(root)) return null;
  return readFile(file).catch(() => null);
}
