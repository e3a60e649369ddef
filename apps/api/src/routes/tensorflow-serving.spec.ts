import { MARKER_LOGIT, markedImage, markerConfidence } from '../testing/marker-model.ts';
import { expectRefusal, openTestApp, type TestApp } from '../testing/test-app.ts';

let service: TestApp;
beforeAll(async () => {
  service = await openTestApp();
});
afterAll(() => service.close());

/** `[28][28]` */
function rowsOf(digit: number, value = 1): number[][] {
  const image = markedImage(digit, value);
  return Array.from({ length: 28 }, (_, y) => image.slice(28 * y, 28 * (y + 1)));
}
const withChannel = (rows: number[][]): number[][][] => rows.map((row) => row.map((value) => [value]));
const predict = (payload: object, path = '/v1/models/digits:predict') =>
  service.app.inject({ method: 'POST', url: path, payload });

describe('GET /v1/models/{model}', () => {
  it.each(['/v1/models/digits', '/v1/models/digits/versions/1'])(
    'says at %s that the model is available',
    async (url) => {
      expect((await service.app.inject(url)).json()).toEqual({
        model_version_status: [{ version: '1', state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } }],
      });
    },
  );

  it('knows no other model', async () => {
    expectRefusal(await service.app.inject('/v1/models/letters'), 404, 'MODEL_NOT_FOUND');
    expectRefusal(await predict({ instances: [rowsOf(1)] }, '/v1/models/letters:predict'), 404, 'MODEL_NOT_FOUND');
  });
});

describe('GET /v1/models/{model}/metadata', () => {
  it.each(['/v1/models/digits/metadata', '/v1/models/digits/versions/1/metadata'])(
    'describes the signature at %s',
    async (url) => {
      const dim = (...sizes: string[]) => sizes.map((size) => ({ size, name: '' }));
      const tensor = (name: string, dtype: string, ...sizes: string[]) => ({
        dtype,
        tensor_shape: { dim: dim(...sizes), unknown_rank: false },
        name,
      });
      // The form of a real answer of TensorFlow Serving: https://www.tensorflow.org/tfx/serving/api_rest
      expect((await service.app.inject(url)).json()).toEqual({
        model_spec: { name: 'digits', signature_name: '', version: '1' },
        metadata: {
          signature_def: {
            signature_def: {
              serving_default: {
                inputs: { images: tensor('images', 'DT_FLOAT', '-1', '28', '28', '1') },
                outputs: {
                  probabilities: tensor('probabilities', 'DT_FLOAT', '-1', '10'),
                  digit: tensor('digit', 'DT_INT32', '-1'),
                  logits: tensor('logits', 'DT_FLOAT', '-1', '10'),
                  rejected: tensor('rejected', 'DT_BOOL', '-1'),
                },
                method_name: 'tensorflow/serving/predict',
              },
            },
          },
        },
      });
    },
  );

  it('knows no other model', async () => {
    expectRefusal(await service.app.inject('/v1/models/letters/metadata'), 404, 'MODEL_NOT_FOUND');
  });
});

