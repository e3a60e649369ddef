import * as contract from './contract.ts';

/** Images in memory, one behind the other. */
export interface Tensor {
  /** Address of image 0: in an arena the first image of the chunk, otherwise the first of the batch. */
  readonly address: number;
  /** Number of bytes from image to image. */
  readonly imageBytes: number;
}

/** One array per shard of a batch. */
export interface Shards {
  /** Address of the first shard's array. */
  readonly address: number;
  /** Number of bytes from shard to shard. */
  readonly shardBytes: number;
}

/** Values that a program's compiler passes for an operand of each kind. */
interface OperandValues {
  readonly tensor: Tensor;
  readonly shards: Shards;
  /** 0 if there is nothing to point to. */
  readonly address: number;
  readonly count: number;
  readonly bytes: number;
  readonly flag: boolean;
  readonly float: number;
  readonly double: number;
}

/** How an operand is stored in a program and read by the kernels. */
export type OperandKind = keyof OperandValues;

/** Number of int32 words of an operand of each kind. */
const KIND_WORDS: Readonly<Record<OperandKind, number>> = {
  tensor: 2,
  shards: 2,
  address: 1,
  count: 1,
  bytes: 1,
  flag: 1,
  float: 1,
  double: 2,
};

/** Declares operands of one kind. */
function operandsOf<Kind extends OperandKind>(kind: Kind) {
  return <const Name extends string>(...names: readonly Name[]): Readonly<Record<Name, Kind>> =>
    Object.fromEntries(names.map((name) => [name, kind])) as Readonly<Record<Name, Kind>>;
}

/** Declares an operation: its opcode, and its operands in order. */
function declare<Groups extends readonly Readonly<Record<string, OperandKind>>[]>(opcode: number, ...groups: Groups) {
  return { opcode, operands: Object.assign({}, ...groups) as Merged<Groups> };
}

/** The operands of all groups. */
type Merged<Groups extends readonly unknown[]> = Groups extends readonly [infer First, ...infer Rest]
  ? First & Merged<Rest>
  : unknown;

const tensors = operandsOf('tensor');
const shards = operandsOf('shards');
const addresses = operandsOf('address');
const counts = operandsOf('count');
const bytes = operandsOf('bytes');
const flags = operandsOf('flag');
const floats = operandsOf('float');
const doubles = operandsOf('double');

const WINDOWS = counts('windowHeight', 'windowWidth', 'strideY', 'strideX');
const PADDING = counts('padTop', 'padLeft');
const INPUT_SIZE = counts('height', 'width', 'channels');
const OUTPUT_SIZE = counts('outHeight', 'outWidth', 'outChannels');
/** `padded` is where the input is copied to with its padding, or 0 if it has it already. */
const DIRECT_SHAPE = {
  ...INPUT_SIZE,
  ...WINDOWS,
  padded: 'address',
  ...counts('paddedHeight', 'paddedWidth'),
  ...PADDING,
} as const;
const WINOGRAD_SHAPE = { ...INPUT_SIZE, ...PADDING, ...OUTPUT_SIZE } as const;
/** How often each pixel is repeated, downwards and to the right. */
const REPEATS = counts('rows', 'columns');
/** `dy` and `dx` are read by gradients only. */
const PLAIN_TENSORS = tensors('x', 'y', 'dy', 'dx');
const POOLING = {
  ...PLAIN_TENSORS,
  ...INPUT_SIZE,
  ...WINDOWS,
  ...PADDING,
  ...counts('outHeight', 'outWidth'),
} as const;

/**
 * Every operation of a program: its opcode, and its operands in the order in which a program stores them.
 *
 * {@link operation} takes a record keyed by operand. The kernels read operands through accessors that `kernel-compiler.mjs`
 * generates from this table.
 */
