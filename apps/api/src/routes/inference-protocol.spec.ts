import type { LightMyRequestResponse } from 'fastify';
import { markedImage, markerConfidence, MARKER_LOGIT } from '../testing/marker-model.ts';
import { expectRefusal, openTestApp, type TestApp } from '../testing/test-app.ts';

let service: TestApp;
beforeAll(async () => {
  service = await openTestApp({ maxImages: 100 });
});
afterAll(() => service.close());

const INFER = '/v2/models/digits/infer';
const input = (digits: readonly number[]) => ({
  name: 'images',
  shape: [digits.length, 28, 28, 1],
  datatype: 'FP32',
  data: digits.flatMap((digit) => markedImage(digit)),
});
const infer = (payload: unknown, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> =>
  service.app.inject({ method: 'POST', url: INFER, headers, payload: payload as object });

interface Answer {
  readonly id?: string;
  readonly outputs: readonly { name: string; datatype: string; shape: number[]; data: (number | boolean)[] }[];
}

/** JSON with bytes behind it. */
function framed(json: object, bytes: Uint8Array): { payload: Buffer; headers: Record<string, string> } {
  const text = Buffer.from(JSON.stringify(json));
  return {
    payload: Buffer.concat([text, bytes]),
    headers: { 'inference-header-content-length': String(text.length) },
  };
}

describe('GET /v2', () => {
  it('names the server and its extension', async () => {
    const response = await service.app.inject('/v2');
    expect(response.json()).toEqual({ name: 'digits', version: '1.2.3', extensions: ['binary_tensor_data'] });
  });

  it.each(['/v2/models/digits', '/v2/models/digits/versions/1'])('describes the model at %s', async (url) => {
    const response = await service.app.inject(url);
    expect(response.json()).toMatchObject({
      name: 'digits',
      versions: ['1'],
      platform: 'digits_simd',
      inputs: [{ name: 'images', datatype: 'FP32', shape: [-1, 28, 28, 1] }],
      outputs: [
        { name: 'probabilities', datatype: 'FP32', shape: [-1, 10] },
        { name: 'digit', datatype: 'INT32', shape: [-1] },
        { name: 'logits', datatype: 'FP32', shape: [-1, 10] },
        { name: 'rejected', datatype: 'BOOL', shape: [-1] },
      ],
      parameters: { preset: 'marker' },
    });
    const ready = await service.app.inject(`${url}/ready`);
    expect(ready.json()).toEqual({ name: 'digits', ready: true });
  });

  it('knows no other model and no other version', async () => {
    expectRefusal(
      await service.app.inject('/v2/models/letters'),
      404,
      'MODEL_NOT_FOUND',
      'must be "digits", got "letters"',
    );
    const version = await service.app.inject('/v2/models/digits/versions/2/ready');
    expectRefusal(version, 404, 'MODEL_NOT_FOUND', 'the version must be "1", got "2"');
  });
});

describe('POST /v2/models/{model}/infer', () => {
  it('gives all outputs, and the id back', async () => {
    const response = await infer({ id: 'a-1', inputs: [input([7])] });
    expect(response.statusCode).toBe(200);
    const { outputs, ...rest } = response.json<Answer>();
    expect(rest).toEqual({ model_name: 'digits', model_version: '1', id: 'a-1' });
    expect(outputs.map(({ name, datatype, shape }) => [name, datatype, shape])).toEqual([
      ['probabilities', 'FP32', [1, 10]],
      ['digit', 'INT32', [1]],
      ['logits', 'FP32', [1, 10]],
      ['rejected', 'BOOL', [1]],
    ]);
    const [probabilities, digit, logits, rejected] = outputs.map(({ data }) => data);
    expect(probabilities[7]).toBeCloseTo(markerConfidence(), 6);
    expect(digit).toEqual([7]);
    expect(logits).toEqual([0, 0, 0, 0, 0, 0, 0, MARKER_LOGIT, 0, 0]);
    expect(rejected).toEqual([false]);
  });

  it('answers a batch, image by image, and rejects what is no digit', async () => {
    const images = [...markedImage(3), ...markedImage(8, 0.1), ...markedImage(1)];
    const tensor = { name: 'images', shape: [3, 28, 28, 1], datatype: 'FP32', data: images };
    const { outputs } = (
      await infer({ inputs: [tensor], outputs: [{ name: 'digit' }, { name: 'rejected' }] })
    ).json<Answer>();
    expect(outputs).toEqual([
      { name: 'digit', datatype: 'INT32', shape: [3], data: [3, -1, 1] },
      { name: 'rejected', datatype: 'BOOL', shape: [3], data: [false, true, false] },
    ]);
  });

  it('reads, answers and sends large batches in parts', async () => {
    const large = await openTestApp({ maxImages: 1000 });
    try {
      const digits = Array.from({ length: 700 }, (_, i) => (i * 7 + (i >> 6)) % 10);
      const tensor = {
        name: 'images',
        shape: [700, 28, 28, 1],
        datatype: 'UINT8',
        parameters: { binary_data_size: 700 * 784 },
      };
      const bytes = Uint8Array.from(digits.flatMap((digit) => markedImage(digit, 255)));
      const ask = (parameters: object) =>
        large.app.inject({ method: 'POST', url: INFER, ...framed({ inputs: [tensor], parameters }, bytes) });
      const text = await ask({});
      expect(Number(text.headers['content-length'])).toBe(text.rawPayload.length);
      const { outputs } = text.json<Answer>();
      expect(outputs.map(({ shape }) => shape)).toEqual([[700, 10], [700], [700, 10], [700]]);
      expect(outputs[1].data).toEqual(digits);
      expect(outputs[2].data).toEqual(
        digits.flatMap((digit) => Array.from({ length: 10 }, (_, i) => (i === digit ? MARKER_LOGIT : 0))),
      );
      const binary = await ask({ binary_data_output: true });
      const length = Number(binary.headers['inference-header-content-length']);
      const sizes = [28_000, 2800, 28_000, 700];
      const json = JSON.parse(binary.rawPayload.toString('utf8', 0, length)) as Answer;
      expect(json.outputs).toMatchObject(sizes.map((size) => ({ parameters: { binary_data_size: size } })));
      const view = new DataView(Uint8Array.from(binary.rawPayload.subarray(length)).buffer);
      expect(Array.from(digits, (_, i) => view.getInt32(28_000 + 4 * i, true))).toEqual(digits);
    } finally {
      await large.close();
    }
  });

  it('takes grey values', async () => {
    const tensor = { ...input([2]), datatype: 'UINT8', data: markedImage(2, 255) };
    expect((await infer({ inputs: [tensor], outputs: [{ name: 'digit' }] })).json<Answer>().outputs[0].data).toEqual([
      2,
    ]);
  });

  it('takes and gives bytes', async () => {
    const tensor = { ...input([4, 9]), datatype: 'UINT8', parameters: { binary_data_size: 1568 }, data: undefined };
    const outputs = [
      { name: 'logits', parameters: { binary_data: true } },
      { name: 'rejected' },
      { name: 'digit', parameters: { binary_data: true } },
    ];
    const bytes = Uint8Array.from([...markedImage(4, 255), ...markedImage(9, 255)]);
    const response = await service.app.inject({
      method: 'POST',
      url: INFER,
      ...framed({ inputs: [tensor], outputs }, bytes),
    });
    expect(response.headers['content-type']).toBe('application/octet-stream');
    const length = Number(response.headers['inference-header-content-length']);
    const json = JSON.parse(response.rawPayload.toString('utf8', 0, length)) as Answer;
    expect(json.outputs).toEqual([
      { name: 'logits', datatype: 'FP32', shape: [2, 10], parameters: { binary_data_size: 80 } },
      { name: 'rejected', datatype: 'BOOL', shape: [2], data: [false, false] },
      { name: 'digit', datatype: 'INT32', shape: [2], parameters: { binary_data_size: 8 } },
    ]);
    const view = new DataView(Uint8Array.from(response.rawPayload.subarray(length)).buffer);
    expect(Array.from({ length: 20 }, (_, i) => view.getFloat32(4 * i, true))).toEqual(
      Array.from({ length: 20 }, (_, i) => (i === 4 || i === 19 ? MARKER_LOGIT : 0)),
    );
    expect([view.getInt32(80, true), view.getInt32(84, true)]).toEqual([4, 9]);
  });

  it('gives bytes for all outputs where the request asks for them', async () => {
    const response = await infer({ inputs: [input([5])], parameters: { binary_data_output: true } });
    const length = Number(response.headers['inference-header-content-length']);
    expect(response.rawPayload.length - length).toBe(40 + 4 + 40 + 1);
    expect(response.rawPayload.at(-1)).toBe(0);
  });

  it('takes JSON whatever its content type, as clients of the protocol send it', async () => {
    const payload = JSON.stringify({ inputs: [input([6])], outputs: [{ name: 'digit' }] });
    for (const type of ['application/octet-stream', 'text/plain', 'application/x-www-form-urlencoded']) {
      expect((await infer(payload, { 'content-type': type })).json<Answer>().outputs[0].data).toEqual([6]);
    }
  });

  it('answers requests that wait together', async () => {
    const responses = await Promise.all(
      Array.from({ length: 40 }, (_, i) => infer({ inputs: [input([i % 10])], outputs: [{ name: 'digit' }] })),
    );
    expect(responses.map((response) => response.json<Answer>().outputs[0].data[0])).toEqual(
      Array.from({ length: 40 }, (_, i) => i % 10),
    );
  });

  it.each<[string, unknown, number, string, string]>([
    [
      'no JSON',
      '{"inputs": [',
      400,
      'INVALID_JSON',
      'the body must start with a JSON object of 12 bytes, got invalid JSON',
    ],
    ['no body', undefined, 400, 'INVALID_JSON', 'a JSON object of 0 bytes, got invalid JSON'],
    ['no inputs', {}, 400, 'INVALID_REQUEST', "body must have required property 'inputs'"],
    [
      'two inputs',
      { inputs: [input([1]), input([2])] },
      400,
      'INVALID_REQUEST',
      'body/inputs must NOT have more than 1 items',
    ],
    ['a number for an id', { id: 5, inputs: [input([1])] }, 400, 'INVALID_REQUEST', 'body/id must be string'],
    [
      'an unknown output',
      { inputs: [input([1])], outputs: [{ name: 'letter' }] },
      400,
      'INVALID_REQUEST',
      'outputs[0].name must be one of probabilities, digit, logits, rejected, got "letter"',
    ],
    [
      'an output twice',
      { inputs: [input([1])], outputs: [{ name: 'digit' }, { name: 'digit' }] },
      400,
      'INVALID_REQUEST',
      'outputs must name each output once',
    ],
    [
      'a classification',
      { inputs: [input([1])], outputs: [{ name: 'digit', parameters: { classification: 3 } }] },
      400,
      'INVALID_REQUEST',
      'must not ask for classification',
    ],
    [
      'a flag that is none',
      { inputs: [input([1])], parameters: { binary_data_output: 1 } },
      400,
      'INVALID_REQUEST',
      'parameters.binary_data_output must be true or false',
    ],
    [
      'a wrong shape',
      { inputs: [{ ...input([1]), shape: [1, 784] }] },
      400,
      'INVALID_TENSOR',
      'inputs[0].shape must be [n, 28, 28, 1]',
    ],
    [
      'huge dimensions',
      { inputs: [{ ...input([1]), shape: [9_000_000_000_000_000, 28, 28, 1] }] },
      413,
      'TOO_MANY_IMAGES',
      'at most 100 images',
    ],
    [
      'dimensions beyond whole numbers',
      { inputs: [{ ...input([1]), shape: [1e300, 28, 28, 1] }] },
      400,
      'INVALID_REQUEST',
      'body/inputs/0/shape/0 must be <= 9007199254740991',
    ],
  ])('refuses %s', async (_, payload, status, code, text) => {
    expectRefusal(await infer(payload, { 'content-type': 'application/json' }), status, code, text);
  });

  it.each(['-1', 'x', '99999', '1e3', ''])('refuses %j as the length of the JSON', async (length) => {
    const headers = { 'inference-header-content-length': length };
    expectRefusal(
      await infer({ inputs: [input([1])] }, headers),
      400,
      'INVALID_REQUEST',
      'Inference-Header-Content-Length must be',
    );
  });

  it('refuses a length that cuts the JSON', async () => {
    const headers = { 'inference-header-content-length': '20' };
    expectRefusal(await infer({ inputs: [input([1])] }, headers), 400, 'INVALID_JSON', 'a JSON object of 20 bytes');
  });

  it('reads large JSON in a thread as it reads small JSON here', async () => {
    const digits = Array.from({ length: 100 }, (_, i) => i % 10);
    const { outputs } = (await infer({ inputs: [input(digits)], outputs: [{ name: 'digit' }] })).json<Answer>();
    expect(outputs[0].data).toEqual(digits);
    const wrong: [object, number, string, string][] = [
      [{ inputs: [{ ...input(digits), datatype: 'FP64' }] }, 400, 'INVALID_TENSOR', 'datatype must be FP32 or UINT8'],
      [{ inputs: [{ ...input(digits), shape: [99, 28, 28] }] }, 400, 'INVALID_TENSOR', 'must have 77616 values'],
      [{ inputs: [{ ...input(digits), shape: 'x' }] }, 400, 'INVALID_REQUEST', 'body/inputs/0/shape must be array'],
      [{ inputs: [input(digits), input(digits)] }, 400, 'INVALID_REQUEST', 'must NOT have more than 1 items'],
      [{ id: 5, inputs: [input(digits)] }, 400, 'INVALID_REQUEST', 'body/id must be string'],
      [
        { inputs: [{ ...input(digits), parameters: { binary_data_size: 9 } }] },
        400,
        'INVALID_TENSOR',
        'data must be omitted',
      ],
      [{ inputs: [input([...digits, 1])] }, 413, 'TOO_MANY_IMAGES', 'at most 100 images'],
    ];
    for (const [payload, status, code, text] of wrong) expectRefusal(await infer(payload), status, code, text);
  });

  it('refuses deeply nested values without a fault', async () => {
    const nested = `${'['.repeat(7000)}${']'.repeat(7000)}`;
    const tensor = '"name":"images","shape":[1,28,28],"datatype":"FP32"';
    for (const text of [
      `{"inputs":[{${tensor},"data":[${nested}]}]}`,
      `{"inputs":[{${tensor},"data":[0,${nested}]}]}`,
      `{"inputs":[{${tensor},"parameters":{"binary_data_size":${nested}}}]}`,
    ]) {
      expectRefusal(await infer(text, { 'content-type': 'application/json' }), 400, 'INVALID_TENSOR');
    }
    const deeper = `{"inputs":[{${tensor},"data":${'['.repeat(100_000)}`;
    expectRefusal(await infer(deeper), 400, 'INVALID_JSON', 'the JSON must have at most 32 nested levels');
  });

  it('refuses JSON beyond its own limit, but not as many bytes behind it', async () => {
    const small = await openTestApp({ maxJson: 2000 });
    try {
      const large = { inputs: [input([1, 2, 3])] };
      const ask = (request: { payload: object | Buffer; headers?: Record<string, string> }) =>
        small.app.inject({ method: 'POST', url: INFER, ...request });
      expectRefusal(await ask({ payload: large }), 413, 'BODY_TOO_LARGE', 'send the tensor as bytes behind the JSON');
      expectRefusal(
        await ask(framed(large, new Uint8Array(1))),
        413,
        'BODY_TOO_LARGE',
        'the JSON must have at most 2000',
      );
      const tensor = {
        ...input([4, 9, 1]),
        datatype: 'UINT8',
        parameters: { binary_data_size: 2352 },
        data: undefined,
      };
      const bytes = Uint8Array.from([4, 9, 1].flatMap((digit) => markedImage(digit, 255)));
      expect((await ask(framed({ inputs: [tensor] }, bytes))).statusCode).toBe(200);
    } finally {
      await small.close();
    }
  });

  it('refuses with 503 what the queue does not take, and says when to come again', async () => {
    const small = await openTestApp({ maxQueue: 8, maxImages: 4 });
    try {
      const ask = (digits: readonly number[]) =>
        small.app.inject({
          method: 'POST',
          url: INFER,
          payload: { inputs: [input(digits)], outputs: [{ name: 'digit' }] },
        });
      const responses = await Promise.all([ask([1, 2, 3]), ask([4, 5]), ask([6])]);
      expect(responses.map(({ statusCode }) => statusCode)).toEqual([200, 503, 200]);
      expectRefusal(
        responses[1],
        503,
        'OVERLOADED',
        'the queue has room for 4 images of this client and holds 3; retry in a second',
      );
      expect(responses[1].headers['retry-after']).toBe('1');
      expect(responses[0].json<Answer>().outputs[0].data).toEqual([1, 2, 3]);
      expect(responses[2].json<Answer>().outputs[0].data).toEqual([6]);
    } finally {
      await small.close();
    }
  });

  it('refuses while the queue is full before it reads the body', async () => {
    const small = await openTestApp({ maxQueue: 8, batchWaitMs: 300 });
    try {
      const waiting = small.host
        .requireServed()
        .predictor.predict(new Float32Array(4 * 28 * 28), { client: '127.0.0.1' });
      for (const url of [INFER, '/v1/models/digits:predict']) {
        const headers = { 'content-type': 'application/json' };
        const response = await small.app.inject({ method: 'POST', url, headers, payload: '{"inputs": [' });
        expectRefusal(
          response,
          503,
          'OVERLOADED',
          'the queue has room for 4 images of this client and holds 4; retry in a second',
        );
        expect(response.headers['retry-after']).toBe('1');
      }
      await waiting;
      expect(
        (await small.app.inject({ method: 'POST', url: INFER, payload: { inputs: [input([7])] } })).statusCode,
      ).toBe(200);
    } finally {
      await small.close();
    }
  });
});
