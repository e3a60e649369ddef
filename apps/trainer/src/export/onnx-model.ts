import { type Model, numClassesOf } from '@digits/model';
import { ourVersion } from '../command-line.ts';
import { encodeOnnx } from './onnx-format.ts';
import { graphOf } from './onnx-graph.ts';

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
  return encodeOnnx({
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPERATOR_SET }],
    producerName: 'digits',
    producerVersion: ourVersion(),
    modelVersion: 1,
    docString:
      'images: float32 [n, height, width, channels] in [0, 1], white ink on black; probabilities: calibrated; ' +
      `logits: before temperature and softmax${hasNegatives(model) ? ', the last output stands for "no digit"' : ''}`,
    graph: graphOf(model),
    metadataProps: metadataOf(model),
  });
}

function hasNegatives({ architecture, metadata }: Model): boolean {
  return numClassesOf(architecture) > metadata.classNames.length;
}

/** What is known of the model, each fact as JSON. */
function metadataOf({ metadata }: Model): { key: string; value: string }[] {
  const { testMetrics, ...facts } = metadata;
  const test = testMetrics && {
    split: testMetrics.split,
    count: testMetrics.count,
    accuracy: testMetrics.accuracy,
    accuracyInterval: testMetrics.accuracyInterval,
    logLoss: testMetrics.logLoss,
    ece: testMetrics.ece,
  };
  return Object.entries({ ...facts, testMetrics: test }).map(([key, value]) => ({ key, value: JSON.stringify(value) }));
}
