import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionGate, MAX_PIPELINED } from './connections.ts';

const GET = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

let server: Server | null = null;
let gate: ConnectionGate;
const sockets: Socket[] = [];

async function listen(handle: RequestListener, maxConnections = 100): Promise<number> {
  gate = new ConnectionGate({ maxConnections });
  server = gate.createServer(handle, {});
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  gate.dispose();
  await new Promise((resolve) => server?.close(resolve));
});

function open(port: number, bytes = '', localAddress = '127.0.0.1'): { socket: Socket; received: () => string } {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.write(bytes);
  sockets.push(socket);
  return { socket, received: () => text };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(5);
}

const statusesIn = (text: string): string[] => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);

describe('ConnectionGate', () => {
  it('starts a request of a connection after the response to the one before', async () => {
    const started: string[] = [];
    const responses: ServerResponse[] = [];
    const port = await listen(({ url = '' }, response) => {
      started.push(url);
      responses.push(response);
    });
    const { received } = open(port, GET('/a') + GET('/b'));
    await until(() => responses.length === 1);
    await sleep(20);
    expect(started).toEqual(['/a']);
    responses[0].end('first');
    await until(() => responses.length === 2);
    responses[1].end('second');
    await until(() => received().includes('second'));
    expect(received().indexOf('first')).toBeLessThan(received().indexOf('second'));
  });

  it('holds one response for a client that sends 1500 requests ahead and reads none, however large it is', async () => {
    let numStarted = 0;
    const large = Buffer.alloc(16 * 1024 * 1024);
    const port = await listen((_, response) => {
      numStarted++;
      response.end(large);
    });
    const { socket } = open(port);
    socket.pause();
    socket.write(GET('/').repeat(1500));
    await until(() => numStarted === 1);
    await sleep(200);
    expect(numStarted).toBe(1);
  });

  it('ends a connection that sends too many requests ahead, after it has answered those before', async () => {
    let numStarted = 0;
    const port = await listen((_, response) => {
      numStarted++;
      setImmediate(() => response.end('x'));
    });
    const { socket, received } = open(port, GET('/').repeat(500));
    await until(() => socket.closed);
    expect(numStarted).toBe(MAX_PIPELINED + 1);
    expect(statusesIn(received())).toEqual([...new Array<string>(MAX_PIPELINED + 1).fill('200'), '429']);
    expect(received()).toMatch(/"code":"RATE_LIMITED"\}$/);
  });

  it('answers an accepted request before it refuses what is not HTTP behind it', async () => {
    let answer = (): void => undefined;
    const port = await listen((_, response) => {
      answer = () => void response.end('accepted');
    });
    const { socket, received } = open(port, `${GET('/a')}NOT HTTP\r\n\r\n`);
    await sleep(50);
    expect(received()).toBe('');
    answer();
    await until(() => socket.closed);
    expect(statusesIn(received())).toEqual(['200', '400']);
    expect(received()).toContain('accepted');
  });

  it('refuses a body that is not HTTP at once', async () => {
    const port = await listen(() => undefined);
    const head = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    const { socket, received } = open(port, `${head}no length\r\n`);
    await until(() => socket.closed);
    expect(statusesIn(received())).toEqual(['400']);
  });

  it('closes the oldest idle connection of the address with the most, where there are too many', async () => {
    const responses: ServerResponse[] = [];
    const port = await listen((_, response) => responses.push(response), 4);
    const honest = open(port, '', '127.0.0.1');
    await until(() => gate.numOpen === 1);
    const many: Socket[] = [];
    for (let i = 0; i < 3; i++) {
      many.push(open(port, i === 0 ? GET('/accepted') : '', '127.0.0.2').socket);
      await until(() => gate.numOpen === 2 + i);
    }
    await until(() => responses.length === 1);
    const late = open(port, GET('/late'), '127.0.0.3');
    await until(() => responses.length === 2);
    await until(() => many[1].closed);
    expect([honest.socket.closed, many[0].closed, many[2].closed, late.socket.closed]).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(gate.numOpen).toBe(4);
  });

  it('refuses a connection where all others have accepted requests', async () => {
    let numStarted = 0;
    const port = await listen(() => numStarted++, 2);
    open(port, GET('/'));
    open(port, GET('/'));
    await until(() => numStarted === 2);
    const { socket, received } = open(port);
    await until(() => socket.closed);
    expect(received()).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    expect(received()).toMatch(/Retry-After: 1\r\n/);
    expect(received()).toMatch(/"code":"OVERLOADED"\}$/);
  });

  it('differs from a server without it, which starts all requests at once', async () => {
    // The oracle of the first two cases: Node's own behaviour.
    let numStarted = 0;
    const plain = createServer((_, response) => {
      numStarted++;
      response.end('x');
    });
    gate = new ConnectionGate({ maxConnections: 1 });
    server = plain;
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const { socket } = open((plain.address() as AddressInfo).port);
    socket.pause();
    socket.write(GET('/').repeat(1000));
    await until(() => numStarted === 1000);
  });
});
