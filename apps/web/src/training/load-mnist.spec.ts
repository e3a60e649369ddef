import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { loadMnist } from './load-mnist.ts';

/** Answers every path with the same body. */
async function serveAll(status: number, body: Uint8Array): Promise<{ url: string; server: Server }> {
  const server = createServer((_, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mnist`, server };
}

describe('loadMnist', () => {
  it.each([
    [
      'a file that is not there',
      404,
      new Uint8Array(),
      /\/mnist\/.*\.gz must be there, got status 404; is this device offline\?$/,
    ],
    [
      'damaged gzip data',
      200,
      Uint8Array.of(0x1f, 0x8b, 1, 2, 3),
      /must be whole gzip data, got damaged data; reload the page$/,
    ],
    [
      'other data than MNIST',
      200,
      gzipSync('no digits'),
      /^loadMnist: \S+-ubyte must have the SHA-256 [0-9a-f]{64}, got 3c2c84/,
    ],
  ])('says what is wrong with %s', async (_, status, body, message) => {
    const { url, server } = await serveAll(status, body);
    try {
      await expect(loadMnist(url, () => {})).rejects.toThrow(message);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
