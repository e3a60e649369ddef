import { FLOAT_TENSOR, INT64_TENSOR, type OnnxFields } from './onnx-schema.ts';

/** A `TensorProto`. */
export interface OnnxTensor extends OnnxFields {
  readonly name: string;
}

/** Values of `AttributeProto.AttributeType`. */
const FLOAT = 1;
const INT = 2;
const INTS = 7;

/** What an operator is set to: an integer, integers, or a float, which has to be said. */
export type OnnxSettings = Readonly<Record<string, number | readonly number[] | { readonly float: number }>>;

/** Makes `AttributeProto`s. */
export function attributes(settings: OnnxSettings): OnnxFields[] {
  return Object.entries(settings).map(([name, value]) => {
    if (typeof value === 'number') return { name, type: INT, i: value };
    return 'float' in value ? { name, type: FLOAT, f: value.float } : { name, type: INTS, ints: value };
  });
}

/** Makes a float32 tensor; its bytes are little-endian, as the format says. */
export function floatTensor(name: string, dims: readonly number[], values: Float32Array): OnnxTensor {
  const rawData = new Uint8Array(4 * values.length);
  const view = new DataView(rawData.buffer);
  values.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  return { name, dims, dataType: FLOAT_TENSOR, rawData };
}

/** Makes a one-dimensional tensor of 64-bit integers. */
export function int64Tensor(name: string, values: readonly number[]): OnnxTensor {
  return { name, dims: [values.length], dataType: INT64_TENSOR, int64Data: values };
}

/** Makes a `ValueInfoProto` of float32; a name stands for a size that may differ from call to call. */
export function tensorType(name: string, dims: readonly (string | number)[]): OnnxFields {
  const dim = dims.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size }));
  return { name, type: { tensorType: { elemType: FLOAT_TENSOR, shape: { dim } } } };
}
