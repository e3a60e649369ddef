import { connect } from 'node:net';
import { ERRORS } from '../service/errors.ts';
import { type MutatedRequest, mutatedRequest } from './mutations.ts';

/** Mutated request whose response is wrong. */
export interface FuzzFinding {
  readonly seed: number;
  readonly kind: string;
  readonly answer: string;
}

/** Time limit of a response, in milliseconds; if the request never ends, the client gives up then. */
const PATIENCE_MS = 8000;

/**
 * Sends mutated requests and checks every response: it must arrive, must not be 500, and a refusal must be JSON of the catalogue.
 *
 * @returns the wrong responses
 */
export async function fuzz(
  port: number,
  firstSeed: number,
  count: number,
  numConnections: number,
): Promise<FuzzFinding[]> {
  const findings: FuzzFinding[] = [];
  let next = firstSeed;
  const work = async (): Promise<void> => {
    while (next < firstSeed + count) {
      const seed = next++;
      const request = mutatedRequest(seed);
      const answer = await send(port, request);
      if (!isSound(answer, request))
        findings.push({ seed, kind: request.kind, answer: `${answer.slice(0, 40)} ... ${answer.slice(-200)}` });
    }
  };
  await Promise.all(Array.from({ length: numConnections }, work));
  return findings;
}

function send(port: number, request: MutatedRequest): Promise<string> {
  const { method, path, headers, body, claimedLength, pauseMs } = request;
  const lines = Object.entries({
    host: 'localhost',
    connection: 'close',
    ...headers,
    'content-length': String(claimedLength ?? body.length),
  });
  const head = `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(head);
      const half = pauseMs === undefined ? body.length : body.length >> 1;
      socket.write(body.subarray(0, half));
      if (pauseMs !== undefined) setTimeout(() => socket.write(body.subarray(half)), pauseMs);
      // The body never ends, so the client gives up.
      if (claimedLength !== undefined && claimedLength < 2 ** 20) setTimeout(() => socket.destroy(), 50);
    });
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => {
      resolve(answer);
    });
  });
}

function isSound(answer: string, { kind, method }: MutatedRequest): boolean {
  if (kind === 'shortBody' && answer === '') return true;
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0);
  if (status === 0 || status === 500) return false;
  if (status < 400 || method === 'HEAD') return true;
  const [, body] = answer.split('\r\n\r\n');
  try {
    const { error, code, ...rest } = JSON.parse(body) as Record<string, unknown>;
    const known = typeof code === 'string' && Object.hasOwn(ERRORS, code) ? ERRORS[code as keyof typeof ERRORS] : null;
    return (
      typeof error === 'string' &&
      known?.status === status &&
      Object.keys(rest).length === 0 &&
      !/\n|\/node_modules\/|\.js:\d/.test(error)
    );
  } catch {
    return false;
  }
}
