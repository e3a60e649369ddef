import { problem, quoted } from './problem.ts';

/** An array as NumPy stores it, in C order. */
export type NpyArray =
  | { readonly kind: 'numbers'; readonly shape: readonly number[]; readonly values: ArrayLike<number> }
  | { readonly kind: 'strings'; readonly shape: readonly number[]; readonly values: ArrayLike<string> };

const MAGIC = '\x93NUMPY';

/** How NumPy describes an array in the file. */
interface NpyHeader {
  readonly descr: string;
  readonly isFortran: boolean;
  readonly shape: readonly number[];
  readonly dataStart: number;
}

/**
 * Reads a `.npy` file of numbers, booleans or text.
 *
 * @param file names the array in errors: `mnist.npz/x_train`
 * @param bytes the whole file
 * @throws RangeError if it is not such a file, or its length does not fit its shape
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function parseNpy(file: string, bytes: Buffer): NpyArray {
  const { descr, isFortran, shape, dataStart } = parseHeader(file, bytes);
  const match = /^([<>|=])([biufUSO])(\d+)?$/.exec(descr);
  if (match === null || match[2] === 'O') {
    throw problem(
      file,
      'be an array of numbers or of text',
      match === null ? `the dtype ${quoted(descr)}` : 'Python objects, which need allow_pickle',
      'save it again with a plain dtype, such as array.astype("uint8")',
    );
  }
  const [, order, kind, sizeText] = match;
  const itemSize = Number(sizeText) * (kind === 'U' ? 4 : 1);
  const count = shape.reduce((product, n) => product * n, 1);
  const data = bytes.subarray(dataStart);
  if (data.length !== count * itemSize) {
    throw problem(
      file,
      `hold ${count * itemSize} bytes of values for the shape (${shape.join(', ')}) of ${quoted(descr)}`,
      String(data.length),
      data.length < count * itemSize ? 'the file was cut off' : 'the file is too long',
    );
  }
  if (kind === 'U' || kind === 'S') {
    const values = parseText(data, kind, itemSize, order === '>');
    return { kind: 'strings', shape, values: isFortran ? inRowOrder(values, shape) : values };
  }
  const values = parseNumbers(file, data, descr, `${kind}${itemSize}`, order === '>');
  return { kind: 'numbers', shape, values: isFortran ? inRowOrder(values, shape) : values };
}

function parseHeader(file: string, bytes: Buffer): NpyHeader {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 6) !== MAGIC) {
    throw problem(file, 'begin as NumPy writes arrays', `other bytes`, 'save it with numpy.save or numpy.savez');
  }
  const isShort = bytes[6] === 1;
  const start = isShort ? 10 : 12;
  const end = start + (isShort ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8));
  if (end > bytes.length) throw problem(file, `have a header of ${end} bytes`, String(bytes.length), 'it was cut off');
  const header = bytes.toString('utf8', start, end);
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const dimensions = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (descr === undefined || order === undefined || dimensions === undefined) {
    throw problem(
      file,
      'be an array of one plain dtype',
      header.includes("'descr': [") ? 'records with several fields' : 'a header that cannot be read',
      'save each field as an array',
    );
  }
  const shape = dimensions
    .split(',')
    .filter((text) => text.trim() !== '')
    .map(Number);
  return { descr, isFortran: order === 'True', shape, dataStart: end };
}

function parseNumbers(file: string, data: Buffer, descr: string, type: string, isBig: boolean): ArrayLike<number> {
  const read = Object.hasOwn(NUMBER_READERS, type) ? NUMBER_READERS[type] : undefined;
  if (read === undefined) {
    throw problem(
      file,
      'hold booleans, integers or floats of at most 64 bits',
      `the dtype ${quoted(descr)}`,
      'convert it with array.astype("uint8")',
    );
  }
  const itemSize = Number(type.slice(1));
  // A copy is aligned, and can be swapped without a change to what was given.
  const bytes = data.byteOffset % itemSize === 0 && !isBig ? data : Buffer.from(new Uint8Array(data).buffer);
  if (isBig) swapBytes(bytes, itemSize);
  return read(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length / itemSize);
}

/** Little-endian numbers by NumPy's kind and size; 64-bit integers are rounded to what a double holds. */
const NUMBER_READERS: Readonly<
  Record<string, (buffer: ArrayBuffer, start: number, count: number) => ArrayLike<number>>
> = {
  b1: (buffer, start, count) => new Uint8Array(buffer, start, count),
  u1: (buffer, start, count) => new Uint8Array(buffer, start, count),
  i1: (buffer, start, count) => new Int8Array(buffer, start, count),
  u2: (buffer, start, count) => new Uint16Array(buffer, start, count),
  i2: (buffer, start, count) => new Int16Array(buffer, start, count),
  u4: (buffer, start, count) => new Uint32Array(buffer, start, count),
  i4: (buffer, start, count) => new Int32Array(buffer, start, count),
  u8: (buffer, start, count) => Float64Array.from(new BigUint64Array(buffer, start, count), Number),
  i8: (buffer, start, count) => Float64Array.from(new BigInt64Array(buffer, start, count), Number),
  f2: (buffer, start, count) => Float32Array.from(new Uint16Array(buffer, start, count), toFloat),
  f4: (buffer, start, count) => new Float32Array(buffer, start, count),
  f8: (buffer, start, count) => new Float64Array(buffer, start, count),
};

/** Swaps in place. */
function swapBytes(bytes: Buffer, itemSize: number): void {
  if (itemSize === 2) bytes.swap16();
  else if (itemSize === 4) bytes.swap32();
  else if (itemSize === 8) bytes.swap64();
}

/** Converts the bits of a half-precision number (IEEE 754 binary16). */
function toFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Text without the zeros that fill it up. */
function parseText(data: Buffer, kind: string, itemSize: number, isBig: boolean): string[] {
  const count = itemSize === 0 ? 0 : data.length / itemSize;
  return Array.from({ length: count }, (_, i) => {
    const item = data.subarray(i * itemSize, (i + 1) * itemSize);
    if (kind === 'S') return item.toString('utf8').replace(/\0+$/, '');
    const codes: number[] = [];
    for (let at = 0; at < itemSize; at += 4) codes.push(isBig ? item.readUInt32BE(at) : item.readUInt32LE(at));
    return String.fromCodePoint(...codes.map((code) => (code > 0x10ffff ? 0xfffd : code))).replace(/\0+$/, '');
  });
}

/** Brings values of which the first index changes fastest into the order in which the last one does. */
function inRowOrder<Value>(values: ArrayLike<Value>, shape: readonly number[]): Value[] | ArrayLike<Value> {
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, n) => product * n, 1));
  const index = shape.map(() => 0);
  const result: { [i: number]: Value; readonly length: number } = Array.isArray(values)
    ? [...(values as Value[])]
    : (values as unknown as { slice(): Value[] }).slice();
  let from = 0;
  for (let i = 0; i < values.length; i++) {
    result[i] = values[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]++;
      from += strides[axis];
      if (index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}
