import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import sirv from 'sirv';
import { headersOf, readPages } from './preparation.ts';

/** What is served, and where. */
export interface SiteOptions {
  /** The built site. */
  readonly folder: string;
  /** Default localhost, which only this machine reaches; `0.0.0.0` for every machine of the network. */
  readonly host?: string;
  /** Default 3000; 0 takes a free one. */
  readonly port?: number;
  /** The path that the site was built for, e.g. `/digits`; default '', the root. */
  readonly basePath?: string;
  /** Whether pages may share memory with their workers; default true. */
  readonly isolated?: boolean;
}

/** A site being served. */
export interface ServedSite {
  /** `http://HOST:PORT` and the base path, without a slash at the end. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

const NOT_FOUND_PAGE = '/404.html';

/**
 * Serves a built site: compressed copies where there are any, hashed files for good, everything with the policy and, unless
 * switched off, isolated. The caller closes it.
 *
 * @throws Error when the folder holds no built site, or the port is taken
 */
export async function serveSite(options: SiteOptions): Promise<ServedSite> {
  const { folder, host = 'localhost', port = 3000, basePath = '', isolated = true } = options;
  const pages = pagesByAddress(await readPages('serveSite', folder));
  const setHeaders = (response: { setHeader: (name: string, value: string) => unknown }, path: string) => {
    for (const [name, value] of Object.entries(headersOf(path, pages.get(path) ?? '', isolated))) {
      response.setHeader(name, value);
    }
    // sirv takes every `.gz` for a packed copy; the browser must not unpack one that was asked for by its name.
    if (path.endsWith('.gz')) {
      response.setHeader('content-encoding', 'identity');
      response.setHeader('content-type', 'application/gzip');
    }
  };
  const notFound = pages.get(NOT_FOUND_PAGE) ?? 'not found';
  const site = sirv(folder, {
    brotli: true,
    gzip: true,
    etag: true,
    extensions: ['html'],
    setHeaders,
    onNoMatch: (request, response) => {
      setHeaders(response, NOT_FOUND_PAGE);
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.statusCode = 404;
      response.end(request.method === 'HEAD' ? undefined : notFound);
    },
  });
  const server = createServer((request, response) => {
    const address = request.url ?? '/';
    if (basePath === '' || address.startsWith(`${basePath}/`)) {
      request.url = address.slice(basePath.length);
      site(request, response);
    } else if (address === basePath || address === '/') {
      response.writeHead(302, { location: `${basePath}/` }).end();
    } else {
      response.writeHead(404).end();
    }
  });
  await listen(server, host, port);
  const shownHost = ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host) ? 'localhost' : host;
  return {
    url: `http://${shownHost}:${(server.address() as AddressInfo).port}${basePath}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** Pages by every address that leads to them: `/train`, `/train/`, `/train.html`. */
function pagesByAddress(pages: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const addresses = new Map(pages);
  for (const [path, html] of pages) {
    const name = path.replace(/\/index\.html$/, '/').replace(/\.html$/, '');
    const bare = name === '/' ? name : name.replace(/\/$/, '');
    addresses.set(bare, html).set(bare === '/' ? bare : `${bare}/`, html);
  }
  return addresses;
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const problem =
        cause.code === 'EADDRINUSE' ? 'which another program uses' : `which cannot be used (${cause.message})`;
      reject(
        new Error(`serveSite: port must be free, got ${host}:${port}, ${problem}; choose another`, {
          cause,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
}
