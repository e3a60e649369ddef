import { PbfReader } from 'pbf';

/** A value of an operator's attribute. */
export interface OnnxAttribute {
  readonly f?: number;
  readonly i?: number;
  readonly s?: string;
  readonly t?: OnnxValue;
  readonly ints?: readonly number[];
}

/** An operator of a graph. */
export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** A constant tensor. */
export interface OnnxValue {
  readonly name: string;
  readonly dims: readonly number[];
  /** Null if its type is neither float32 nor int32 nor int64, or its values are in another file. */
  readonly values: Float32Array | readonly number[] | null;
  /** Reason why there are no values. */
  readonly problem: string | null;
}

/** An input of a graph; a size that may differ is null. */
export interface OnnxInput {
  readonly name: string;
  readonly dims: readonly (number | null)[];
}

/** What is read of an ONNX model. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly constants: ReadonlyMap<string, OnnxValue>;
  readonly inputs: readonly OnnxInput[];
  readonly outputs: readonly string[];
}

/* Field numbers are those of onnx.proto. */

/**
 * Reads the graph of an ONNX model.
 *
 * @throws TypeError if the bytes are not an ONNX model
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export function readOnnxGraph(bytes: Uint8Array): OnnxGraph {
  try {
    const graphs: OnnxGraph[] = [];
    new PbfReader(bytes).readFields((field, _, reader) => {
      if (field === 7) graphs.push(readGraph(reader));
    }, null);
    const graph = graphs.at(-1);
    if (graph === undefined) throw new Error('no graph');
    return graph;
  } catch (cause) {
    throw new TypeError('importModel: the file must be an ONNX model, got bytes that are none', { cause });
  }
}

function readGraph(pbf: PbfReader): OnnxGraph {
  const nodes: OnnxNode[] = [];
  const constants = new Map<string, OnnxValue>();
  const inputs: OnnxInput[] = [];
  const outputs: string[] = [];
  pbf.readMessage((field, _, reader) => {
    if (field === 1) nodes.push(readNode(reader));
    else if (field === 5) {
      const tensor = readTensor(reader);
      constants.set(tensor.name, tensor);
    } else if (field === 11) inputs.push(readInput(reader));
    else if (field === 12) outputs.push(readInput(reader).name);
  }, null);
  for (const { opType, output, attributes } of nodes) {
    const value = attributes.get('value')?.t;
    if (opType === 'Constant' && value !== undefined) constants.set(output[0], value);
  }
  return { nodes, constants, inputs: inputs.filter(({ name }) => !constants.has(name)), outputs };
}

function readNode(pbf: PbfReader): OnnxNode {
  const node = { name: '', opType: '', input: [] as string[], output: [] as string[] };
  const attributes = new Map<string, OnnxAttribute>();
  pbf.readMessage((field, _, reader) => {
    if (field === 1) node.input.push(reader.readString());
    else if (field === 2) node.output.push(reader.readString());
    else if (field === 3) node.name = reader.readString();
    else if (field === 4) node.opType = reader.readString();
    else if (field === 5) readAttribute(reader, attributes);
  }, null);
  return { ...node, attributes };
}

function readAttribute(pbf: PbfReader, attributes: Map<string, OnnxAttribute>): void {
  let name = '';
  const attribute: { -readonly [Key in keyof OnnxAttribute]: OnnxAttribute[Key] } = {};
  const ints: number[] = [];
  pbf.readMessage((field, _, reader) => {
    if (field === 1) name = reader.readString();
    else if (field === 2) attribute.f = reader.readFloat();
    else if (field === 3) attribute.i = reader.readVarint(true);
    else if (field === 4) attribute.s = reader.readString();
    else if (field === 5) attribute.t = readTensor(reader);
    else if (field === 8) reader.readPackedVarint(ints, true);
  }, null);
  attributes.set(name, { ...attribute, ints });
}

const FLOAT = 1;
const INT32 = 6;
const INT64 = 7;
/** Place of values: in another file. */
const EXTERNAL = 1;

function readTensor(pbf: PbfReader): OnnxValue {
  const dims: number[] = [];
  const floats: number[] = [];
  const integers: number[] = [];
  let name = '';
  let dataType = 0;
  let raw: Uint8Array | null = null;
  let location = 0;
  pbf.readMessage((field, _, reader) => {
    if (field === 1) reader.readPackedVarint(dims, true);
    else if (field === 2) dataType = reader.readVarint();
    else if (field === 4) reader.readPackedFloat(floats);
    else if (field === 5 || field === 7) reader.readPackedVarint(integers, true);
    else if (field === 8) name = reader.readString();
    else if (field === 9) raw = reader.readBytes();
    else if (field === 14) location = reader.readVarint();
  }, null);
  if (location === EXTERNAL)
    return { name, dims, values: null, problem: 'in another file; export with the weights inside' };
  const values = valuesOf(dataType, raw, floats, integers);
  return { name, dims, values, problem: values === null ? `of the data type ${dataType}; export as float32` : null };
}

function valuesOf(
  dataType: number,
  raw: Uint8Array | null,
  floats: readonly number[],
  integers: readonly number[],
): OnnxValue['values'] {
  if (raw === null)
    return dataType === FLOAT ? Float32Array.from(floats) : [INT32, INT64].includes(dataType) ? integers : null;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  if (dataType === FLOAT)
    return Float32Array.from({ length: Math.floor(raw.length / 4) }, (_, i) => view.getFloat32(4 * i, true));
  if (dataType === INT32)
    return Array.from({ length: Math.floor(raw.length / 4) }, (_, i) => view.getInt32(4 * i, true));
  if (dataType === INT64)
    return Array.from({ length: Math.floor(raw.length / 8) }, (_, i) => Number(view.getBigInt64(8 * i, true)));
  return null;
}

function readInput(pbf: PbfReader): OnnxInput {
  let name = '';
  const dims: (number | null)[] = [];
  const readDim = (reader: PbfReader): void => {
    let size: number | null = null;
    reader.readMessage((field, _, inner) => {
      if (field === 1) size = inner.readVarint(true);
    }, null);
    dims.push(size);
  };
  pbf.readMessage((field, _, reader) => {
    if (field === 1) name = reader.readString();
    else if (field === 2) {
      reader.readMessage((kind, __, type) => {
        if (kind !== 1) return;
        type.readMessage((part, ___, tensor) => {
          if (part !== 2) return;
          tensor.readMessage((entry, ____, shape) => {
            if (entry === 1) readDim(shape);
          }, null);
        }, null);
      }, null);
    }
  }, null);
  return { name, dims };
}
