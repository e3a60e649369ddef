import { outputKind, type OptimizerSettings } from '@digits/model';
import * as contract from './contract.ts';
import { upSamplingOp, upSamplingShape, type WeightAddresses, weightAddresses } from './inference-program.ts';
import { type AugmentationBlock, inputImage, inputOp } from './input.ts';
import { type ImageLayout, lastAxis, layoutSize } from './layout.ts';
import {
  forwardOp,
  gradientOps,
  type MatrixPlaces,
  packedSize,
  packOp,
  packTransposedOp,
  scratchBytes,
  usesWinograd,
} from './matrix-operations.ts';
import { align, type MemoryPlan, type Stage } from './memory.ts';
import { fuseLayers, type Fusion, type Network, type Node, reluOperation } from './network.ts';
import { type Op, operation, plainGradientOp, plainOp, type Tensor } from './operations.ts';

/** Target size of the largest tensor of a chunk: a part of a core's second-level cache. */
const CHUNK_BYTES = 512 * 1024;
const MAX_CHUNK = 64;
const WEIGHT_SCRATCH = 64 * 16;
const TRAINING_FUSION: Fusion = { normalization: false, relu: true, pooling: true, addition: true };

/** Addresses of the training state, with the layout of {@link Network.weights}; slots and gradients have no moving statistics. */
export interface TrainingMemory {
  readonly weights: number;
  /** Address of the averaged weights, 0 if there are none. */
  readonly averages: number;
  /** Addresses of the optimizer's memory: velocities, or means and squares. */
  readonly slots: readonly number[];
  /** Address of the gradients of the first shard; the others follow every `gradientBytes`. */
  readonly gradients: number;
  readonly gradientBytes: number;
}

/** Settings of a training program. */
export interface TrainingOptions {
  readonly batchSize: number;
  readonly optimizer: OptimizerSettings;
  /** Address of the label smoothing, a float64. */
  readonly labelSmoothing: number;
  readonly augmentation: AugmentationBlock | null;
}

/** Compiles a network's training step. */
export function compileTraining(
  network: Network,
  options: TrainingOptions,
  state: TrainingMemory,
  memory: MemoryPlan,
  arena: MemoryPlan,
): readonly Stage[] {
  const compiler = new StepCompiler(network, options, state, memory, arena);
  return compiler.compile();
}

/** A node of the network with its images in memory. */
interface Step {
  readonly node: Node;
  readonly input: Tensor;
  readonly output: Tensor;
  readonly inputIsPadded: boolean;
  /** Mask of a dropout, statistics of a batch normalisation, packed filter and transposed filter of a convolution or dense layer. */
  readonly mask: Tensor;
  readonly statistics: number;
  readonly packed: number;
  readonly transposed: number;
  /** Whether anything before the node is trained. */
  readonly passesGradient: boolean;
  /** Gradient of the output in the later layers that add it; null if no such gradient is needed. */
  readonly skipGradient: Tensor | null;
}

/** Collects the stages of a step. */
class StepCompiler {
  readonly #network: Network;
  readonly #options: TrainingOptions;
  readonly #state: TrainingMemory;
  readonly #memory: MemoryPlan;
  readonly #arena: MemoryPlan;
  readonly #stages: Stage[] = [];
  readonly #weights: WeightAddresses;
  readonly #gradients: WeightAddresses;
  readonly #largest: number;
  readonly #scratch: number;
  /** Loss and correct answers of each shard. */
  readonly #totals: number;
  #ops: Op[] = [];
  /** Bytes of the largest image of the current stage. */
  #stageLargest = 0;

