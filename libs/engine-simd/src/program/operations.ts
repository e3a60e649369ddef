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

const tensors = operandsOf('tensor');
const shards = operandsOf('shards');
const addresses = operandsOf('address');
const counts = operandsOf('count');
const bytes = operandsOf('bytes');
const doubles = operandsOf('double');
const floats = operandsOf('float');

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
  input: {
    opcode: 1,
    operands: {
      to: 'tensor',
      ...INPUT_SIZE,
      ...bytes('start', 'rowBytes', 'pixelBytes'),
      ...addresses('distortions', 'scratch'),
    },
  },
  directConvolution: {
    opcode: 2,
    operands: {
      ...tensors('input', 'output'),
      ...DIRECT_SHAPE,
      ...addresses('filter', 'bias'),
      relu: 'flag',
      ...OUTPUT_SIZE,
    },
  },
  winogradConvolution: {
    opcode: 3,
    operands: {
      ...tensors('input', 'output'),
      ...WINOGRAD_SHAPE,
      ...addresses('filter', 'bias'),
      relu: 'flag',
      blockTiles: 'count',
      scratch: 'address',
      ...counts('stacked', 'tile'),
    },
  },
  dense: {
    opcode: 4,
    operands: {
      ...tensors('input', 'output'),
      ...counts('numIn', 'numOut'),
      ...addresses('filter', 'bias'),
      relu: 'flag',
    },
  },
  scaleAndShift: {
    opcode: 5,
    operands: {
      ...tensors('x', 'y'),
      ...counts('numPixels', 'channels'),
      ...addresses('scale', 'shift'),
      relu: 'flag',
    },
  },
  pack: {
    opcode: 6,
    operands: { filter: 'address', ...counts('rows', 'columns'), ...addresses('scale', 'packed') },
  },
  winogradFilter: {
    opcode: 7,
    operands: {
      filter: 'address',
      ...bytes('tapStep', 'inStep', 'outStep'),
      ...counts('numIn', 'numOut'),
      ...addresses('scale', 'packed', 'scratch'),
      tile: 'count',
    },
  },
  foldStatistics: {
    opcode: 8,
    operands: {
      ...addresses('gamma', 'beta', 'movingMean', 'movingVariance', 'bias'),
      channels: 'count',
      ...addresses('scale', 'shift'),
      epsilon: 'double',
    },
  },
  output: {
    opcode: 9,
    operands: { x: 'tensor', ...bytes('recordBytes', 'offset'), ...counts('numPixels', 'channels', 'stride') },
  },

  /* Layers without weights. The gradient of one has `OP_GRADIENT` added to its opcode, and the same operands. */
  relu: { opcode: 10, operands: { ...PLAIN_TENSORS, numBytes: 'bytes' } },
  maxPool: { opcode: 11, operands: POOLING },
  maxPoolByTwo: { opcode: 12, operands: POOLING },
  averagePool: { opcode: 13, operands: { ...PLAIN_TENSORS, ...counts('numPixels', 'channels') } },

  /* Training only. */
  statistics: {
    opcode: 32,
    operands: { x: 'tensor', ...counts('numPixels', 'channels'), origin: 'address', sums: 'shards' },
  },
  finishStatistics: {
    opcode: 33,
    operands: {
      sums: 'shards',
      ...counts('numPixels', 'channels'),
      ...addresses('origin', 'gamma', 'beta', 'statistics'),
      epsilon: 'double',
    },
  },
  dropout: {
    opcode: 34,
    operands: {
      ...tensors('x', 'mask', 'y'),
      ...counts('numPixels', 'channels', 'stride'),
      ...floats('rate', 'factor'),
      site: 'count',
    },
  },
  loss: {
    opcode: 35,
    operands: {
      ...tensors('logits', 'gradient'),
      ...counts('numClasses', 'stride'),
      labelSmoothing: 'address',
      totals: 'shards',
    },
  },
  dropoutGradient: {
    opcode: 36,
    operands: { ...tensors('dy', 'mask', 'dx'), numBytes: 'bytes' },
  },
  biasGradient: {
    opcode: 37,
    operands: { dy: 'tensor', ...counts('numPixels', 'channels'), gradient: 'shards' },
  },
  normalizationSums: {
    opcode: 38,
    operands: {
      ...tensors('dy', 'x'),
      ...counts('numPixels', 'channels'),
      statistics: 'address',
      relu: 'flag',
      ...shards('dgamma', 'dbeta'),
    },
  },
  finishGradients: {
    opcode: 39,
    operands: {
      ...addresses('dgamma', 'dbeta'),
      shardBytes: 'bytes',
      ...counts('numPixels', 'channels'),
      statistics: 'address',
    },
  },
  normalizationGradient: {
    opcode: 40,
    operands: { ...tensors('dy', 'x', 'dx'), ...counts('numPixels', 'channels'), statistics: 'address', relu: 'flag' },
  },
  denseFilterGradient: {
    opcode: 41,
    operands: { ...tensors('x', 'dy'), ...counts('numIn', 'numOut'), gradient: 'shards' },
  },
  directFilterGradient: {
    opcode: 42,
    operands: { ...tensors('x', 'dy'), ...DIRECT_SHAPE, ...OUTPUT_SIZE, gradient: 'shards' },
  },
  /** `dx` and `transposed` are 0 if nothing before the layer is trained. */
  winogradGradients: {
    opcode: 43,
    operands: {
      ...tensors('x', 'dy'),
      ...WINOGRAD_SHAPE,
      du: 'address',
      blockTiles: 'count',
      scratch: 'address',
      gradient: 'shards',
      ...counts('stacked', 'tile'),
      dx: 'tensor',
      transposed: 'address',
    },
  },
  directInputGradient: {
    opcode: 44,
    operands: {
      ...tensors('dy', 'dx'),
      ...OUTPUT_SIZE,
      ...counts('strideY', 'strideX'),
      scratch: 'address',
      ...counts('top', 'left'),
      transposed: 'address',
      ...INPUT_SIZE,
      ...counts('windowHeight', 'windowWidth'),
    },
  },
  packTurned: {
    opcode: 45,
    operands: { filter: 'address', ...counts('numTaps', 'numIn', 'numOut'), packed: 'address' },
  },
  moveStatistics: {
    opcode: 46,
    operands: {
      statistics: 'address',
      channels: 'count',
      ...addresses('movingMean', 'movingVariance'),
      momentum: 'double',
    },
  },
  sgd: {
    opcode: 47,
    operands: {
      weights: 'address',
      gradients: 'shards',
      velocities: 'address',
      numBytes: 'bytes',
      momentum: 'double',
      nesterov: 'flag',
    },
  },
  adam: {
    opcode: 48,
    operands: {
      weights: 'address',
      gradients: 'shards',
      ...addresses('means', 'squares'),
      numBytes: 'bytes',
      ...doubles('beta1', 'beta2', 'epsilon', 'weightDecay'),
    },
  },
  moveAverage: {
    opcode: 49,
    operands: { ...addresses('averages', 'weights'), numBytes: 'bytes' },
  },
  report: { opcode: 50, operands: { totals: 'address' } },
  normalizeAndPool: {
    opcode: 51,
    operands: {
      ...tensors('x', 'y'),
      ...counts('width', 'channels', 'outHeight', 'outWidth'),
      ...addresses('scale', 'shift'),
    },
  },
  pooledSums: {
    opcode: 52,
    operands: {
      ...tensors('dy', 'x'),
      ...counts('width', 'channels', 'outHeight', 'outWidth'),
      statistics: 'address',
      ...shards('dgamma', 'dbeta'),
    },
  },
  pooledGradient: {
    opcode: 53,
    operands: { ...tensors('dy', 'x', 'dx'), ...INPUT_SIZE, ...counts('outHeight', 'outWidth'), statistics: 'address' },
  },
} as const satisfies Readonly<
  Record<string, { readonly opcode: number; readonly operands: Readonly<Record<string, OperandKind>> }>
>;

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
