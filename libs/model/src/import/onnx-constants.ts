import type { OnnxGraph, OnnxNode } from './onnx-reader.ts';

/** Whole numbers that a graph works out, at most two-dimensional. */
interface Numbers {
  readonly dims: readonly number[];
  readonly values: readonly number[];
}

const MAX_DEPTH = 16;

/**
 * Works out numbers that an exporter leaves to the graph although they are constant: PyTorch writes the sizes of a Pad so.
 *
 * @returns null if they are not constant, or worked out in another way
 */
export function foldConstant(graph: OnnxGraph, name: string, depth = 0): Numbers | null {
  const constant = graph.constants.get(name);
  if (constant !== undefined)
    return constant.values === null ? null : { dims: constant.dims, values: Array.from(constant.values) };
  const node = graph.nodes.find(({ output }) => output.includes(name));
  if (node === undefined || depth > MAX_DEPTH) return null;
  const inputs = node.input.map((input) => foldConstant(graph, input, depth + 1));
  return inputs.every((input) => input !== null) ? fold(node, inputs) : null;
}

function fold(node: OnnxNode, inputs: readonly Numbers[]): Numbers | null {
  const [x] = inputs;
  switch (node.opType) {
    case 'Cast':
    case 'Identity':
      return x;
    case 'ConstantOfShape': {
      const fill = node.attributes.get('value')?.t?.values?.[0] ?? 0;
      return { dims: x.values, values: new Array<number>(x.values[0]).fill(fill) };
    }
    case 'Concat': {
      const values = inputs.flatMap((input) => input.values);
      return { dims: [values.length], values };
    }
    case 'Reshape': {
      const known = inputs[1].values.filter((size) => size > 0).reduce((product, size) => product * size, 1);
      return { dims: inputs[1].values.map((size) => (size > 0 ? size : x.values.length / known)), values: x.values };
    }
    case 'Slice': {
      // Of all slices only the one that turns the order of the rows round.
      const isReversal = inputs[1].values[0] === -1 && inputs.at(3)?.values[0] === 0 && inputs.at(4)?.values[0] === -1;
      const width = x.dims[1];
      return isReversal ? { dims: x.dims, values: rowsOf(x, width).reverse().flat() } : null;
    }
    case 'Transpose': {
      const rows = rowsOf(x, x.dims[1]);
      return {
        dims: [x.dims[1], x.dims[0]],
        values: Array.from({ length: x.dims[1] }, (_, i) => rows.map((row) => row[i])).flat(),
      };
    }
    default:
      return null;
  }
}

function rowsOf({ values }: Numbers, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, row) => values.slice(row * width, (row + 1) * width));
}