  constructor(
    network: Network,
    options: TrainingOptions,
    state: TrainingMemory,
    memory: MemoryPlan,
    arena: MemoryPlan,
  ) {
    this.#network = network;
    this.#options = options;
    this.#state = state;
    this.#memory = memory;
    this.#arena = arena;
    this.#weights = weightAddresses(network, state.weights);
    this.#gradients = weightAddresses(network, state.gradients);
    this.#largest = Math.max(...network.layouts.map(bytesOf));
    this.#totals = memory.allocate(contract.NUM_SHARDS * contract.TOTALS_BYTES);
    const nodes = fuseLayers(network, TRAINING_FUSION);
    this.#scratch = arena.allocate(
      Math.max(WEIGHT_SCRATCH, ...nodes.map((node) => (node.type === 'matrix' ? scratchBytes(node) : 0))),
    );
  }

  compile(): readonly Stage[] {
    const steps = this.#planSteps();
    this.#packFilters(steps);
    this.#forward(steps);
    this.#backward(steps);
    this.#update();
    return this.#stages;
  }

  #planSteps(): readonly Step[] {
    const nodes = fuseLayers(this.#network, TRAINING_FUSION);
    const input = inputImage(this.#network, nodes);
    let current = this.#batchTensor(input.imageBytes);
    this.#ops.push(inputOp(this.#network, input, current, this.#options.augmentation));
    let passesGradient = false;
    const sources = new Set(nodes.map((node) => (node.type === 'upSampling' ? node.source : null)));
    return nodes.map((node, index) => {
      const output = node.type === 'flatten' ? current : this.#batchTensor(bytesOf(node.output));
      const isMatrix = node.type === 'matrix';
      const needsGradient = passesGradient || isMatrix || node.type === 'normalization';
      const step = {
        node,
        input: current,
        output,
        inputIsPadded: index === 0 && input.isPadded,
        mask: node.type === 'dropout' ? this.#batchTensor(output.imageBytes) : output,
        statistics: node.type === 'normalization' ? this.#arena.allocate(statisticsBytes(node)) : 0,
        packed: isMatrix ? this.#memory.allocate(4 * packedSize(node)) : 0,
        transposed: isMatrix && passesGradient ? this.#memory.allocate(4 * packedSize(node)) : 0,
        passesGradient,
        skipGradient: needsGradient && sources.has(node.lastLayer) ? this.#batchTensor(bytesOf(node.output)) : null,
      };
      passesGradient = needsGradient;
      current = output;
      return step;
    });
  }

  #packFilters(steps: readonly Step[]): void {
    const ops = steps.flatMap(({ node, packed, transposed }) => {
      if (node.type !== 'matrix') return [];
      const filter = this.#weights(node.name, 'kernel');
      const op = packOp(node, filter, 0, packed, this.#scratch);
      return transposed === 0 ? [op] : [op, packTransposedOp(node, filter, transposed, this.#scratch)];
    });
    this.#stages.push({ kind: contract.STAGE_SHARED, barrier: true, chunk: 0, ops });
  }

  #forward(steps: readonly Step[]): void {
    const outputs: Tensor[] = [];
    for (const step of steps) {
      const { node, input, output, mask, packed } = step;
      this.#enter(node);
      switch (node.type) {
        case 'matrix':
          this.#ops.push(forwardOp(node, this.#places(step), packed, this.#weights(node.name, 'bias')));
          break;
        case 'normalization':
          this.#normalize(step, node);
          break;
        case 'plain':
          this.#ops.push(plainOp(node.operation, input, output));
          break;
        case 'upSampling':
          this.#ops.push(upSamplingOp(node, input, outputs, output));
          break;
        case 'dropout': {
          const { height, width, channels, stride } = node.output;
          this.#ops.push(
            operation('dropout', {
              ...{ x: input, mask, y: output, numPixels: height * width, channels, stride },
              ...{ rate: node.rate, factor: 1 / (1 - node.rate), site: node.layerIndex },
            }),
          );
          break;
        }
        case 'flatten':
          break;
      }
      outputs[node.lastLayer] = output;
    }
  }

  /** Adds up the batch's statistics, waits for all of them, then normalises. */
  #normalize({ input, output, statistics }: Step, node: Extract<Node, { type: 'normalization' }>): void {
    const { pixels: numPixels, channels } = lastAxis(node.input);
    const origin = this.#weights(node.name, 'moving_mean');
    const shardBytes = align(16 * channels);
    const sums = { address: this.#memory.allocate(contract.NUM_SHARDS * shardBytes), shardBytes };
    this.#ops.push(operation('statistics', { x: input, numPixels, channels, origin, sums }));
    this.#endStage();
    this.#enter(node);
    const gamma = this.#weights(node.name, 'gamma');
    const beta = this.#weights(node.name, 'beta');
    const { epsilon } = node.layer;
    this.#shared([
      operation('finishStatistics', { sums, numPixels, channels, origin, gamma, beta, statistics, epsilon }),
    ]);
    const scale = statistic(statistics, channels, contract.STATISTIC_SCALE);
    const shift = statistic(statistics, channels, contract.STATISTIC_SHIFT);
    const affine = { x: input, y: output, channels, scale, shift };
    const { height: outHeight, width: outWidth } = node.output;
    this.#ops.push(
      node.pools
        ? operation('normalizeAndPool', { ...affine, width: node.input.width, outHeight, outWidth })
        : operation('scaleAndShift', { ...affine, numPixels, relu: node.relu }),
    );
  }

  #backward(steps: readonly Step[]): void {
    const isFull = (index: number): boolean => index >= 0 && steps[index].node.type === 'normalization';
    const full = this.#batchTensor(steps.some((_, index) => isFull(index)) ? this.#largest : 0);
    const chunks = [0, 1].map(() => this.#arena.allocate(Math.max(CHUNK_BYTES, this.#largest)));

    const last = steps[steps.length - 1];
    const skipGradients = new SkipGradients(steps);
    let gradient: Tensor = { address: chunks[0], imageBytes: bytesOf(last.node.output) };
    this.#loss(last, gradient);
    for (let index = steps.length - 1; index >= 0; index--) {
      const step = steps[index];
      if (step.node.type === 'flatten') continue;
      this.#enter(step.node);
      this.#ops.push(...skipGradients.collect(step, gradient));
      const before = steps.findLastIndex(({ node }, i) => i < index && node.type !== 'flatten');
      const other = {
        address: gradient.address === chunks[0] ? chunks[1] : chunks[0],
        imageBytes: bytesOf(step.node.input),
      };
      this.#ops.push(...skipGradients.keep(step, gradient));
      gradient = this.#stepBack(step, gradient, isFull(before) ? full : isSum(step.node) ? gradient : other);
      if (!step.passesGradient) break;
    }
    this.#endStage();
  }

  #loss({ output: logits, node }: Step, gradient: Tensor): void {
    const { height, width, channels, stride } = node.output;
    const { labelSmoothing } = this.#options;
    const totals = { address: this.#totals, shardBytes: contract.TOTALS_BYTES };
    this.#ops.push(
      outputKind(this.#network.architecture) === 'classes'
        ? operation('loss', { logits, gradient, numClasses: channels, stride, labelSmoothing, totals })
        : operation('pixelLoss', { logits, gradient, numPixels: height * width, channels, stride, totals }),
    );
  }

  /** Adds the operations for the gradients of one node's weights and input; returns the place of the input's gradient. */
  #stepBack(step: Step, dy: Tensor, dx: Tensor): Tensor {
    const { node, input, output, mask } = step;
    switch (node.type) {
      case 'matrix':
        this.#matrixGradients(step, node, dy, dx);
        return dx;
      case 'normalization':
        this.#normalizationGradients(step, node, dy, dx);
        return dx;
      case 'plain':
        this.#ops.push(plainGradientOp(node.operation, input, output, dy, dx));
        return dx;
      case 'upSampling':
        if (dx !== dy) this.#ops.push(operation('upSamplingGradient', { dy, dx, ...upSamplingShape(node) }));
        return dx;
      case 'dropout':
        this.#ops.push(operation('dropoutGradient', { dy, mask, dx, numBytes: 4 * layoutSize(node.output) }));
        return dx;
      case 'flatten':
        return dy;
    }
  }

  #matrixGradients(step: Step, node: Extract<Node, { type: 'matrix' }>, dy: Tensor, dx: Tensor): void {
    const { output, transposed, passesGradient } = step;
    const shardBytes = this.#state.gradientBytes;
    if (node.relu) this.#ops.push(plainGradientOp(reluOperation(node.output), output, output, dy, dy));
    if (node.useBias) {
      const { pixels: numPixels, channels } = lastAxis(node.output);
      const gradient = { address: this.#gradients(node.name, 'bias'), shardBytes };
      this.#ops.push(operation('biasGradient', { dy, numPixels, channels, gradient }));
    }
    const du = usesWinograd(node) ? this.#arena.allocate(4 * packedSize(node)) : 0;
    const gradient = { address: this.#gradients(node.name, 'kernel'), shardBytes };
    const back = passesGradient ? { tensor: dx, packed: transposed } : null;
    this.#ops.push(...gradientOps(node, { ...this.#places(step), dy, dx: back, gradient, du }));
  }

  #normalizationGradients(
    { input: x, statistics, passesGradient }: Step,
    node: Extract<Node, { type: 'normalization' }>,
    dy: Tensor,
    dx: Tensor,
  ): void {
    const { pixels: numPixels, channels } = lastAxis(node.input);
    const { height, width } = node.input;
    const { height: outHeight, width: outWidth } = node.output;
    const { relu } = node;
    const shardBytes = this.#state.gradientBytes;
    const dgamma = this.#gradients(node.name, 'gamma');
    const dbeta = this.#gradients(node.name, 'beta');
    const sums = { dgamma: { address: dgamma, shardBytes }, dbeta: { address: dbeta, shardBytes } };
    this.#ops.push(
      node.pools
        ? operation('pooledSums', { dy, x, width, channels, outHeight, outWidth, statistics, ...sums })
        : operation('normalizationSums', { dy, x, numPixels, channels, statistics, relu, ...sums }),
    );
    this.#endStage();
    this.#enter(node);
    const movingMean = this.#weights(node.name, 'moving_mean');
    const movingVariance = this.#weights(node.name, 'moving_variance');
    const { momentum } = node.layer;
    this.#shared([
      operation('finishGradients', { dgamma, dbeta, shardBytes, numPixels, channels, statistics }),
      operation('moveStatistics', { statistics, channels, movingMean, movingVariance, momentum }),
    ]);
    if (!passesGradient) return;
    this.#ops.push(
      node.pools
        ? operation('pooledGradient', { dy, x, dx, height, width, channels, outHeight, outWidth, statistics })
        : operation('normalizationGradient', { dy, x, dx, numPixels, channels, statistics, relu }),
    );
  }

  #update(): void {
    const { weights, averages } = this.#state;
    const { kernelBytes, trainableBytes, totalBytes } = this.#network.weights;
    const ranges = [
      { from: 0, to: kernelBytes, isKernel: true },
      { from: kernelBytes, to: trainableBytes, isKernel: false },
    ];
    const ops = ranges.map(({ from, to, isKernel }) => this.#optimizerOp(from, to - from, isKernel));
    if (averages !== 0) {
      for (const [from, to] of [...ranges.map((range) => [range.from, range.to]), [trainableBytes, totalBytes]]) {
        ops.push(operation('moveAverage', { averages: averages + from, weights: weights + from, numBytes: to - from }));
      }
    }
    ops.push(operation('report', { totals: this.#totals }));
    this.#stages.push({ kind: contract.STAGE_SHARED, barrier: true, chunk: 0, ops });
  }

  #optimizerOp(from: number, bytes: number, isKernel: boolean): Op {
    const { weights, gradients, gradientBytes, slots } = this.#state;
    const [first, second] = slots.map((slot) => slot + from);
    const places = {
      weights: weights + from,
      gradients: { address: gradients + from, shardBytes: gradientBytes },
      numBytes: bytes,
    };
    const { optimizer } = this.#options;
    switch (optimizer.type) {
      case 'sgd': {
        const { momentum, nesterov } = optimizer;
        return operation('sgd', { ...places, velocities: first, momentum, nesterov });
      }
      case 'adam':
      case 'adamw': {
        const weightDecay = optimizer.type === 'adamw' && isKernel ? optimizer.weightDecay : 0;
        const { beta1, beta2, epsilon } = optimizer;
        return operation('adam', { ...places, means: first, squares: second, beta1, beta2, epsilon, weightDecay });
      }
    }
  }

  #places({ input, output, inputIsPadded }: Step): MatrixPlaces {
    return { input, output, inputIsPadded, scratch: this.#scratch, stacksImages: true };
  }

  #batchTensor(imageBytes: number): Tensor {
    return { address: this.#memory.allocate(this.#options.batchSize * imageBytes), imageBytes };
  }

  #shared(ops: readonly Op[]): void {
    this.#stages.push({ kind: contract.STAGE_SHARED, barrier: false, chunk: 0, ops });
  }

  /** Notes that the current stage works on a node's images. */
  #enter({ input, output }: Node): void {
    this.#stageLargest = Math.max(this.#stageLargest, bytesOf(input), bytesOf(output));
  }

  #endStage(): void {
    const most = Math.min(MAX_CHUNK, Math.max(1, Math.floor(CHUNK_BYTES / Math.max(1, this.#stageLargest))));
    // All chunks of a shard have the same size, because a small one at the end would leave tiles half empty.
    const shardImages = Math.ceil(this.#options.batchSize / contract.NUM_SHARDS);
    const chunk = Math.ceil(shardImages / Math.ceil(shardImages / most));
    this.#stages.push({ kind: contract.STAGE_IMAGES, barrier: true, chunk, ops: this.#ops });
    this.#ops = [];
    this.#stageLargest = 0;
  }
}

/** Gradients that pass an addition on its way to the earlier layer. */
class SkipGradients {
  readonly #steps: readonly Step[];
  readonly #written = new Set<Step>();

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
  }

  /** Keeps the gradient of a sum for the layer whose output was added; one that is used several times gets the sum of all. */
  keep({ node }: Step, dy: Tensor): readonly Op[] {
    if (node.type !== 'upSampling' || node.source === null) return [];
    const source = this.#steps.find((step) => step.node.lastLayer === node.source);
    if (source?.skipGradient == null) return [];
    const adds = this.#written.has(source);
    this.#written.add(source);
    return [operation('accumulate', { x: dy, y: source.skipGradient, numBytes: 4 * layoutSize(node.output), adds })];
  }

  /** Adds what was kept to the gradient of a node's output. */
  collect({ node, skipGradient }: Step, dy: Tensor): readonly Op[] {
    if (skipGradient === null) return [];
    return [operation('accumulate', { x: skipGradient, y: dy, numBytes: 4 * layoutSize(node.output), adds: true })];
  }
}

/** Returns whether a node is an addition alone, whose gradient is that of its input. */
function isSum(node: Node): boolean {
  return node.type === 'upSampling' && node.size[0] * node.size[1] === 1;
}

/** Returns the bytes of one image in memory. */
function bytesOf(layout: ImageLayout): number {
  return align(4 * layoutSize(layout));
}

/** Returns the bytes of a batch normalisation's statistics. */
function statisticsBytes({ input }: Extract<Node, { type: 'normalization' }>): number {
  return 4 * contract.NUM_STATISTICS * lastAxis(input).channels;
}

/** Returns the address of one vector of statistics, which are in the arena. */
function statistic(statistics: number, channels: number, index: number): number {
  return ~(~statistics + 4 * channels * index);
}
