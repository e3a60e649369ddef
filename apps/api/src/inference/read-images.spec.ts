import { ApiError } from '../service/errors.ts';
import { type InputTensor, readImages } from './read-images.ts';

const RULES = { name: 'images', imageShape: [2, 2, 1], maxImages: 3 };
const FLAT: InputTensor = { name: 'images', shape: [1, 2, 2, 1], datatype: 'FP32', data: [0, 0.25, 0.5, 1] };

function refusal(changes: Partial<Record<keyof InputTensor, unknown>>, binary: Uint8Array | null = null): ApiError {
  const input = Object.fromEntries(Object.entries({ ...FLAT, ...changes }).filter(([, value]) => value !== undefined));
  try {
    readImages(input as unknown as InputTensor, binary, RULES);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('readImages did not refuse the tensor');
}

describe('readImages', () => {
  it('reads flat numbers', () => {
    expect([...readImages(FLAT, null, RULES)]).toEqual([0, 0.25, 0.5, 1]);
  });

  it('reads numbers nested as the shape, with and without the channel', () => {
    const whole = {
      ...FLAT,
      data: [
        [
          [[0], [0.25]],
          [[0.5], [1]],
        ],
      ],
    };
    expect([...readImages(whole, null, RULES)]).toEqual([0, 0.25, 0.5, 1]);
    const images = {
      ...FLAT,
      shape: [2, 2, 2],
      data: [
        [
          [0, 0.25],
          [0.5, 1],
        ],
        [
          [1, 0],
          [0, 1],
        ],
      ],
    };
    expect([...readImages(images, null, RULES)]).toEqual([0, 0.25, 0.5, 1, 1, 0, 0, 1]);
  });

  it('scales grey values', () => {
    const grey = { ...FLAT, datatype: 'UINT8', data: [0, 51, 204, 255] };
    expect([...readImages(grey, null, RULES)]).toEqual([0, Math.fround(51 / 255), Math.fround(204 / 255), 1]);
  });

  it('reads bytes behind the JSON, wherever they lie in memory', () => {
    const grey = { name: 'images', shape: [1, 2, 2, 1], datatype: 'UINT8', parameters: { binary_data_size: 4 } };
    const bytes = Uint8Array.of(9, 0, 51, 204, 255).subarray(1);
    expect([...readImages(grey, bytes, RULES)]).toEqual([0, Math.fround(51 / 255), Math.fround(204 / 255), 1]);
    // IEEE 754, little-endian: 0, 0.25, 0.5, 1.
    const floats = Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 0x80, 0x3e, 0, 0, 0, 0x3f, 0, 0, 0x80, 0x3f).subarray(1);
    const float = { ...grey, datatype: 'FP32', parameters: { binary_data_size: 16 } };
    expect([...readImages(float, floats, RULES)]).toEqual([0, 0.25, 0.5, 1]);
  });

  it.each<[Partial<Record<keyof InputTensor, unknown>>, string]>([
    [{ name: 'input' }, 'inputs[0].name must be "images", got "input"'],
    [{ datatype: 'FP64' }, 'inputs[0].datatype must be FP32 or UINT8, got "FP64"'],
    [{ datatype: 'toString' }, 'inputs[0].datatype must be FP32 or UINT8, got "toString"'],
    [{ shape: [4] }, 'inputs[0].shape must be [n, 2, 2, 1] with n of at least 1, got [4]'],
    [{ shape: [0, 2, 2, 1], data: [] }, 'inputs[0].shape must be [n, 2, 2, 1] with n of at least 1, got [0, 2, 2, 1]'],
    [{ data: [0, 0.25, 0.5] }, 'inputs[0].data must have 4 values, flat or nested as its shape, got 3'],
    [{ data: [] }, 'inputs[0].data must have 4 values, flat or nested as its shape, got 0'],
    [
      {
        data: [
          [
            [0, 1],
            [0, 1],
          ],
        ],
      },
      'inputs[0].data must be nested as its shape: 1 on axis 3, got 0',
    ],
    [{ data: [[[[0], [1]]]] }, 'inputs[0].data must be nested as its shape: 2 on axis 1, got 1'],
    [{ data: [0, '1', 0, 0] }, 'value 1 of inputs[0] must be a number from 0 to 1 for FP32, got "1"'],
    [{ data: [0, 0, null, 0] }, 'value 2 of inputs[0] must be a number from 0 to 1 for FP32, got null'],
    [
      { data: [0, 0, 0, 255] },
      'value 3 of inputs[0] must be a number from 0 to 1 for FP32, got 255; send grey values up to 255 as UINT8',
    ],
    [{ data: [-1e-9, 0, 0, 0] }, 'value 0 of inputs[0] must be a number from 0 to 1 for FP32, got -1e-9'],
    [
      { datatype: 'UINT8', data: [0, 0.5, 0, 0] },
      'value 1 of inputs[0] must be a whole number from 0 to 255 for UINT8, got 0.5',
    ],
    [
      { datatype: 'UINT8', data: [256, 0, 0, 0] },
      'value 0 of inputs[0] must be a whole number from 0 to 255 for UINT8, got 256',
    ],
    [{ data: undefined }, 'inputs[0] must have data, or binary_data_size among its parameters'],
    [{ parameters: { binary_data_size: 16 } }, 'inputs[0].data must be omitted if binary_data_size is given'],
  ])('refuses %j', (changes, message) => {
    expect(refusal(changes)).toMatchObject({
      code: 'INVALID_TENSOR',
      message: expect.stringContaining(message) as string,
    });
  });

  it.each<[unknown, number, string]>([
    [15, 16, 'inputs[0].parameters.binary_data_size must be 16 for its shape, got 15'],
    ['16', 16, 'inputs[0].parameters.binary_data_size must be 16 for its shape, got "16"'],
    [16, 15, 'the body must have 16 bytes behind the JSON, got 15'],
    [undefined, 3, 'binary_data_size must be given for the 3 bytes behind the JSON'],
  ])('refuses a size of %j for %j bytes', (size, numBytes, message) => {
    const changes = size === undefined ? {} : { data: undefined, parameters: { binary_data_size: size } };
    expect(refusal(changes, new Uint8Array(numBytes)).message).toContain(message);
  });

  it('refuses bytes that are no numbers', () => {
    const bytes = new Uint8Array(Float32Array.of(0, NaN, 0, 0).buffer);
    const error = refusal({ data: undefined, parameters: { binary_data_size: 16 } }, bytes);
    expect(error.message).toBe('value 1 of inputs[0] must be a number from 0 to 1 for FP32, got NaN');
  });

  it('refuses more images than the limit before it makes room for them', () => {
    const error = refusal({ shape: [Number.MAX_SAFE_INTEGER, 2, 2, 1] });
    expect(error).toMatchObject({ code: 'TOO_MANY_IMAGES', status: 413 });
    expect(error.message).toBe(
      'inputs[0].shape must have at most 3 images, got 9007199254740991; send several requests',
    );
  });
});
