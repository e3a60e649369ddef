import Fastify, { type FastifyInstance } from 'fastify';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { BodyReader } from './bodies.ts';
import { RecentClients } from './clients.ts';
import { sendErrors } from './errors.ts';

const KIB = 1024;

let app: FastifyInstance;
let bodies: BodyReader;
let port: number;
const sockets: Socket[] = [];

beforeEach(async () => {
  bodies = new BodyReader({ maxBody: 100 * KIB, maxBodies: 400 * KIB });
  app = Fastify({ forceCloseConnections: true });
  sendErrors(app);
  app.decorateRequest('client', '');
  app.addHook('onRequest', (request, _, done) => {
    request.client = String(request.headers['x-client']);
    done();
  });
  bodies.install(app);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', bodies.parser({ advice: 'send less' }));
  app.post('/', (request) => ({ length: (request.body as Buffer).length }));
  await app.listen({ host: '127.0.0.1', port: 0 });
  ({ port } = app.server.address() as AddressInfo);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await app.close();
});

/** Sends the start of a body. */
function upload(client: string, numBytes: number, announced: number): { socket: Socket; received: () => string } {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nX-Client: ${client}\r\nContent-Length: ${announced}\r\n\r\n`);
  socket.write(Buffer.alloc(numBytes));
  sockets.push(socket);
  return { socket, received: () => text };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(5);
}

describe('BodyReader', () => {
  it('reads bodies up to the limit, with a length and in chunks', async () => {
    for (const numBytes of [0, 1, 100 * KIB]) {
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: new Uint8Array(numBytes) });
      if (numBytes > 0) expect(await response.json()).toEqual({ length: numBytes });
    }
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      body: new Blob([new Uint8Array(5000)]).stream(),
      duplex: 'half',
    });
    expect(await response.json()).toEqual({ length: 5000 });
  });

  it('refuses a larger body by its length alone', async () => {
    const { received } = upload('a', 0, 100 * KIB + 1);
    await until(() => received() !== '');
    expect(received()).toMatch(/^HTTP\/1\.1 413 /);
    expect(received()).toMatch(/"the body must have at most 102400 bytes; send less","code":"BODY_TOO_LARGE"\}$/);
  });

  it('refuses a larger body in chunks once it is larger', async () => {
    const { socket, received } = upload('a', 0, 0);
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${(200 * KIB).toString(16)}\r\n`);
    socket.write(Buffer.alloc(150 * KIB));
    await until(() => received().includes('HTTP/1.1 413 '));
  });

  it('refuses what exceeds the share of a client, and leaves room for others', async () => {
    const greedy = Array.from({ length: 5 }, () => upload('greedy', 90 * KIB, 100 * KIB));
    await until(() => greedy.some(({ received }) => received() !== ''));
    const refused = greedy.filter(({ received }) => received() !== '');
    for (const { received } of refused) {
      expect(received()).toMatch(/^HTTP\/1\.1 503 /);
      expect(received()).toMatch(/"code":"OVERLOADED"\}$/);
      expect(received()).toMatch(/retry-after: 1\r\n/i);
      // The rest of the body is not read.
      expect(received()).toMatch(/connection: close\r\n/i);
    }
    expect(bodies.held).toBeLessThanOrEqual(200 * KIB);
    const honest = upload('honest', 50 * KIB, 50 * KIB);
    await until(() => honest.received() !== '');
    expect(honest.received()).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('gives back what a body held when its response ends or its client goes', async () => {
    const unfinished = upload('a', 50 * KIB, 60 * KIB);
    await until(() => bodies.held >= 50 * KIB);
    expect(bodies.numHeld).toBe(1);
    unfinished.socket.destroy();
    await until(() => bodies.held === 0);
    expect(bodies.numHeld).toBe(0);
    const finished = upload('a', 50 * KIB, 50 * KIB);
    await until(() => finished.received() !== '' && bodies.held === 0);
    expect(finished.received()).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('takes a part of each body per turn of the event loop if several clients send some', async () => {
    const recent = new RecentClients();
    const large = new BodyReader({ maxBody: 8 * KIB * KIB, maxBodies: 64 * KIB * KIB }, recent);
    const several = Fastify({ forceCloseConnections: true });
    several.decorateRequest('client', '');
    large.install(several);
    several.removeAllContentTypeParsers();
    several.addContentTypeParser('*', large.parser({ advice: 'send less' }));
    several.post('/', (request) => ({ length: (request.body as Buffer).length }));
    const payload = Buffer.alloc(4 * KIB * KIB, 7);
    /** Returns the largest number of bytes that were taken in a turn. */
    const send = async (): Promise<number> => {
      let largest = 0;
      const socket = connect((several.server.address() as AddressInfo).port, '127.0.0.1');
      let answer = '';
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
      socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${payload.length}\r\n\r\n`);
      socket.write(payload);
      let before = 0;
      while (answer === '') {
        await immediate();
        largest = Math.max(largest, large.held - before);
        before = large.held;
      }
      expect(answer).toContain('{"length":4194304}');
      socket.destroy();
      await until(() => large.held === 0);
      return largest;
    };
    try {
      await several.listen({ host: '127.0.0.1', port: 0 });
      for (const client of ['a', 'b']) recent.see(client);
      const keepSeveral = setInterval(() => {
        for (const client of ['a', 'b']) recent.see(client);
      }, 100);
      const shared = await send();
      clearInterval(keepSeveral);
      expect(shared).toBeLessThan(512 * KIB);
    } finally {
      await several.close();
    }
  });

  it('counts more for tiny pieces than their bytes', async () => {
    const { socket } = upload('a', 0, 0);
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nX-Client: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    socket.write('1\r\nx\r\n'.repeat(100));
    await until(() => bodies.held > 0);
    await sleep(50);
    expect(bodies.held).toBeGreaterThan(100 * 200);
  });
});
