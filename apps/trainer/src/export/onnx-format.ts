import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

/** A message as plain fields, by the names of `onnx.proto` in camel case. */
export type OnnxFields = Readonly<Record<string, unknown>>;

/** Values of `TensorProto.DataType`, `AttributeProto.AttributeType` that are used here. */
const FLOAT_TENSOR = 1;
const UINT8_TENSOR = 2;
const INT32_TENSOR = 6;
const INT64_TENSOR = 7;

let modelType: protobuf.Type | null = null;

/** The official schema, read when it is first needed; the build puts it beside the program. */
function modelProto(): protobuf.Type {
  modelType ??= protobuf
    .parse(readFileSync(new URL('./onnx.proto', import.meta.url), 'utf8'))
    .root.lookupType('onnx.ModelProto');
  return modelType;
}

/**
 * Encodes an ONNX model.
 *
 * @param fields of a `ModelProto`
 * @throws Error if the fields are not those of the schema
 * @see https://github.com/onnx/onnx/blob/main/docs/IR.md
 */
export function encodeOnnx(fields: OnnxFields): Uint8Array {
  const problem = modelProto().verify(fields);
  if (problem !== null) throw new Error(`encodeOnnx: fields must be those of onnx.proto, got ${problem}`);
  return modelProto().encode(modelProto().create(fields)).finish();
}

/** Reads an ONNX model's fields; 64-bit numbers as `Number`. */
export function decodeOnnx(bytes: Uint8Array): OnnxFields {
  const message = modelProto().decode(bytes);
  return modelProto().toObject(message, { longs: Number, defaults: false });
}

/** A `TensorProto`. */
export interface OnnxTensor extends OnnxFields {
  readonly name: string;
  readonly dims: readonly number[];
  readonly rawData?: Uint8Array;
}

/** Values of `AttributeProto.AttributeType`. */
const FLOAT = 1;
const INT = 2;
const STRING = 3;
const INTS = 7;

/** What an operator is set to: an integer, integers, a string, or a float, which has to be said. */
export type OnnxSettings = Readonly<Record<string, number | readonly number[] | string | { readonly float: number }>>;

/** Makes `AttributeProto`s. */
export function attributes(settings: OnnxSettings): OnnxFields[] {
  return Object.entries(settings).map(([name, value]) => {
    if (typeof value === 'number') return { name, type: INT, i: value };
    if (typeof value === 'string') return { name, type: STRING, s: new TextEncoder().encode(value) };
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

/** Reads the values of a {@link floatTensor}. */
export function floatsOf({ name, rawData }: OnnxTensor): Float32Array {
  if (rawData === undefined) throw new Error(`floatsOf: tensor ${name} must have raw data, got none`);
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  return Float32Array.from({ length: rawData.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

/** Makes a tensor of uint8. */
export function byteTensor(name: string, dims: readonly number[], values: Uint8Array): OnnxTensor {
  return { name, dims, dataType: UINT8_TENSOR, rawData: values };
}

/** Makes a one-dimensional tensor of 32-bit integers. */
export function int32Tensor(name: string, values: Int32Array): OnnxTensor {
  return { name, dims: [values.length], dataType: INT32_TENSOR, int32Data: [...values] };
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
