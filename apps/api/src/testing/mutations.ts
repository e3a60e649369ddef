import { deflateSync } from 'node:zlib';
import { markedImage } from './marker-model.ts';

/** Parts of an HTTP/1.1 request, any of which a mutation may break. */
export interface MutatedRequest {
  readonly kind: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Value of Content-Length, if it differs from the length of the body. */
  readonly claimedLength?: number;
  /** Pause between the two halves of the body, in milliseconds. */
  readonly pauseMs?: number;
}

/** Random numbers that depend only on a seed. */
export interface Dice {
  /** Returns a number in [0, 1). */
  uniform(): number;
  /** Returns a whole number below `n`. */
  below(n: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

/** Creates a mulberry32 generator.
 *
 * @see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
 */
export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number): number => Math.floor(uniform() * n);
  return { uniform, below, pick: (items) => items[below(items.length)] };
}

const INFER = '/v2/models/digits/infer';
const STRANGE: readonly unknown[] = [
  null,
  true,
  '',
  'x'.repeat(1000),
  -1,
  0.5,
  1e308,
  Number.MAX_SAFE_INTEGER,
  [],
  {},
  [[[[]]]],
  { a: { b: [] } },
  '\u0000\ud800',
  '__proto__',
];

function tensor(dice: Dice): Record<string, unknown> {
  const count = 1 + dice.below(3);
  const data = Array.from({ length: count }, () => markedImage(dice.below(10))).flat();
  return { name: 'images', shape: [count, 28, 28, 1], datatype: dice.pick(['FP32', 'UINT8']), data };
}

function json(value: unknown, path = INFER): Omit<MutatedRequest, 'kind'> {
  return {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from((JSON.stringify(value) as string | undefined) ?? ''),
  };
}

function framed(header: unknown, bytes: Uint8Array, claimed?: string): Omit<MutatedRequest, 'kind'> {
  const text = Buffer.from(JSON.stringify(header));
  return {
    method: 'POST',
    path: INFER,
    headers: { 'inference-header-content-length': claimed ?? String(text.length) },
    body: Buffer.concat([text, bytes]),
  };
}

function randomBytes(dice: Dice, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => dice.below(256)));
}

/** Replaces a random value in a structure by a strange one, or removes it. */
function disturb(value: unknown, dice: Dice): unknown {
  if (typeof value !== 'object' || value === null || dice.uniform() < 0.3) {
    return dice.uniform() < 0.2 ? undefined : dice.pick(STRANGE);
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return dice.pick(STRANGE);
  const key = dice.pick(keys);
  const changed = disturb((value as Record<string, unknown>)[key], dice);
  if (Array.isArray(value)) return value.map((item: unknown, i) => (String(i) === key ? changed : item));
  return { ...value, [key]: changed };
}

/** Creates a PNG with wrong checksums and an image size that may be huge. */
function brokenPng(dice: Dice): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(dice.pick([0, 1, 28, 300, 60_000, 0x7fffffff]), 0);
  header.writeUInt32BE(dice.pick([0, 1, 28, 300, 60_000, 0x7fffffff]), 4);
  header.set([dice.pick([1, 8, 16, 99]), dice.pick([0, 2, 3, 6, 7])], 8);
  const chunk = (type: string, data: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(type, 'latin1'), data, randomBytes(dice, 4)]);
  };
  const pixels = deflateSync(randomBytes(dice, 200));
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', pixels)]);
}

const PICTURE_STARTS = [
  '\x89PNG\r\n\x1a\n',
  '\xff\xd8\xff\xe0',
  'GIF89a',
  'RIFF\x10\0\0\0WEBPVP8 ',
  'II*\0',
  'BM',
  '<svg ',
  '%PDF-',
];

