/** The element types of the IDX format, by the byte that names them in the magic number. */
const TYPE_CODES = { uint8: 0x08, int8: 0x09, int16: 0x0b, int32: 0x0c, float32: 0x0d, float64: 0x0e } as const;

const ARRAY_CLASSES = {
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** The type of a value in an IDX file; in the file, values are big-endian. */
export type IdxType = keyof IdxValues;

interface IdxValues {
  uint8: Uint8Array;
  int8: Int8Array;
  int16: Int16Array;
  int32: Int32Array;
  float32: Float32Array;
  float64: Float64Array;
}

/** A dense array as an IDX file holds it: its values lie in row-major order (the last index changes fastest). */
export type IdxArray = {
  [T in IdxType]: { readonly type: T; readonly shape: readonly number[]; readonly values: IdxValues[T] };
}[IdxType];

/** What the reader of an IDX file knows about it beforehand. */
export interface IdxExpectation<T extends IdxType> {
  readonly type: T;
  /** Number of dimensions: 3 for images, 1 for labels. */
  readonly rank: number;
  /** Names the file in errors. */
  readonly file?: string;
}

const MAX_RANK = 255;
const MAX_DIMENSION = 2 ** 32 - 1;
const LABELS_MAGIC = 0x00000801;
const IMAGES_MAGIC = 0x00000803;

/**
 * Reads an IDX file: magic number, dimensions and values, all big-endian. The length must fit exactly, and is checked
 * before anything of that size is allocated.
 *
 * @param bytes the whole file, not compressed
 * @param expected the type and rank that the file must have, and its name for errors; without it, any
 * @returns the values in a new array
 * @throws RangeError when the magic number, a dimension or the length is wrong
 * @example
 * ```ts
 * parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9)); // { type: 'uint8', shape: [2], values: Uint8Array [7, 9] }
 * ```
 * @see http://yann.lecun.com/exdb/mnist/ "The IDX file format"
 */
export function parseIdx(bytes: Uint8Array, expected?: undefined): IdxArray;
export function parseIdx<T extends IdxType>(
  bytes: Uint8Array,
  expected: IdxExpectation<T>,
): Extract<IdxArray, { type: T }>;
export function parseIdx(bytes: Uint8Array, expected?: IdxExpectation<IdxType>): IdxArray {
  const prefix = expected?.file === undefined ? 'parseIdx:' : `parseIdx: ${expected.file}:`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { type, rank } = parseMagic(view, prefix, expected);
  const shape = parseShape(view, prefix, rank);
  const start = 4 + 4 * rank;
  const bytesPerValue = ARRAY_CLASSES[type].BYTES_PER_ELEMENT;
  const expectedLength = BigInt(start) + shape.reduce((product, n) => product * BigInt(n), BigInt(bytesPerValue));
  if (BigInt(bytes.length) !== expectedLength) {
    const verdict = BigInt(bytes.length) < expectedLength ? 'truncated' : 'too long';
    const size = `${start} bytes of header and ${shape.join(' x ')} ${type}`;
    throw new RangeError(
      `${prefix} length must be ${expectedLength.toString()} bytes (${size}), got ${bytes.length}; the file is ${verdict}`,
    );
  }
  return readValues(view, start, type, shape);
}

/**
 * Writes an IDX file.
 *
 * @returns the file's bytes, which {@link parseIdx} reads back to the same array
 * @throws TypeError when the values' class does not match the type
 * @throws RangeError when the shape has no or more than 255 dimensions, one is not a uint32, or their product is not
 *   the number of values
 */
export function encodeIdx(array: IdxArray): Uint8Array {
  const { type, shape, values } = array;
  const arrayClass = ARRAY_CLASSES[type];
  if (!(values instanceof arrayClass)) {
    throw new TypeError(`encodeIdx: values must be a ${arrayClass.name} for type ${type}, got another class`);
  }
  if (shape.length < 1 || shape.length > MAX_RANK) {
    throw new RangeError(`encodeIdx: shape must have 1 to ${MAX_RANK} dimensions, got ${shape.length}`);
  }
  for (const dimension of shape) {
    if (!Number.isInteger(dimension) || dimension < 0 || dimension > MAX_DIMENSION) {
      throw new RangeError(`encodeIdx: dimensions must be integers in [0, ${MAX_DIMENSION}], got ${dimension}`);
    }
  }
  const count = shape.reduce((product, n) => product * BigInt(n), 1n);
  if (count !== BigInt(values.length)) {
    throw new RangeError(
      `encodeIdx: values must be ${shape.join(' x ')} = ${count.toString()} numbers, got ${values.length}`,
    );
  }
  const start = 4 + 4 * shape.length;
  const bytes = new Uint8Array(start + values.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magicOf(type, shape.length));
  shape.forEach((dimension, i) => {
    view.setUint32(4 + 4 * i, dimension);
  });
  writeValues(view, start, array);
  return bytes;
}

function parseMagic(
  view: DataView,
  prefix: string,
  expected: IdxExpectation<IdxType> | undefined,
): { type: IdxType; rank: number } {
  if (view.byteLength < 4) {
    throw new RangeError(`${prefix} file must have at least the 4 bytes of a magic number, got ${view.byteLength}`);
  }
  const magic = view.getUint32(0);
  if (expected !== undefined) {
    const wanted = magicOf(expected.type, expected.rank);
    if (magic === wanted) return expected;
    throw new RangeError(`${prefix} magic must be ${hex(wanted)}, got ${hex(magic)}${guess(magic)}`);
  }
  const code = (magic >>> 8) & 0xff;
  const rank = magic & 0xff;
  const type = (Object.keys(TYPE_CODES) as IdxType[]).find((name) => TYPE_CODES[name] === code);
  if (magic >>> 16 !== 0 || type === undefined || rank === 0) {
    const rule = '0x0000TTRR with type TT of 08, 09, 0b, 0c, 0d or 0e and rank RR of at least 1';
    throw new RangeError(`${prefix} magic must be ${rule}, got ${hex(magic)}${guess(magic)}`);
  }
  return { type, rank };
}

function parseShape(view: DataView, prefix: string, rank: number): number[] {
  if (view.byteLength < 4 + 4 * rank) {
    throw new RangeError(
      `${prefix} file must have at least the ${4 + 4 * rank} bytes of its header, got ${view.byteLength}; the file is truncated`,
    );
  }
  return Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
}

function readValues(view: DataView, start: number, type: IdxType, shape: readonly number[]): IdxArray {
  const length = (view.byteLength - start) / ARRAY_CLASSES[type].BYTES_PER_ELEMENT;
  switch (type) {
    case 'uint8':
      return { type, shape, values: new Uint8Array(view.buffer, view.byteOffset + start, length).slice() };
    case 'int8':
      return { type, shape, values: new Int8Array(view.buffer, view.byteOffset + start, length).slice() };
    case 'int16':
      return { type, shape, values: Int16Array.from({ length }, (_, i) => view.getInt16(start + 2 * i)) };
    case 'int32':
      return { type, shape, values: Int32Array.from({ length }, (_, i) => view.getInt32(start + 4 * i)) };
    case 'float32':
      return { type, shape, values: Float32Array.from({ length }, (_, i) => view.getFloat32(start + 4 * i)) };
    case 'float64':
      return { type, shape, values: Float64Array.from({ length }, (_, i) => view.getFloat64(start + 8 * i)) };
  }
}

function writeValues(view: DataView, start: number, { type, values }: IdxArray): void {
  switch (type) {
    case 'uint8':
    case 'int8':
      new Uint8Array(view.buffer, start).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      return;
    case 'int16':
      for (let i = 0; i < values.length; i++) view.setInt16(start + 2 * i, values[i]);
      return;
    case 'int32':
      for (let i = 0; i < values.length; i++) view.setInt32(start + 4 * i, values[i]);
      return;
    case 'float32':
      for (let i = 0; i < values.length; i++) view.setFloat32(start + 4 * i, values[i]);
      return;
    case 'float64':
      for (let i = 0; i < values.length; i++) view.setFloat64(start + 8 * i, values[i]);
  }
}

function magicOf(type: IdxType, rank: number): number {
  return TYPE_CODES[type] * 256 + rank;
}

/** What a file with the wrong magic number probably is. */
function guess(magic: number): string {
  if (magic === LABELS_MAGIC) return '; is this a label file?';
  if (magic === IMAGES_MAGIC) return '; is this an image file?';
  if (magic >>> 16 === 0x1f8b) return '; is this a gzip file?';
  return '';
}

function hex(magic: number): string {
  return `0x${magic.toString(16).padStart(8, '0')}`;
}
