import * as contract from './contract.ts';
import { inputImage, inputOp } from './input.ts';
import { type ImageLayout, lastAxis, layoutSize } from './layout.ts';
import { forwardOp, packedSize, packOp, scratchBytes } from './matrix-operations.ts';
import { align, type MemoryPlan, type Stage } from './memory.ts';
import { fuseLayers, type Network, type Node, type UpSamplingNode } from './network.ts';
import { NOWHERE, type Op, operation, plainOp, type Tensor } from './operations.ts';

/** Target size of a chunk of images in a thread's arena. */
const CHUNK_BYTES = 256 * 1024;
const MIN_CHUNK = 8;
const MAX_CHUNK = 32;
/** Size of an image in memory above which a chunk may have fewer than {@link MIN_CHUNK} images: that many would leave the caches. */
const LARGE_IMAGE_BYTES = 128 * 1024;

/** Layout of an image's record: the logits, or each layer's output. */
export interface OutputRecord {
  readonly bytes: number;
  /** Byte offset of each layer's output, or of the logits alone. */
  readonly offsets: readonly number[];
}

/** Program of a forward pass. */
export interface InferenceProgram {
  /** Stages that bring the weights into the form that `stages` read. Run them after every change of the weights. */
  readonly preparing: readonly Stage[];
  readonly stages: readonly Stage[];
  readonly record: OutputRecord;
}

/** Whether layers are fused, or each one writes its output. */
export type InferenceMode = 'fused' | 'every layer';

/**
 * Compiles a network for inference.
 *
 * @param weights address of all weights
 * @param memory plan for prepared weights; `arena` is the plan for a chunk's images
 * @param mode `every layer` writes each layer's output, fuses nothing and runs one image at a time
 */
export function compileInference(
  network: Network,
  weights: number,
  memory: MemoryPlan,
  arena: MemoryPlan,
  mode: InferenceMode,
): InferenceProgram {
  const isFused = mode === 'fused';
  const nodes = fuseLayers(network, { normalization: isFused, relu: isFused, pooling: false, addition: isFused });
  const record = outputRecord(network, mode);
  const input = inputImage(network, nodes);
  const largest = Math.max(...network.layouts.map((layout) => align(4 * layoutSize(layout))));
  const smallestChunk = largest > LARGE_IMAGE_BYTES ? 1 : MIN_CHUNK;
  const chunk = isFused ? Math.min(MAX_CHUNK, Math.max(smallestChunk, Math.floor(CHUNK_BYTES / largest))) : 1;

  const at = weightAddresses(network, weights);
  const scratch = arena.allocate(
    Math.max(WEIGHT_SCRATCH, ...nodes.map((n) => (n.type === 'matrix' ? scratchBytes(n) : 0))),
  );
  const buffers = [arena.allocate(chunk * largest), arena.allocate(chunk * largest)];
  const folding: Op[] = [];
  const packing: Op[] = [];
  const ops: Op[] = [];

  let current: Tensor = { address: arena.allocate(chunk * input.imageBytes), imageBytes: input.imageBytes };
  ops.push(inputOp(network, input, current));
  const keptNodes = nodesWithKeptOutputs(nodes);
  const outputs: Tensor[] = [];
  nodes.forEach((node, index) => {
    const imageBytes = align(4 * layoutSize(node.output));
    const address = keptNodes.has(index)
      ? arena.allocate(chunk * imageBytes)
      : buffers[current.address === buffers[0] ? 1 : 0];
    const next: Tensor = { address, imageBytes };
    const places = {
      input: current,
      output: next,
      inputIsPadded: index === 0 && input.isPadded,
      scratch,
      stacksImages: false,
    };
    switch (node.type) {
      case 'matrix': {
        const packed = memory.allocate(4 * packedSize(node));
        const folded = foldOp(node, at, memory);
        if (folded.op !== null) folding.push(folded.op);
        packing.push(packOp(node, at(node.name, 'kernel'), folded.scale, packed, scratch));
        ops.push(forwardOp(node, places, packed, folded.shift));
        break;
      }
      case 'normalization': {
        const { op, scale, shift } = foldOp(node, at, memory);
        if (op !== null) folding.push(op);
        const { pixels: numPixels, channels } = lastAxis(node.output);
        const { relu } = node;
        ops.push(operation('scaleAndShift', { x: current, y: next, numPixels, channels, scale, shift, relu }));
        break;
      }
      case 'plain':
        ops.push(plainOp(node.operation, current, next));
        break;
      case 'upSampling':
        ops.push(upSamplingOp(node, current, outputs, next));
        break;
      case 'dropout':
      case 'flatten':
        break;
    }
    if (!givesItsInput(node)) current = next;
    outputs[node.lastLayer] = current;
    if (!isFused || index === nodes.length - 1) {
      ops.push(outputOp(node.output, current, record.bytes, isFused ? 0 : record.offsets[index]));
    }
  });
  const shared = { kind: contract.STAGE_SHARED, barrier: true, chunk: 0 } as const;
  const stages: Stage[] = [{ kind: contract.STAGE_IMAGES, barrier: false, chunk, ops }];
  return {
    preparing: [
      { ...shared, ops: folding },
      { ...shared, ops: packing },
    ],
    stages,
    record,
  };
}

