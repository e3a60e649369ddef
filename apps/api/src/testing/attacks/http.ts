import { setTimeout as sleep } from 'node:timers/promises';
import { mutatedRequest } from '../mutations.ts';
import type { Attack } from './attack.ts';
import { ask, closed, openSocket, repeat, requestBytes } from './sockets.ts';

const INFER = '/v2/models/digits/infer';
const PREDICT = '/v1/models/digits:predict';
const MIB = 1024 * 1024;
const JSON_HEADERS = { 'content-type': 'application/json' };

/** Array of numbers of about the given size, as the data of a tensor. */
function tensorJson(numBytes: number): Buffer {
  const numImages = Math.floor(numBytes / (784 * 4));
  const data = `[${new Array(784 * numImages).fill('0.5').join(',')}]`;
  return Buffer.from(`{"inputs":[{"name":"images","shape":[${numImages},28,28,1],"datatype":"FP32","data":${data}}]}`);
}

const unreadResponses: Attack = {
  name: '16 connections that send 63 kB of `GET /openapi.json` ahead and read nothing',
  run: (service, signal) => {
    const bytes = Buffer.from('GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1600));
    return repeat(16, signal, () => {
      const socket = openSocket(service);
      socket.pause();
      socket.write(bytes);
      return closed(socket, AbortSignal.any([signal, AbortSignal.timeout(3000)]));
    });
  },
};

const unfinishedBodies: Attack = {
  name: '60 unfinished bodies of 16 MiB',
  run: (service, signal) => {
    const request = requestBytes('POST', INFER, undefined, {
      'content-length': String(16 * MIB),
      'inference-header-content-length': '100',
    });
    const most = Buffer.alloc(16 * MIB - 1);
    return repeat(60, signal, () => {
      const socket = openSocket(service);
      socket.resume();
      socket.write(request);
      socket.write(most);
      return closed(socket, signal);
    });
  },
};

const largeJson: Attack = {
  name: '4 connections that send JSON of 16 MB and of 4 MB',
  run: (service, signal) => {
    const requests = [tensorJson(16e6), tensorJson(4e6)].map((body) => requestBytes('POST', INFER, body, JSON_HEADERS));
    let turn = 0;
    return repeat(4, signal, () => ask(service, requests[turn++ % requests.length], signal));
  },
};

const nestedJson: Attack = {
  name: '4 connections that send JSON 100,000 levels deep',
  run: (service, signal) => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const shallow = `${'['.repeat(7000)}${']'.repeat(7000)}`;
    const tensor = (data: string, size = '1'): string =>
      `{"inputs":[{"name":"images","shape":[1,28,28,1],"datatype":"FP32","parameters":{"binary_data_size":${size}},"data":${data}}]}`;
    const requests = [deep, shallow].flatMap((nested) => [
      [INFER, tensor(nested)],
      [INFER, tensor(nested).replace(/"parameters":\{.*?\},/, '')],
      [
        INFER,
        `{"inputs":[{"name":"images","shape":[1,28,28,1],"datatype":"FP32","parameters":{"binary_data_size":${nested}}}]}`,
      ],
      [PREDICT, `{"instances":[${nested}]}`],
      [PREDICT, `{"inputs":${nested}}`],
      ['/v1/digits', `{"strokes":${nested}}`],
    ]);
    let turn = 0;
    return repeat(4, signal, () => {
      const [path, body] = requests[turn++ % requests.length];
      return ask(service, requestBytes('POST', path, Buffer.from(body), JSON_HEADERS), signal);
    });
  },
};

const largeForms: Attack = {
  name: '4 connections that send forms of 40 MB',
  run: (service, signal) => {
    const head = '--b\r\nContent-Disposition: form-data; name="p"; filename="x.png"\r\n\r\n';
    const body = Buffer.concat([Buffer.from(head), Buffer.alloc(40e6), Buffer.from('\r\n--b--\r\n')]);
    const type = { 'content-type': 'multipart/form-data; boundary=b' };
    const whole = requestBytes('POST', '/v1/digits', body, type);
    const hexLength = body.length.toString(16);
    const chunked = Buffer.concat([
      Buffer.from(
        `POST /v1/digits HTTP/1.1\r\nHost: x\r\nContent-Type: ${type['content-type']}\r\nTransfer-Encoding: chunked\r\n\r\n${hexLength}\r\n`,
      ),
      body,
      Buffer.from('\r\n0\r\n\r\n'),
    ]);
    let turn = 0;
    return repeat(4, signal, () => ask(service, [whole, chunked][turn++ % 2], signal));
  },
};

const slowRequests: Attack = {
  name: '300 connections that send a byte per second',
  run: (service, signal) =>
    repeat(300, signal, async () => {
      const socket = openSocket(service);
      socket.resume();
      socket.write('POST /v1/digits HTTP/1.1\r\nHost: x\r\nX: ');
      const timer = setInterval(() => socket.write('y'), 1000);
      await closed(socket, signal);
      clearInterval(timer);
    }),
};

const manyConnections: Attack = {
  name: '1500 idle connections that come again when they are closed',
  run: (service, signal) =>
    repeat(1500, signal, async () => {
      const socket = openSocket(service);
      socket.resume();
      await closed(socket, signal);
      if (!signal.aborted) await sleep(1000);
    }),
};

/** Requests that the service must refuse, each with its status. */
const REFUSED: readonly (readonly [string, number])[] = [
  ['GET /docs/static/..%00 HTTP/1.1\r\nHost: x\r\n', 403],
  ['GET /docs/static/swagger-ui.css HTTP/1.1\r\nHost: x\r\nRange: bytes=99999999-\r\n', 416],
  ['GET /docs/static/swagger-ui.css HTTP/1.1\r\nHost: x\r\nIf-Match: "x"\r\n', 412],
  ['GET /v2 HTTP/1.1\r\n', 400],
  ['GET /v2 HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n', 417],
  ['GET /v3 HTTP/1.1\r\nHost: x\r\n', 404],
  ['DELETE /v2 HTTP/1.1\r\nHost: x\r\n', 405],
];

const refusedRequests: Attack = {
  name: '8 connections that send what must be refused',
  run: (service, signal) => {
    let turn = 0;
    return repeat(8, signal, async () => {
      const [head, expected] = REFUSED[turn++ % REFUSED.length];
      const status = await ask(service, Buffer.from(`${head}Connection: close\r\n\r\n`), signal);
      if (!signal.aborted && status !== null && status !== expected) {
        throw new Error(`the status must be ${expected}, got ${status} for ${JSON.stringify(head)}`);
      }
    });
  },
};

const mutatedRequests: Attack = {
  name: '8 connections that send mutated requests',
  run: (service, signal) => {
    let seed = 50_000;
    return repeat(8, signal, () => {
      const { method, path, headers, body } = mutatedRequest(seed++);
      return ask(service, requestBytes(method, path, body, { ...headers, connection: 'close' }), signal);
    });
  },
};

/** Attacks on connections, bodies and JSON. */
export const HTTP_ATTACKS: readonly Attack[] = [
  unreadResponses,
  unfinishedBodies,
  largeJson,
  nestedJson,
  largeForms,
  slowRequests,
  manyConnections,
  refusedRequests,
  mutatedRequests,
];