export const OPERATIONS = {
  /* Every network. */
  input: declare(
    1,
    tensors('to'),
    INPUT_SIZE,
    bytes('start', 'rowBytes', 'pixelBytes'),
    addresses('distortions', 'scratch'),
  ),
  directConvolution: declare(
    2,
    tensors('input', 'output'),
    DIRECT_SHAPE,
    addresses('filter', 'bias'),
    flags('relu'),
    OUTPUT_SIZE,
  ),
  winogradConvolution: declare(
    3,
    tensors('input', 'output'),
    WINOGRAD_SHAPE,
    addresses('filter', 'bias'),
    flags('relu'),
    counts('blockTiles'),
    addresses('scratch'),
    counts('stacked', 'tile'),
  ),
  dense: declare(4, tensors('input', 'output'), counts('numIn', 'numOut'), addresses('filter', 'bias'), flags('relu')),
  scaleAndShift: declare(
    5,
    tensors('x', 'y'),
    counts('numPixels', 'channels'),
    addresses('scale', 'shift'),
    flags('relu'),
  ),
  pack: declare(6, addresses('filter'), counts('rows', 'columns'), addresses('scale', 'packed')),
  winogradFilter: declare(
    7,
    addresses('filter'),
    bytes('tapStep', 'inStep', 'outStep'),
    counts('numIn', 'numOut'),
    addresses('scale', 'packed', 'scratch'),
    counts('tile'),
  ),
  foldStatistics: declare(
    8,
    addresses('gamma', 'beta', 'movingMean', 'movingVariance', 'bias'),
    counts('channels'),
    addresses('scale', 'shift'),
    doubles('epsilon'),
  ),
  output: declare(9, tensors('x'), bytes('recordBytes', 'offset'), counts('numPixels', 'channels', 'stride')),

  /* Layers without weights. The gradient of one has `OP_GRADIENT` added to its opcode, and the same operands. */
  relu: declare(10, PLAIN_TENSORS, bytes('numBytes')),
  maxPool: declare(11, POOLING),
  maxPoolByTwo: declare(12, POOLING),
  averagePool: declare(13, PLAIN_TENSORS, counts('numPixels', 'channels')),

  averagePoolWindows: declare(14, POOLING),
  zeroPadding: declare(15, PLAIN_TENSORS, INPUT_SIZE, counts('outHeight', 'outWidth'), PADDING),

  /** Repeats pixels, then adds `other`, which is at 0 if there is nothing to add. */
  upSampling: declare(16, tensors('x', 'other', 'y'), INPUT_SIZE, REPEATS),

  /* Training only. */
  statistics: declare(32, tensors('x'), counts('numPixels', 'channels'), addresses('origin'), shards('sums')),
  finishStatistics: declare(
    33,
    shards('sums'),
    counts('numPixels', 'channels'),
    addresses('origin', 'gamma', 'beta', 'statistics'),
    doubles('epsilon'),
  ),
  dropout: declare(
    34,
    tensors('x', 'mask', 'y'),
    counts('numPixels', 'channels', 'stride'),
    floats('rate', 'factor'),
    counts('site'),
  ),
  loss: declare(
    35,
    tensors('logits', 'gradient'),
    counts('numClasses', 'stride'),
    addresses('labelSmoothing'),
    shards('totals'),
  ),
  dropoutGradient: declare(36, tensors('dy', 'mask', 'dx'), bytes('numBytes')),
  biasGradient: declare(37, tensors('dy'), counts('numPixels', 'channels'), shards('gradient')),
  normalizationSums: declare(
    38,
    tensors('dy', 'x'),
    counts('numPixels', 'channels'),
    addresses('statistics'),
    flags('relu'),
    shards('dgamma', 'dbeta'),
  ),
  finishGradients: declare(
    39,
    addresses('dgamma', 'dbeta'),
    bytes('shardBytes'),
    counts('numPixels', 'channels'),
    addresses('statistics'),
  ),
  normalizationGradient: declare(
    40,
    tensors('dy', 'x', 'dx'),
    counts('numPixels', 'channels'),
    addresses('statistics'),
    flags('relu'),
  ),
  denseFilterGradient: declare(41, tensors('x', 'dy'), counts('numIn', 'numOut'), shards('gradient')),
  directFilterGradient: declare(42, tensors('x', 'dy'), DIRECT_SHAPE, OUTPUT_SIZE, shards('gradient')),
  /** `dx` and `transposed` are 0 if nothing before the layer is trained. */
  winogradGradients: declare(
    43,
    tensors('x', 'dy'),
    WINOGRAD_SHAPE,
    addresses('du'),
    counts('blockTiles'),
    addresses('scratch'),
    shards('gradient'),
    counts('stacked', 'tile'),
    tensors('dx'),
    addresses('transposed'),
  ),
  directInputGradient: declare(
    44,
    tensors('dy', 'dx'),
    OUTPUT_SIZE,
    counts('strideY', 'strideX'),
    addresses('scratch'),
    counts('top', 'left'),
    addresses('transposed'),
    INPUT_SIZE,
    counts('windowHeight', 'windowWidth'),
  ),
  packTurned: declare(45, addresses('filter'), counts('numTaps', 'numIn', 'numOut'), addresses('packed')),
  moveStatistics: declare(
    46,
    addresses('statistics'),
    counts('channels'),
    addresses('movingMean', 'movingVariance'),
    doubles('momentum'),
  ),
  sgd: declare(
    47,
    addresses('weights'),
    shards('gradients'),
    addresses('velocities'),
    bytes('numBytes'),
    doubles('momentum'),
    flags('nesterov'),
  ),
  adam: declare(
    48,
    addresses('weights'),
    shards('gradients'),
    addresses('means', 'squares'),
    bytes('numBytes'),
    doubles('beta1', 'beta2', 'epsilon', 'weightDecay'),
  ),
  moveAverage: declare(49, addresses('averages', 'weights'), bytes('numBytes')),
  report: declare(50, addresses('totals')),
  normalizeAndPool: declare(
    51,
    tensors('x', 'y'),
    counts('width', 'channels', 'outHeight', 'outWidth'),
    addresses('scale', 'shift'),
  ),
  pooledSums: declare(
    52,
    tensors('dy', 'x'),
    counts('width', 'channels', 'outHeight', 'outWidth'),
    addresses('statistics'),
    shards('dgamma', 'dbeta'),
  ),
  pooledGradient: declare(
    53,
    tensors('dy', 'x', 'dx'),
    INPUT_SIZE,
    counts('outHeight', 'outWidth'),
    addresses('statistics'),
  ),
  upSamplingGradient: declare(54, tensors('dy', 'dx'), INPUT_SIZE, REPEATS),
  /** y = x, or y += x with `adds`. */
  accumulate: declare(55, tensors('x', 'y'), bytes('numBytes'), flags('adds')),
  pixelLoss: declare(56, tensors('logits', 'gradient'), counts('numPixels', 'channels', 'stride'), shards('totals')),
} as const;

