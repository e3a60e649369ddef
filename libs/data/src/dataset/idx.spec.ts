import fc from 'fast-check';
import { encodeIdx, type IdxArray, parseIdx } from './idx.ts';

const IMAGES = { type: 'uint8', rank: 3 } as const;
const LABELS = { type: 'uint8', rank: 1 } as const;
/** One image of 2 x 2 pixels. */
const ONE_IMAGE = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 10, 20, 30, 40);

describe('parseIdx', () => {
  it('reads images', () => {
    expect(parseIdx(ONE_IMAGE, IMAGES)).toEqual({
      type: 'uint8',
      shape: [1, 2, 2],
      values: Uint8Array.of(10, 20, 30, 40),
    });
  });

  it.each<[number, number[], IdxArray]>([
    [0x08, [0xff], { type: 'uint8', shape: [1], values: Uint8Array.of(255) }],
    [0x09, [0xff], { type: 'int8', shape: [1], values: Int8Array.of(-1) }],
    [0x0b, [0x01, 0x02], { type: 'int16', shape: [1], values: Int16Array.of(258) }],
    [0x0c, [0xff, 0xff, 0xff, 0xfe], { type: 'int32', shape: [1], values: Int32Array.of(-2) }],
    [0x0d, [0x3f, 0xc0, 0, 0], { type: 'float32', shape: [1], values: Float32Array.of(1.5) }],
    [0x0e, [0xc0, 0x04, 0, 0, 0, 0, 0, 0], { type: 'float64', shape: [1], values: Float64Array.of(-2.5) }],
  ])('reads elements of type 0x%s, big-endian', (code, value, expected) => {
    expect(parseIdx(Uint8Array.of(0, 0, code, 1, 0, 0, 0, 1, ...value))).toEqual(expected);
  });

  it('reads from the middle of a larger buffer, and copies', () => {
    const buffer = new Uint8Array(40);
    buffer.set(ONE_IMAGE, 3);
    const { values } = parseIdx(buffer.subarray(3, 3 + ONE_IMAGE.length), IMAGES);
    buffer.fill(0);

    expect([...values]).toEqual([10, 20, 30, 40]);
  });

  it('takes an array of no elements', () => {
    expect(parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 0))).toEqual({
      type: 'uint8',
      shape: [0],
      values: new Uint8Array(),
    });
  });

  it.each([
    [[0, 0, 8, 1, 0, 0, 0, 0], 'parseIdx: magic must be 0x00000803, got 0x00000801; is this a label file?'],
    [[0x1f, 0x8b, 8, 0, 0, 0], 'parseIdx: magic must be 0x00000803, got 0x1f8b0800; is this a gzip file?'],
    [[0x50, 0x4b, 3, 4], 'parseIdx: magic must be 0x00000803, got 0x504b0304'],
    [[0, 0, 8], 'parseIdx: file must have at least the 4 bytes of a magic number, got 3'],
    [[], 'parseIdx: file must have at least the 4 bytes of a magic number, got 0'],
    [
      [0, 0, 8, 3, 0, 0, 0, 1],
      'parseIdx: file must have at least the 16 bytes of its header, got 8; the file is truncated',
    ],
    [
      [...ONE_IMAGE.subarray(0, 19)],
      'parseIdx: length must be 20 bytes (16 bytes of header and 1 x 2 x 2 uint8), got 19; the file is truncated',
    ],
    [
      [...ONE_IMAGE, 0],
      'parseIdx: length must be 20 bytes (16 bytes of header and 1 x 2 x 2 uint8), got 21; the file is too long',
    ],
  ])('refuses the images %j', (bytes, message) => {
    expect(() => parseIdx(Uint8Array.from(bytes), IMAGES)).toThrow(new RangeError(message));
  });

  it('names the file and guesses what it is', () => {
    expect(() => parseIdx(ONE_IMAGE, { ...LABELS, file: 'my-labels' })).toThrow(
      'parseIdx: my-labels: magic must be 0x00000801, got 0x00000803; is this an image file?',
    );
  });

  it.each([
    [[1, 0, 8, 1], '0x01000801'],
    [[0, 0, 0x0a, 1], '0x00000a01'],
    [[0, 0, 8, 0], '0x00000800'],
  ])('refuses the magic number %j whatever is expected', (bytes, magic) => {
    expect(() => parseIdx(Uint8Array.from(bytes))).toThrow(
      'parseIdx: magic must be 0x0000TTRR with type TT of 08, 09, 0b, 0c, 0d or 0e and rank RR of at least 1, ' +
        `got ${magic}`,
    );
  });

  it('allocates nothing for huge dimensions', () => {
    const huge = Uint8Array.of(0, 0, 0x0e, 3, ...Array<number>(12).fill(0xff));

    expect(() => parseIdx(huge)).toThrow(
      'parseIdx: length must be 633825299671392843082401579016 bytes ' +
        '(16 bytes of header and 4294967295 x 4294967295 x 4294967295 float64), got 16; the file is truncated',
    );
  });

  it('multiplies dimensions exactly, beyond what doubles hold', () => {
    const zeroAtLast = Uint8Array.of(0, 0, 8, 255, ...Array<number>(254 * 4).fill(0xff), 0, 0, 0, 0);

    expect(parseIdx(zeroAtLast).values).toHaveLength(0);
  });
});