/** Mutations by kind. */
const MUTATIONS: Readonly<Record<string, (dice: Dice) => Omit<MutatedRequest, 'kind'>>> = {
  truncatedJson: (dice) => {
    const whole = json({ inputs: [tensor(dice)] });
    return { ...whole, body: whole.body.subarray(0, dice.below(whole.body.length)) };
  },
  flippedBytes: (dice) => {
    const whole = json({ inputs: [tensor(dice)] });
    for (let i = 0; i < 3; i++) whole.body[dice.below(whole.body.length)] = dice.below(256);
    return whole;
  },
  strangeValues: (dice) =>
    json(disturb({ id: 'x', inputs: [tensor(dice)], outputs: [{ name: 'digit' }], parameters: {} }, dice)),
  wrongShape: (dice) => {
    const sides = [0, 1, 27, 28, 784, 2 ** 31, 2 ** 53, 1e300, -1, 0.5];
    return json({
      inputs: [{ ...tensor(dice), shape: Array.from({ length: dice.below(6) }, () => dice.pick(sides)) }],
    });
  },
  wrongData: (dice) => {
    const data = markedImage(1);
    return json({
      inputs: [
        {
          ...tensor(dice),
          shape: [1, 28, 28],
          data: data.map((v) => (dice.uniform() < 0.01 ? dice.pick(STRANGE) : v)),
        },
      ],
    });
  },
  noNumbers: (dice) => {
    const values = Float32Array.from(markedImage(2));
    values[dice.below(784)] = dice.pick([NaN, Infinity, -Infinity, 2, -0.1]);
    const input = { name: 'images', shape: [1, 28, 28, 1], datatype: 'FP32', parameters: { binary_data_size: 3136 } };
    return framed({ inputs: [input] }, new Uint8Array(values.buffer));
  },
  wrongLengths: (dice) => {
    const size = dice.pick([0, 1, 783, 784, 785, 3136, -1, 1e12, '784', null]);
    const input = { name: 'images', shape: [1, 28, 28, 1], datatype: 'UINT8', parameters: { binary_data_size: size } };
    const claimed = dice.pick([undefined, '0', '1', '20', '99999999', '-3', 'abc', '1e2', '']);
    return framed({ inputs: [input] }, randomBytes(dice, dice.pick([0, 10, 784, 1000])), claimed);
  },
  randomBody: (dice) => ({
    ...json(null, dice.pick([INFER, '/v1/digits', '/v2/models/digits/versions/1/infer'])),
    body: randomBytes(dice, dice.below(300)),
  }),
  wrongPath: (dice) => ({
    method: dice.pick(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']),
    path: dice.pick([
      '/',
      '/v2/models',
      '/v2/models/%00/infer',
      '/v2/models/digits/versions/x',
      '/..%2f..%2fetc/passwd',
      '/docs/../x',
      '/%',
      `/${'a'.repeat(3000)}`,
      '//',
      '/v1/digits',
    ]),
    headers: {},
    body: Buffer.alloc(0),
  }),
  wrongContentType: (dice) => ({
    ...json({ strokes: [] }, '/v1/digits'),
    headers: {
      'content-type': dice.pick([
        'text/html',
        'image/',
        'application/json; charset=utf-7',
        'multipart/form-data',
        'multipart/form-data; boundary=',
        ';',
        'x'.repeat(500),
      ]),
    },
  }),
  brokenPicture: (dice) => ({
    method: 'POST',
    path: `/v1/digits${dice.pick(['', '?multiple=true', '?explain=true', '?multiple=maybe', '?multiple=true&multiple=false'])}`,
    headers: { 'content-type': dice.pick(['image/png', 'image/jpeg', 'application/octet-stream']) },
    body:
      dice.uniform() < 0.5
        ? brokenPng(dice)
        : Buffer.concat([Buffer.from(dice.pick(PICTURE_STARTS), 'latin1'), randomBytes(dice, dice.below(400))]),
  }),
  brokenForm: (dice) => {
    const parts = [
      '--b\r\n',
      'Content-Disposition: form-data; name="p"; filename="x.png"\r\n',
      'Content-Type: image/png\r\n',
      '\r\n',
      'bytes',
      '\r\n--b--\r\n',
    ];
    const kept = parts.filter(() => dice.uniform() < 0.8);
    return {
      method: 'POST',
      path: '/v1/digits',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: Buffer.from(kept.join('')),
    };
  },
  strangeStrokes: (dice) =>
    json(
      disturb(
        {
          strokes: [
            [
              [0, 0],
              [10, 1e308 * dice.uniform()],
            ],
            [[5, 5, 0.5]],
          ],
          penWidth: dice.pick([0, 1e300, -1]),
        },
        dice,
      ),
      `/v1/digits${dice.pick(['', '?multiple=true'])}`,
    ),
  badBase64: (dice) =>
    json(
      {
        picture: `data:image/png;base64,${'%$#'.repeat(dice.below(9))}`,
        strokes: dice.pick(['iVBORw0KGgo=', '====', null]),
      },
      '/v1/digits',
    ),
  shortBody: (dice) => {
    const whole = json({ inputs: [tensor(dice)] });
    return { ...whole, claimedLength: whole.body.length + 1 + dice.below(1000) };
  },
  slowBody: (dice) => ({ ...json({ inputs: [tensor(dice)] }), pauseMs: 20 }),
  hugeClaim: (dice) => ({ ...json({}), claimedLength: dice.pick([2 ** 31, 2 ** 40, 17 * 1024 * 1024]) }),
};

const KINDS = Object.keys(MUTATIONS);

/** Returns the mutated request of a seed. */
export function mutatedRequest(seed: number): MutatedRequest {
  const dice = createDice(seed);
  const kind = KINDS[seed % KINDS.length];
  return { kind, ...MUTATIONS[kind](dice) };
}