/** Name of an operation. */
export type OperationName = keyof typeof OPERATIONS;

type Kinds<Name extends OperationName> = (typeof OPERATIONS)[Name]['operands'];

/** Values of an operation's operands by name. */
export type Operands<Name extends OperationName> = {
  readonly [Operand in keyof Kinds<Name>]: OperandValues[Kinds<Name>[Operand] & OperandKind];
};

/** Sizes and pads of a convolution by Winograd's method. */
export type WinogradShape = Pick<Operands<'winogradConvolution'>, keyof typeof WINOGRAD_SHAPE>;

/** Sizes, windows and padding of a direct convolution. */
export type DirectShape = Pick<Operands<'directConvolution'>, keyof typeof DIRECT_SHAPE>;

type PlainName = {
  [Name in OperationName]: keyof typeof PLAIN_TENSORS extends keyof Kinds<Name> ? Name : never;
}[OperationName];

/** What a layer without weights runs: its operation, and the operands other than its tensors. */
export type PlainOperation = {
  [Name in PlainName]: {
    readonly name: Name;
    readonly settings: Omit<Operands<Name>, keyof typeof PLAIN_TENSORS>;
  };
}[PlainName];

/** One operation as the words of a program. */
export type Op = readonly number[];

/**
 * Encodes an operation.
 *
 * @param operands a value for each operand that {@link OPERATIONS} declares, and no others
 */
export function operation<Name extends OperationName, Given extends Operands<Name>>(
  name: Name,
  operands: Given & Readonly<Record<Exclude<keyof Given, keyof Operands<Name>>, never>>,
): Op {
  return encode(OPERATIONS[name].opcode, name, operands);
}

/** Encodes a layer without weights, forwards. */
export function plainOp({ name, settings }: PlainOperation, x: Tensor, y: Tensor): Op {
  return encode(OPERATIONS[name].opcode, name, { x, y, dy: NOWHERE, dx: NOWHERE, ...settings });
}

/** Encodes the gradient of a layer without weights, which had the input `x` and the output `y`. */
export function plainGradientOp({ name, settings }: PlainOperation, x: Tensor, y: Tensor, dy: Tensor, dx: Tensor): Op {
  return encode(OPERATIONS[name].opcode + contract.OP_GRADIENT, name, { x, y, dy, dx, ...settings });
}

/** Place of a tensor that an operation does not use. */
export const NOWHERE: Tensor = { address: 0, imageBytes: 0 };

/** Finds the first word of each operand, counted from the first word of the operation. */
export function operandWords(name: OperationName): ReadonlyMap<string, number> {
  let end = contract.OP_HEADER;
  return new Map(
    Object.entries<OperandKind>(OPERATIONS[name].operands).map(([operand, kind]) => {
      const word = end;
      end += KIND_WORDS[kind];
      return [operand, word];
    }),
  );
}

function encode(opcode: number, name: OperationName, values: Readonly<Record<string, unknown>>): Op {
  const words = Object.entries<OperandKind>(OPERATIONS[name].operands).flatMap(([operand, kind]) =>
    (ENCODERS[kind] as (value: unknown) => readonly number[])(values[operand]),
  );
  return [opcode, words.length + contract.OP_HEADER, ...words];
}

const ENCODERS: { readonly [Kind in OperandKind]: (value: OperandValues[Kind]) => readonly number[] } = {
  tensor: ({ address, imageBytes }) => [address, imageBytes],
  shards: ({ address, shardBytes }) => [address, shardBytes],
  address: (value) => [value],
  count: (value) => [value],
  bytes: (value) => [value],
  flag: (value) => [Number(value)],
  float: (value) => [...new Int32Array(Float32Array.of(value).buffer)],
  double: (value) => [...new Int32Array(Float64Array.of(value).buffer)],
};