describe('encodeIdx', () => {
  it('writes what parseIdx reads', () => {
    expect(encodeIdx({ type: 'uint8', shape: [1, 2, 2], values: Uint8Array.of(10, 20, 30, 40) })).toEqual(ONE_IMAGE);
  });

  it('writes int16 big-endian', () => {
    expect([...encodeIdx({ type: 'int16', shape: [2], values: Int16Array.of(1, -1) })]).toEqual([
      0, 0, 0x0b, 1, 0, 0, 0, 2, 0, 1, 0xff, 0xff,
    ]);
  });

  it('writes a part of a larger array', () => {
    const values = Uint8Array.of(1, 2, 3, 4).subarray(1, 3);

    expect([...encodeIdx({ type: 'uint8', shape: [2], values }).subarray(8)]).toEqual([2, 3]);
  });

  it('is undone by parseIdx for every type and shape', () => {
    const side = fc.nat({ max: 4 });
    const shape = fc.array(side, { minLength: 1, maxLength: 5 });
    const classes = {
      uint8: Uint8Array,
      int8: Int8Array,
      int16: Int16Array,
      int32: Int32Array,
      float32: Float32Array,
      float64: Float64Array,
    };
    const type = fc.constantFrom(...(Object.keys(classes) as (keyof typeof classes)[]));
    fc.assert(
      fc.property(type, shape, fc.infiniteStream(fc.double()), (elementType, dimensions, numbers) => {
        const length = dimensions.reduce((product, n) => product * n, 1);
        const values = classes[elementType].from(numbers.take(length));
        const array = { type: elementType, shape: dimensions, values } as IdxArray;

        expect(parseIdx(encodeIdx(array))).toStrictEqual(array);
      }),
    );
  });

  it('gives back the bytes of any file that parseIdx takes', () => {
    const code = fc.constantFrom<0x08 | 0x09 | 0x0b | 0x0c>(0x08, 0x09, 0x0b, 0x0c);
    fc.assert(
      fc.property(code, fc.uint8Array({ maxLength: 60 }), (typeCode, values) => {
        const size = { 0x08: 1, 0x09: 1, 0x0b: 2, 0x0c: 4 }[typeCode];
        const count = Math.floor(values.length / size);
        const file = Uint8Array.of(0, 0, typeCode, 1, 0, 0, 0, count, ...values.subarray(0, count * size));

        expect(encodeIdx(parseIdx(file))).toEqual(file);
      }),
    );
  });

  it('never lets parseIdx crash otherwise than with a RangeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, looksLikeIdx) => {
        if (looksLikeIdx) bytes.set([0, 0, 8, 2].slice(0, bytes.length));
        try {
          parseIdx(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });

  it.each<[IdxArray, string]>([
    [{ type: 'uint8', shape: [2, 3], values: new Uint8Array(5) }, 'encodeIdx: values must be 2 x 3 = 6 numbers, got 5'],
    [{ type: 'uint8', shape: [], values: new Uint8Array(1) }, 'encodeIdx: shape must have 1 to 255 dimensions, got 0'],
    [
      { type: 'uint8', shape: [-1], values: new Uint8Array(1) },
      'encodeIdx: dimensions must be integers in [0, 4294967295], got -1',
    ],
    [
      { type: 'uint8', shape: [2 ** 32], values: new Uint8Array(1) },
      'encodeIdx: dimensions must be integers in [0, 4294967295], got 4294967296',
    ],
  ])('refuses %j', (array, message) => {
    expect(() => encodeIdx(array)).toThrow(new RangeError(message));
  });

  it('refuses values of another class than the type says', () => {
    const array = { type: 'int16', shape: [2], values: new Int32Array(2) } as unknown as IdxArray;

    expect(() => encodeIdx(array)).toThrow(
      new TypeError('encodeIdx: values must be a Int16Array for type int16, got another class'),
    );
  });
});
