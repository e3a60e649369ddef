import { type AnyModel, isPixelModel, type Model, numClassesOf, type PixelModel } from '@digits/model';
import { ourVersion } from '../command-line.ts';
import { encodeOnnx } from './onnx-format.ts';
import { graphOf, type OnnxNetwork } from './onnx-graph.ts';

/** IR version 8 and operator set 17 are of 2022: every runtime of today reads them, and all that is used is in them. */
const IR_VERSION = 8;
const OPERATOR_SET = 17;

/**
 * Writes a model in the ONNX format.
 *
 * Input `images`: `[n, height, width, channels]` float32 in [0, 1], n of any size. Outputs of a model for classes: `probabilities`
 * `[n, numClasses]`, calibrated as ours are (the temperature is part of the graph), and `logits` `[n, numOutputs]`, which the rejection
 * rule in the metadata needs. Outputs of a model for pixels, both `[n, ...shape of the last layer]` with the channels last:
 * `probabilities`, the sigmoid of each logit, and `logits`.
 *
 * @returns the bytes of a `.onnx` file
 * @see https://github.com/onnx/onnx/blob/main/docs/IR.md
 */
export function encodeOnnxModel(model: AnyModel): Uint8Array {
  return isPixelModel(model) ? encodePixelModel(model) : encodeClassModel(model);
}

function encodeClassModel(model: Model): Uint8Array {
  const { architecture, weights, metadata } = model;
  const answer = { temperature: metadata.temperature, numClasses: metadata.classNames.length };
  const outputs =
    'white ink on black; probabilities: calibrated; ' +
    `logits: before temperature and softmax${hasNegatives(model) ? ', the last output stands for "no digit"' : ''}`;
  return encodeNetwork({ name: metadata.preset ?? 'digits', architecture, weights, answer }, outputs, factsOf(model));
}

function encodePixelModel({ architecture, weights, metadata }: PixelModel): Uint8Array {
  const outputs =
    `grey; probabilities: [n, height, width, channels], the sigmoid of each logit (${metadata.channels.join(', ')}); ` +
    'logits: before the sigmoid';
  return encodeNetwork({ name: metadata.preset ?? 'pixels', architecture, weights, answer: 'sigmoid' }, outputs, { ...metadata }); // prettier-ignore
}

function encodeNetwork(network: OnnxNetwork, outputs: string, facts: Readonly<Record<string, unknown>>): Uint8Array {
  return encodeOnnx({
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPERATOR_SET }],
    producerName: 'digits',
    producerVersion: ourVersion(),
    modelVersion: 1,
    docString: `images: float32 [n, height, width, channels] in [0, 1], ${outputs}`,
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
