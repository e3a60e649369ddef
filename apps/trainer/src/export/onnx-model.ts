import {
  type Architecture,
  checkWeights,
  hashWeights,
  type Model,
  numClassesOf,
  outputKind,
  type Weights,
} from '@digits/model';
import { ourVersion } from '../command-line.ts';
import { encodeOnnx } from './onnx-format.ts';
import { graphOf, type OnnxNetwork } from './onnx-graph.ts';

/** IR version 8 and operator set 17 are of 2022: every runtime of today reads them, and all that is used is in them. */
const IR_VERSION = 8;
const OPERATOR_SET = 17;

/**
 * Writes a model in the ONNX format.
 *
 * Input `images`: `[n, height, width, channels]` float32 in [0, 1], n of any size. Outputs: `probabilities` `[n, numClasses]`, calibrated as
 * ours are (the temperature is part of the graph), and `logits` `[n, numOutputs]`, which the rejection rule in the metadata needs.
 *
 * @returns the bytes of a `.onnx` file
 * @see https://github.com/onnx/onnx/blob/main/docs/IR.md
 */
export function encodeOnnxModel(model: Model): Uint8Array {
  const { architecture, weights, metadata } = model;
  const answer = { temperature: metadata.temperature, numClasses: metadata.classNames.length };
  const outputs =
    'probabilities: calibrated; ' +
    `logits: before temperature and softmax${hasNegatives(model) ? ', the last output stands for "no digit"' : ''}`;
  return encodeNetwork({ name: metadata.preset ?? 'digits', architecture, weights, answer }, outputs, factsOf(model));
}

/** A network that answers for pixels, to export. */
export interface PixelNetwork {
  /** Ends in a `conv2d` layer. */
  readonly architecture: Architecture;
  readonly weights: Weights;
  /** What is known of the network: goes into the metadata, each fact as JSON. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/**
 * Writes a network that answers for pixels in the ONNX format.
 *
 * Input `images`: `[n, height, width, channels]` float32 in [0, 1], n of any size. Outputs, both `[n, ...shape of the last layer]` with the
 * channels last: `probabilities`, the sigmoid of each logit, and `logits`. The metadata has the facts and `weightsSha256`.
 *
 * @returns the bytes of a `.onnx` file
 * @throws RangeError if the architecture answers for classes, or the weights are not its own
 */
export function encodeOnnxPixelNetwork({ architecture, weights, facts }: PixelNetwork): Uint8Array {
  if (outputKind(architecture) !== 'pixels') {
    throw new RangeError(
      'encodeOnnxPixelNetwork: architecture must answer for pixels, got one that answers for classes; use encodeOnnxModel',
    );
  }
  checkWeights('encodeOnnxPixelNetwork', architecture, weights);
  const outputs =
    'probabilities: float32 [n, height, width, channels], the sigmoid of each logit; logits: before the sigmoid';
  const network: OnnxNetwork = { name: 'pixels', architecture, weights, answer: 'sigmoid' };
  return encodeNetwork(network, outputs, { ...facts, weightsSha256: hashWeights(weights) });
}

function encodeNetwork(network: OnnxNetwork, outputs: string, facts: Readonly<Record<string, unknown>>): Uint8Array {
  return encodeOnnx({
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPERATOR_SET }],
    producerName: 'digits',
    producerVersion: ourVersion(),
    modelVersion: 1,
    docString: `images: float32 [n, height, width, channels] in [0, 1], white ink on black; ${outputs}`,
    graph: graphOf(network),
    metadataProps: Object.entries(facts).map(([key, value]) => ({ key, value: JSON.stringify(value) })),
  });
}

function hasNegatives({ architecture, metadata }: Model): boolean {
  return numClassesOf(architecture) > metadata.classNames.length;
}

/** What is known of the model. */
function factsOf({ metadata }: Model): Readonly<Record<string, unknown>> {
  const { testMetrics, ...facts } = metadata;
  const test = testMetrics && {
    split: testMetrics.split,
    count: testMetrics.count,
    accuracy: testMetrics.accuracy,
    accuracyInterval: testMetrics.accuracyInterval,
    logLoss: testMetrics.logLoss,
    ece: testMetrics.ece,
  };
  return { ...facts, testMetrics: test };
}