/** Indices of the nodes whose outputs later layers add: nothing else may be written to their places. */
function nodesWithKeptOutputs(nodes: readonly Node[]): ReadonlySet<number> {
  const sources = nodes.flatMap((node) => (node.type === 'upSampling' && node.source !== null ? [node.source] : []));
  return new Set(
    sources.map((source) => nodes.findLastIndex((node) => node.lastLayer <= source && !givesItsInput(node))),
  );
}

/** Whether a node does nothing when predicting. */
function givesItsInput({ type }: Node): boolean {
  return type === 'dropout' || type === 'flatten';
}

/**
 * Encodes an upsampling or an addition.
 *
 * @param outputs output of each layer that gives one, by its index
 */
export function upSamplingOp(node: UpSamplingNode, x: Tensor, outputs: readonly Tensor[], y: Tensor): Op {
  const other = node.source === null ? NOWHERE : outputs[node.source];
  return operation('upSampling', { x, other, y, ...upSamplingShape(node) });
}

/** Returns the input's size of an upsampling or an addition, and how often its pixels are repeated. */
export function upSamplingShape({ input, size: [rows, columns] }: UpSamplingNode) {
  return { height: input.height, width: input.width, channels: input.stride, rows, columns };
}

/** Bytes of vectors that transforming a Winograd filter needs. */
const WEIGHT_SCRATCH = 64 * 16;

/** Finds the address of a layer's weight by its role; 0 if the layer does not have it. */
export type WeightAddresses = (layer: string, role: string) => number;

/** Finds weights by layer and role, given the address of all weights. */
export function weightAddresses({ weights }: Network, base: number): WeightAddresses {
  const places = new Map(weights.places.map(({ spec, offset }) => [spec.name, base + offset]));
  return (layer, role) => places.get(`${layer}/${role}`) ?? 0;
}

/** Returns the scale of a layer's filter and the shift of its output (0 if there is none), and the operation that computes them. */
function foldOp(
  node: Extract<Node, { type: 'matrix' | 'normalization' }>,
  at: WeightAddresses,
  memory: MemoryPlan,
): { op: Op | null; scale: number; shift: number } {
  const isMatrix = node.type === 'matrix';
  const bias = isMatrix ? at(node.name, 'bias') : 0;
  const layer = isMatrix ? node.normalization : node.layer;
  if (layer === null) return { op: null, scale: 0, shift: bias };
  const { channels } = lastAxis(node.output);
  const [scale, shift] = [memory.allocate(4 * channels), memory.allocate(4 * channels)];
  const op = operation('foldStatistics', {
    gamma: at(layer.name, 'gamma'),
    beta: at(layer.name, 'beta'),
    movingMean: at(layer.name, 'moving_mean'),
    movingVariance: at(layer.name, 'moving_variance'),
    ...{ bias, channels, scale, shift, epsilon: layer.epsilon },
  });
  return { op, scale, shift };
}

function outputRecord({ layouts, numLogits }: Network, mode: InferenceMode): OutputRecord {
  if (mode === 'fused') return { bytes: 4 * numLogits, offsets: [0] };
  const offsets: number[] = [];
  let bytes = 0;
  for (const { height, width, channels } of layouts.slice(1)) {
    offsets.push(bytes);
    bytes += 4 * height * width * channels;
  }
  return { bytes, offsets };
}

function outputOp(layout: ImageLayout, x: Tensor, recordBytes: number, offset: number): Op {
  const { height, width, channels, stride } = layout;
  return operation('output', { x, recordBytes, offset, numPixels: height * width, channels, stride });
}
