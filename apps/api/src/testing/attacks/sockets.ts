import { setMaxListeners } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from './attack.ts';

/** Address that attacks come from; the honest client has another. Linux answers at all of 127.0.0.0/8. */
const ATTACKER = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1';

/** Time that a refused or dropped attacker waits before it comes again, in milliseconds. */
const PAUSE_MS = 10;

/** Opens a connection that ignores its errors: a service may close it at any time. */
export function openSocket({ address }: Target): Socket {
  const { port, hostname } = new URL(address);
  const socket = connect({ port: Number(port), host: hostname, localAddress: ATTACKER });
  socket.on('error', () => undefined);
  return socket;
}

/** Resolves when a connection is closed, or closes it at the signal. */
export async function closed(socket: Socket, signal: AbortSignal): Promise<void> {
  const destroy = (): void => {
    socket.destroy();
  };
  if (signal.aborted) destroy();
  setMaxListeners(0, signal);
  signal.addEventListener('abort', destroy);
  await new Promise<void>((resolve) => {
    if (socket.closed) resolve();
    else {
      socket.once('close', () => {
        resolve();
      });
    }
  });
  signal.removeEventListener('abort', destroy);
}

/** Repeats an act on several connections in parallel until the signal, or until one fails. */
export async function repeat(numConnections: number, signal: AbortSignal, act: () => Promise<unknown>): Promise<void> {
  let isOver = false;
  const work = async (): Promise<void> => {
    try {
      while (!signal.aborted && !isOver) {
        await act();
        await sleep(PAUSE_MS);
      }
    } finally {
      isOver = true;
    }
  };
  await Promise.all(Array.from({ length: numConnections }, work));
}

/** Returns the bytes of a request. */
export function requestBytes(
  method: string,
  path: string,
  body: Uint8Array = new Uint8Array(),
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  const lines = Object.entries({ host: 'attacked', 'content-length': String(body.length), ...headers });
  const head = `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/**
 * Sends a request on a new connection and reads the response.
 *
 * @returns its status, null if the connection broke
 * @throws Error if the status is 500
 */
export async function ask(service: Target, bytes: Uint8Array, signal: AbortSignal): Promise<number | null> {
  const socket = openSocket(service);
  let head = '';
  socket.on('data', (chunk: Buffer) => {
    if (head.length < 1000) head += chunk.toString('latin1');
  });
  socket.write(bytes);
  socket.end();
  await closed(socket, signal);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? NaN);
  if (status === 500) throw new Error(`the service must not fail, but it did: ${head.slice(-300)}`);
  return Number.isNaN(status) ? null : status;
}
