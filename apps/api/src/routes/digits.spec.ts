import { EventEmitter } from 'node:events';
import { normaliseImages, strokesToImage } from '@digits/data';
import { type Classification, type Classifier, createClassifier, type Predictor } from '@digits/model';
import { loadModel, loadPretrainedInkModel, pretrainedModelDirectory } from '@digits/model/node';
import { referenceEngine } from '@digits/engine-contract';
import { createSimdEngine } from '@digits/engine-simd/node';
import { createInkDetector, prepareImage } from '@digits/reader';
import type { FastifyReply } from 'fastify';
import sharp, { type Sharp } from 'sharp';
import { whitePng } from '../testing/attacks/picture-files.ts';
import { expectRefusal, openTestApp, type TestApp } from '../testing/test-app.ts';
import { whileConnected } from './digits.ts';

/** The shipped model, whose answers the plain network in double precision says, too. */
let service: TestApp;
const modelDir = pretrainedModelDirectory();
beforeAll(async () => {
  service = await openTestApp({ modelDir, maxPixels: 1_000_000 });
});
afterAll(() => service.close());

const ONE = [
  [
    [0, 0],
    [4, 100],
  ],
] as const;
const ONE_AND_SEVEN = [
  ...ONE,
  [
    [60, 0],
    [100, 0],
    [75, 100],
  ],
] as const;

/** Dark strokes on light paper, as SVG draws them, and thin printed lines if there are `rules`. */
function paper(width: number, height: number, path: string, rules = ''): Sharp {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#eee"/><path d="${rules}" fill="none" stroke="#123" stroke-width="3"/><path d="${path}" fill="none" stroke="#123" stroke-width="9" stroke-linecap="round"/></svg>`;
  return sharp(Buffer.from(svg));
}
const SEVEN = 'M40 30 L100 30 L65 120';

let classifier: Classifier;
let inkPredictor: Predictor;
beforeAll(async () => {
  classifier = await createClassifier(await loadModel(modelDir), referenceEngine);
  const { architecture, weights } = await loadPretrainedInkModel();
  inkPredictor = await createSimdEngine({ threads: 1 }).createPredictor(architecture, weights);
});
afterAll(() => inkPredictor.dispose());

async function expectedOf(image: Uint8Array | null): Promise<Classification> {
  if (image === null) throw new Error('there must be an image');
  return (await classifier.classify(normaliseImages(image)))[0];
}

interface Answer extends Classification {
  readonly runnerUp: number;
  readonly reason: string | null;
}

function expectSame(answer: Answer, expected: Classification): void {
  expect({ digit: answer.digit, rejected: answer.rejected }).toEqual({
    digit: expected.digit,
    rejected: expected.rejected,
  });
  expect(answer.probabilities).toHaveLength(10);
  answer.probabilities.forEach((value, label) => {
    expect(value).toBeCloseTo(expected.probabilities[label], 4);
  });
  const order = expected.probabilities
    .map((_, label) => label)
    .sort((a, b) => expected.probabilities[b] - expected.probabilities[a]);
  expect(answer.runnerUp).toBe(order[1]);
}

const post = (url: string, payload: Buffer | object, type = 'application/json') =>
  service.app.inject({ method: 'POST', url, headers: { 'content-type': type }, payload });

