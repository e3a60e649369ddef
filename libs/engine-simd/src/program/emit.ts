import * as contract from './contract.ts';

/** Images in memory: see `contract.ts` for the two words. */
export interface Tensor {
  readonly address: number;
  readonly imageBytes: number;
}

/** One operation, as words. */
export type Op = readonly number[];

/** One stage of a program. */
export interface Stage {
  readonly kind: typeof contract.STAGE_SHARED | typeof contract.STAGE_IMAGES;
  readonly barrier: boolean;
  /** Images at a time; 0 in shared stages. */
  readonly chunk: number;
  readonly ops: readonly Op[];
}

/** Writes a program as the words that the kernels interpret. */
export function encodeProgram(stages: readonly Stage[]): Int32Array {
  const words = stages.flatMap(({ kind, barrier, chunk, ops }) => [
    kind,
    Number(barrier),
    chunk,
    ops.length,
    ...ops.flat(),
  ]);
  return Int32Array.from([stages.length, ...words]);
}

/** A float64 as two words. */
export function doubleWords(value: number): [number, number] {
  const [low, high] = new Int32Array(Float64Array.of(value).buffer);
  return [low, high];
}

/** A float32 as one word. */
export function floatWord(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0];
}

/** Makes an operation of an opcode and arguments; tensors give two words, booleans 0 or 1. */
export function operation(opcode: number, ...args: readonly (number | boolean | Tensor | readonly number[])[]): Op {
  const words = args.flatMap((argument) => {
    if (typeof argument === 'number') return [argument];
    if (typeof argument === 'boolean') return [Number(argument)];
    return 'address' in argument ? [argument.address, argument.imageBytes] : [...argument];
  });
  return [opcode, words.length + contract.OP_HEADER, ...words];
}

/** A layer without weights, forwards. */
export function plainOp({ operation: opcode, settings }: PlainLayer, x: Tensor, y: Tensor): Op {
  return operation(opcode, x, y, NOWHERE, NOWHERE, settings);
}

/** Its gradient; x and y are what went through it. */
export function plainGradientOp(layer: PlainLayer, x: Tensor, y: Tensor, dy: Tensor, dx: Tensor): Op {
  return operation(layer.operation + contract.OP_GRADIENT, x, y, dy, dx, layer.settings);
}

const NOWHERE: Tensor = { address: 0, imageBytes: 0 };

/** What `network.ts` knows of such a layer. */
interface PlainLayer {
  readonly operation: number;
  readonly settings: readonly number[];
}
