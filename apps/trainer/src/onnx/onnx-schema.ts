import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

/** A message as plain fields, by the names of `onnx.proto` in camel case. */
export type OnnxFields = Readonly<Record<string, unknown>>;

/** Values of `TensorProto.DataType`, `AttributeProto.AttributeType` that are used here. */
export const FLOAT_TENSOR = 1;
export const INT64_TENSOR = 7;

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
 * @throws Error where the fields are not those of the schema
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