describe('POST /v1/digits', () => {
  it('reads a drawing', async () => {
    const answer = (await post('/v1/digits', { strokes: ONE })).json<Answer>();
    expectSame(answer, await expectedOf(strokesToImage(ONE).image));
  });

  it.each(['png', 'jpeg', 'webp', 'tiff', 'gif'] as const)('reads a %s file', async (format) => {
    const file = await paper(140, 150, SEVEN).toFormat(format).toBuffer();
    const { data, info } = await sharp(file).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    const picture = { data, width: info.width, height: info.height, channels: 4 } as const;
    const { image } = await prepareImage(picture, createInkDetector(inkPredictor), classifier);
    const response = await post('/v1/digits', file, `image/${format}`);
    expect(response.statusCode).toBe(200);
    expectSame(response.json<Answer>(), await expectedOf(image));
  });

  it('says which model answered and how long it took', async () => {
    const answer = (await post('/v1/digits', { strokes: ONE })).json<Record<string, unknown>>();
    const { weightsSha256 } = (await loadModel(modelDir)).metadata;
    expect(answer.model).toEqual({ name: 'digits', version: '1', weightsSha256 });
    expect(answer.time).toEqual({
      decodingMs: expect.any(Number) as number,
      readingMs: expect.any(Number) as number,
      totalMs: expect.any(Number) as number,
    });
  });

  it('reads a form', async () => {
    const file = await paper(140, 150, SEVEN).png().toBuffer();
    const form = new FormData();
    form.append('note', 'not read');
    form.append('picture', new Blob([Uint8Array.from(file)], { type: 'image/png' }), 'seven.png');
    const encoded = new Response(form);
    const payload = Buffer.from(await encoded.arrayBuffer());
    const fromForm = await post('/v1/digits', payload, encoded.headers.get('content-type') ?? '');
    const fromBody = await post('/v1/digits', file, 'application/octet-stream');
    expect({ ...fromForm.json<object>(), time: null }).toEqual({ ...fromBody.json<object>(), time: null });
  });

  it('reads several digits, each with its box', async () => {
    const drawing = (await post('/v1/digits?multiple=true', { strokes: ONE_AND_SEVEN })).json<{
      digits: { box: object }[];
    }>();
    expect(drawing.digits.map(({ box }) => box)).toEqual([
      { x: 0, y: 0, width: 4, height: 100 },
      { x: 60, y: 0, width: 40, height: 100 },
    ]);
    const file = await paper(300, 150, `${SEVEN} M200 30 L200 120`).png().toBuffer();
    const picture = (await post('/v1/digits?multiple=true', file, 'image/png')).json<{
      text: string;
      reason: null;
      digits: (Answer & { box: { x: number; y: number; width: number; height: number } })[];
    }>();
    expect(picture.digits).toHaveLength(2);
    expect(picture.text).toBe(picture.digits.map(({ digit }) => digit ?? '?').join(''));
    const [seven, one] = picture.digits.map(({ box }) => box);
    // The ink spans 60 by 90 from (40, 30) and 0 by 90 from (200, 30), 4.5 more on each side.
    expect(Math.abs(seven.x - 35.5) + Math.abs(seven.y - 25.5)).toBeLessThan(4);
    expect(Math.abs(seven.width - 69) + Math.abs(seven.height - 99)).toBeLessThan(6);
    expect(Math.abs(one.x - 195.5) + Math.abs(one.width - 9)).toBeLessThan(6);
  });

  it('decides by itself between one digit and several, unless the mode is given', async () => {
    const modes = async (strokes: object) => {
      const answers = await Promise.all(
        ['', '?mode=auto', '?mode=single', '?multiple=false', '?mode=multiple', '?multiple=true'].map(async (query) =>
          (await post(`/v1/digits${query}`, { strokes })).json<{ mode: string; digits: unknown[] }>(),
        ),
      );
      return answers.map(({ mode, digits }) => `${mode} ${digits.length}`);
    };
    expect(await modes(ONE_AND_SEVEN)).toEqual([
      'multiple 2',
      'multiple 2',
      'single 1',
      'single 1',
      'multiple 2',
      'multiple 2',
    ]);
    expect(await modes(ONE)).toEqual(['single 1', 'single 1', 'single 1', 'single 1', 'multiple 1', 'multiple 1']);
  });

  it('refuses a query with both mode and multiple', async () => {
    const response = await post('/v1/digits?mode=single&multiple=true', { strokes: ONE });
    expect(response.statusCode).toBe(400);
    expect(response.body).toContain('the query must have one of mode, multiple and grid, got mode and multiple');
    const unknown = await post('/v1/digits?mode=many', { strokes: ONE });
    expect(unknown.statusCode).toBe(400);
    expect(unknown.json<{ error: string }>().error).toMatch(/^querystring\/mode must be [^,]*$/);
  });

  it('says that an image read as one digit shows several, and that nothing was turned', async () => {
    const file = await paper(300, 150, `${SEVEN} M200 30 L200 120`).png().toBuffer();
    const facts = async (mode: string) => {
      const { notice, orientation, table } = (await post(`/v1/digits?mode=${mode}`, file, 'image/png')).json<
        Record<'notice' | 'orientation' | 'table', unknown>
      >();
      return { notice, orientation, table };
    };
    expect(await facts('single')).toEqual({ notice: 'severalDigits', orientation: 0, table: null });
    expect(await facts('multiple')).toEqual({ notice: null, orientation: 0, table: null });
  });

  it('reads a table', async () => {
    const rules = 'M20 20 H280 M20 150 H280 M20 280 H280 M20 20 V280 M150 20 V280 M280 20 V280';
    const file = await paper(300, 300, 'M60 50 L110 50 L80 120 M60 180 L110 180 L80 250', rules).png().toBuffer();
    const answer = (await post('/v1/digits?grid=2x2', file, 'image/png')).json<{ mode: string; table: unknown }>();
    expect({ mode: answer.mode, table: answer.table }).toEqual({
      mode: 'multiple',
      table: [
        ['7', null],
        ['7', null],
      ],
    });
  });

  it.each([
    ['grid=9', 'querystring/grid must match pattern'],
    ['grid=0x9', 'querystring/grid must match pattern'],
    ['grid=9x51', 'querystring/grid must match pattern'],
    ['grid=9x9&mode=single', 'the query must have one of mode, multiple and grid, got mode and grid'],
    ['grid=9x9&multiple=true', 'the query must have one of mode, multiple and grid, got multiple and grid'],
  ])('refuses the query %s', async (query, message) => {
    const file = await paper(140, 150, SEVEN).png().toBuffer();
    expectRefusal(await post(`/v1/digits?${query}`, file, 'image/png'), 400, 'INVALID_REQUEST', message);
  });

  it('refuses a table of a drawing', async () => {
    const message = 'grid must go with an image, got a drawing; leave it out';
    expectRefusal(await post('/v1/digits?grid=9x9', { strokes: ONE }), 400, 'INVALID_REQUEST', message);
  });

  it('answers one digit at the top level and in the list, with its class name', async () => {
    const { digits, ...answer } = (await post('/v1/digits', { strokes: ONE })).json<
      Answer & { digits: (Answer & { box: object; className: string })[]; text: string; className: string }
    >();
    expect(digits).toHaveLength(1);
    expect(answer).toMatchObject({ mode: 'single', text: String(answer.digit), className: String(answer.digit) });
    const { box, ...only } = digits[0];
    expect(answer).toMatchObject(only);
    expect(box).toEqual({ x: 0, y: 0, width: 4, height: 100 });
  });

  it('explains with pictures of what it saw', async () => {
    const answer = (await post('/v1/digits?explain=true', { strokes: ONE })).json<{
      runnerUp: number;
      explanation: {
        method: string;
        digit: number;
        runnerUp: number;
        image: string;
        evidenceFor: { values: number[]; picture: string };
        evidenceAgainst: { values: number[]; picture: string };
      };
    }>();
    const { explanation } = answer;
    expect(explanation).toMatchObject({ method: 'occlusion', runnerUp: answer.runnerUp, height: 28, width: 28 });
    const pixels = async (url: string): Promise<Buffer> =>
      sharp(Buffer.from(url.replace('data:image/png;base64,', ''), 'base64'))
        .raw()
        .toBuffer();
    const seen = await sharp(await pixels(explanation.image), { raw: { width: 28, height: 28, channels: 3 } })
      .extractChannel(0)
      .raw()
      .toBuffer()
      .catch(() => pixels(explanation.image));
    expect([...seen]).toEqual([...(strokesToImage(ONE).image ?? [])]);
    for (const { values, picture } of [explanation.evidenceFor, explanation.evidenceAgainst]) {
      expect(values).toHaveLength(784);
      const rgba = await pixels(picture);
      values.forEach((value, i) => {
        // Orange is more red than blue.
        if (Math.abs(value) > 0.1) expect(Math.sign(rgba[4 * i] - rgba[4 * i + 2])).toBe(Math.sign(value));
      });
    }
  });

  it('explains the first digits only, up to the limit', async () => {
    const sevens = Array.from({ length: 20 }, (_, i) => [
      [i * 90, 0],
      [i * 90 + 50, 0],
      [i * 90 + 20, 90],
    ]);
    const response = await post('/v1/digits?mode=multiple&explain=true', { strokes: sevens });
    const { digits } = response.json<{ digits: { explanation?: object }[] }>();
    expect(digits.map(({ explanation }) => explanation !== undefined)).toEqual([
      ...Array.from({ length: 16 }, () => true),
      ...Array.from({ length: 4 }, () => false),
    ]);
  });

  it('gives boxes in the pixels of a large image', async () => {
    // The reader shrinks it by 3 while it decodes. The ink spans 600 by 900 from (1500, 900), half a pen of 9 pixels more on each side.
    const file = await paper(4000, 3000, 'M1500 900 L2100 900 L1750 1800').png().toBuffer();
    const app = await openTestApp({ modelDir });
    try {
      const url = '/v1/digits?mode=single';
      const response = await app.app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'image/png' },
        payload: file,
      });
      const [{ box }] = response.json<{ digits: { box: Record<'x' | 'y' | 'width' | 'height', number> }[] }>().digits;
      expect(Math.abs(box.x - 1495) + Math.abs(box.y - 895)).toBeLessThan(150);
      expect(Math.abs(box.width - 610) + Math.abs(box.height - 910)).toBeLessThan(150);
    } finally {
      await app.close();
    }
  });

  it('refuses images that are too long or too narrow', async () => {
    const message =
      'the picture must be at most 32767 pixels wide and high, got 40000x1; cut out the part with the digits';
    expectRefusal(await post('/v1/digits', whitePng(40_000, 1), 'image/png'), 413, 'PICTURE_TOO_LARGE', message);
  });

  it('says why there is nothing to read', async () => {
    const blank = await sharp({ create: { width: 60, height: 60, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    const nothing = { digit: null, runnerUp: null, rejected: true, reason: 'blank' };
    expect((await post('/v1/digits', blank, 'image/png')).json()).toMatchObject(nothing);
    expect((await post('/v1/digits', { strokes: [] })).json()).toMatchObject(nothing);
    expect((await post('/v1/digits?multiple=true', { strokes: [] })).json()).toMatchObject({
      text: '',
      digits: [],
      reason: 'blank',
    });
  });

  it('refuses what is no picture, too large, or broken', async () => {
    const whole = await paper(140, 150, SEVEN).png().toBuffer();
    const large = await sharp({ create: { width: 1001, height: 1000, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    const text = await post('/v1/digits', Buffer.from('hello, world'), 'image/png');
    expectRefusal(text, 415, 'UNSUPPORTED_MEDIA_TYPE', /^the file must be PNG, JPEG/);
    expectRefusal(
      await post('/v1/digits', large, 'image/png'),
      413,
      'PICTURE_TOO_LARGE',
      'at most 1000000 pixels, got 1001x1000',
    );
    expectRefusal(
      await post('/v1/digits', whole.subarray(0, 200), 'image/png'),
      400,
      'DAMAGED_PICTURE',
      'the PNG file must be whole',
    );
    expectRefusal(
      await post('/v1/digits', Buffer.from('x'), 'text/plain'),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'the content type must be',
    );
    expectRefusal(
      await post('/v1/digits', Buffer.from(''), 'image/png'),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'got an empty file',
    );
    const gzipped = await service.app.inject({
      method: 'POST',
      url: '/v1/digits',
      headers: { 'content-type': 'image/png', 'content-encoding': 'gzip' },
      payload: whole,
    });
    expectRefusal(gzipped, 415, 'UNSUPPORTED_MEDIA_TYPE', 'without a content encoding');
  });

  it.each<[string, object | string, string, string]>([
    ['strokes that are none', { strokes: 'seven' }, 'INVALID_REQUEST', 'body/strokes must be array'],
    [
      'points of one number',
      { strokes: [[[1]]] },
      'INVALID_REQUEST',
      'body/strokes/0/0 must NOT have fewer than 2 items',
    ],
    ['a negative pen', { strokes: [], penWidth: -1 }, 'INVALID_REQUEST', 'body/penWidth must be >= 0'],
    ['no JSON', '{', 'INVALID_JSON', 'got invalid JSON'],
    [
      'numbers that JSON cannot hold',
      '{"strokes": [[[1e999, 0]]]}',
      'INVALID_REQUEST',
      'body/strokes/0/0/0 must be number',
    ],
  ])('refuses %s', async (_, payload, code, text) => {
    const response = await post('/v1/digits', typeof payload === 'string' ? Buffer.from(payload) : payload);
    expectRefusal(response, 400, code, text);
  });

  it('refuses more points than it takes', async () => {
    const stroke = Array.from({ length: 10_001 }, (_, i) => [i, 0]);
    expectRefusal(
      await post('/v1/digits', { strokes: [stroke, stroke] }),
      400,
      'INVALID_STROKES',
      'at most 20000 points, got 20002',
    );
  });

  it('refuses switches that are neither on nor off', async () => {
    expectRefusal(
      await post('/v1/digits?multiple=yes', { strokes: [] }),
      400,
      'INVALID_REQUEST',
      'querystring/multiple',
    );
  });
});

describe('POST /v1/digits under pressure', () => {
  it('ends what takes too long, and reads the next picture', async () => {
    const slow = await openTestApp({ modelDir, pictureTimeMs: 300 });
    try {
      // A web of 500 strokes, each crossing all others.
      const strokes = Array.from({ length: 500 }, (_, i) =>
        Array.from({ length: 40 }, (__, j) => [i + j, (j * 97 + i) % 500]),
      );
      const payload = { strokes };
      const response = await slow.app.inject({ method: 'POST', url: '/v1/digits?multiple=true', payload });
      expectRefusal(response, 503, 'TIMED_OUT', 'reading must take at most 300 ms of processor time');
      const next = await slow.app.inject({ method: 'POST', url: '/v1/digits', payload: { strokes: ONE } });
      expect(next.statusCode).toBe(200);
    } finally {
      await slow.close();
    }
  });

  it('refuses with 503 more pictures than can wait', async () => {
    const small = await openTestApp({ modelDir, maxPictures: 1 });
    try {
      const ask = () => small.app.inject({ method: 'POST', url: '/v1/digits', payload: { strokes: ONE } });
      const responses = await Promise.all(Array.from({ length: 12 }, ask));
      const refused = responses.filter(({ statusCode }) => statusCode !== 200);
      expect(refused.length).toBeGreaterThan(0);
      expect(refused.length).toBeLessThan(12);
      for (const response of refused)
        expectRefusal(
          response,
          503,
          'OVERLOADED',
          'the queue of image files and drawings is full (maximum 1); retry in a second',
        );
    } finally {
      await small.close();
    }
  });
});

describe('whileConnected', () => {
  it('cancels the work of a client that disconnects, and does not call that a time-out', async () => {
    const raw = Object.assign(new EventEmitter(), { destroyed: false });
    const work = whileConnected(
      { raw } as unknown as FastifyReply,
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
        }),
    );
    raw.emit('close');
    await expect(work).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });
});