describe('POST /v1/models/{model}:predict', () => {
  it('accepts the body of curl -d with any content type', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', undefined]) {
      const response = await service.app.inject({
        method: 'POST',
        url: '/v1/models/digits:predict',
        headers: type === undefined ? {} : { 'content-type': type },
        payload: JSON.stringify({ instances: [rowsOf(4)] }),
      });
      expect(response.json<{ predictions: { digit: number }[] }>().predictions[0].digit).toBe(4);
    }
  });

  it('reads large JSON in a thread as it reads small JSON here', async () => {
    const digits = Array.from({ length: 100 }, (_, i) => i % 10);
    const images = digits.map((digit) => withChannel(rowsOf(digit)));
    for (const payload of [
      { instances: images },
      { inputs: images },
      { instances: images.map((i) => ({ images: i })) },
    ]) {
      const answer = (await predict(payload)).json<{
        predictions?: { digit: number }[];
        outputs?: { digit: number[] };
      }>();
      expect(answer.predictions?.map(({ digit }) => digit) ?? answer.outputs?.digit).toEqual(digits);
    }
    expectRefusal(
      await predict({ instances: [...images, rowsOf(1, 2)] }),
      400,
      'INVALID_TENSOR',
      'must be nested as its shape',
    );
    expectRefusal(await predict({ instances: images, inputs: images }), 400, 'INVALID_REQUEST', 'either');
    expectRefusal(await predict([...images, 1]), 400, 'INVALID_REQUEST', 'body must be object');
  });

  it('refuses deeply nested values without a fault', async () => {
    const nested = `${'['.repeat(8000)}${']'.repeat(8000)}`;
    for (const text of [`{"instances":[${nested}]}`, `{"instances":[[[${nested}]]]}`, `{"inputs":${nested}}`]) {
      const response = await service.app.inject({
        method: 'POST',
        url: '/v1/models/digits:predict',
        payload: text,
      });
      expectRefusal(response, 400, text.length > 16_384 ? 'INVALID_JSON' : 'INVALID_TENSOR');
    }
  });

  it('answers rows with rows', async () => {
    const response = await predict({ instances: [rowsOf(7), rowsOf(2, 0.1)] });
    const { predictions } = response.json<{
      predictions: { probabilities: number[]; digit: number; logits: number[]; rejected: boolean }[];
    }>();
    expect(predictions.map(({ digit, rejected }) => [digit, rejected])).toEqual([
      [7, false],
      [-1, true],
    ]);
    expect(predictions[0].logits).toEqual([0, 0, 0, 0, 0, 0, 0, MARKER_LOGIT, 0, 0]);
    expect(predictions[0].probabilities[7]).toBeCloseTo(markerConfidence(), 6);
  });

  it('answers columns with columns', async () => {
    const images = [rowsOf(3), rowsOf(9)].map(withChannel);
    for (const inputs of [images, { images }]) {
      const { outputs } = (await predict({ inputs })).json<{ outputs: Record<string, unknown[]> }>();
      expect({ digit: outputs.digit, rejected: outputs.rejected }).toEqual({ digit: [3, 9], rejected: [false, false] });
      expect(outputs.logits).toHaveLength(2);
    }
  });

  it('takes named instances, and versions', async () => {
    const payload = { instances: [{ images: withChannel(rowsOf(5)) }], signature_name: 'serving_default' };
    const response = await predict(payload, '/v1/models/digits/versions/1:predict');
    expect(response.json<{ predictions: { digit: number }[] }>().predictions[0].digit).toBe(5);
  });

  it.each<[object, string, string]>([
    [{}, 'INVALID_REQUEST', 'the body must have either instances or inputs'],
    [{ instances: [], inputs: [] }, 'INVALID_REQUEST', 'the body must have either instances or inputs'],
    [{ instances: [] }, 'INVALID_TENSOR', 'each image must be an array of numbers'],
    [{ instances: [5] }, 'INVALID_TENSOR', 'each image must be an array of numbers'],
    [{ instances: [null] }, 'INVALID_TENSOR', 'each image must be an array of numbers'],
    [{ instances: [[[1, 2]]] }, 'INVALID_TENSOR', 'must be nested as its shape: 28 on axis 1, got 1'],
    [{ inputs: 'x' }, 'INVALID_TENSOR', 'each image must be an array of numbers'],
    [{ instances: [rowsOf(1, 2)] }, 'INVALID_TENSOR', 'must be a number from 0 to 1 for FP32, got 2'],
    [
      { instances: [rowsOf(1)], signature_name: 'other' },
      'INVALID_REQUEST',
      'signature_name must be "serving_default"',
    ],
  ])('refuses %#', async (payload, code, text) => {
    expectRefusal(await predict(payload), 400, code, text);
  });

  it('tells methods apart by the verb', async () => {
    const response = await service.app.inject({ method: 'DELETE', url: '/v1/models/digits:predict' });
    expectRefusal(response, 405, 'METHOD_NOT_ALLOWED', 'DELETE must be POST at this path');
  });
});
