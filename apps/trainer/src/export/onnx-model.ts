import { type AnyModel, isPixelModel, type Model, numClassesOf, type PixelModel } from '@digits/model';
import { ourVersion } from '../command-line.ts';
import { encodeOnnx } from './onnx-format.ts';
import { graphOf, type OnnxGraph } from './onnx-graph.ts';

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
  const { architecture, weights, metadata } = model;
  if (isPixelModel(model)) {
    return encodeOnnxGraph(
      model,
      graphOf({ name: metadata.preset ?? 'pixels', architecture, weights, answer: 'sigmoid' }),
    );
  }
  const answer = { temperature: model.metadata.temperature, numClasses: model.metadata.classNames.length };
  return encodeOnnxGraph(model, graphOf({ name: metadata.preset ?? 'digits', architecture, weights, answer }));
}

/** Writes a graph that gives the answers of a model, with what is known of the model. */
export function encodeOnnxGraph(model: AnyModel, graph: OnnxGraph): Uint8Array {
  const facts = isPixelModel(model) ? { ...model.metadata } : factsOf(model);
  const outputs = isPixelModel(model) ? pixelOutputs(model) : classOutputs(model);
  return encodeOnnx({
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPERATOR_SET }],
    producerName: 'digits',
    producerVersion: ourVersion(),
    modelVersion: 1,
    docString: `images: float32 [n, height, width, channels] in [0, 1], ${outputs}`,
    graph,
    metadataProps: Object.entries(facts).map(([key, value]) => ({ key, value: JSON.stringify(value) })),
  });
}

function classOutputs(model: Model): string {
  return (
    'white ink on black; probabilities: calibrated; ' +
    `logits: before temperature and softmax${hasNegatives(model) ? ', the last output stands for "no digit"' : ''}`
  );
}

function pixelOutputs({ metadata }: PixelModel): string {
  return (
    `grey; probabilities: [n, height, width, channels], the sigmoid of each logit (${metadata.channels.join(', ')}); ` +
    'logits: before the sigmoid'
  );
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
