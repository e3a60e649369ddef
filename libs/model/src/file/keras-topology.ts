import { hasSkips, INPUT_NAME } from '../network/architecture.ts';
import { kerasSettings, type Layer, skipSource } from '../network/layers.ts';
import type { Shape } from '../network/shapes.ts';

/**
 * What stands behind the logits: a number divides them by this temperature and applies the softmax, `sigmoid` applies the sigmoid to
 * each, null leaves the logits.
 */
export type KerasAnswer = number | 'sigmoid' | null;

/** One layer as Keras' JSON has it, with Keras' own field names. */
interface KerasLayer {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Layers and their input, in the order in which they run. */
interface LayerStack {
  readonly inputShape: Shape;
  readonly layers: readonly Layer[];
}

/**
 * Writes an architecture, or any stack of layers, as the topology of a Keras model, which any TensorFlow.js program can build: as a
 * sequential model if each layer takes the output of the layer before it alone, otherwise as a functional one.
 *
 * @param answer what the model gives instead of the logits
 * @see https://www.tensorflow.org/js/guide/save_load
 */
export function kerasTopology(stack: LayerStack, answer: KerasAnswer): Readonly<Record<string, unknown>> {
  const model = hasSkips(stack) ? functionalModel(stack, answer) : sequentialModel(stack, answer);
  return { ...model, keras_version: 'tfjs-layers 4.22.0', backend: 'tensor_flow.js' };
}

function sequentialModel({ inputShape, layers }: LayerStack, answer: KerasAnswer) {
  const own = layers.map((layer) => kerasLayer(layer.name, kerasSettings(layer)));
  const [first, ...others] = [...own, ...answerLayers(answer)];
  const input = inputSettings(inputShape);
  return {
    class_name: 'Sequential',
    config: { name: 'digits', layers: [{ ...first, config: { ...first.config, ...input } }, ...others] },
  };
}

function functionalModel({ inputShape, layers }: LayerStack, answer: KerasAnswer) {
  const input = { class_name: 'InputLayer', config: { name: INPUT_NAME, sparse: false, ...inputSettings(inputShape) } };
  const sources: (readonly string[])[] = [[]];
  let before = INPUT_NAME;
  const own = layers.map((layer) => {
    const skip = skipSource(layer);
    sources.push(skip === null ? [before] : [before, skip]);
    before = layer.name;
    return kerasLayer(layer.name, kerasSettings(layer));
  });
  const answers = answerLayers(answer);
  for (const { config } of answers) {
    sources.push([before]);
    before = String(config.name);
  }
  const nodes = [input, ...own, ...answers].map((layer, i) => ({
    name: layer.config.name,
    ...layer,
    inbound_nodes: sources[i].length === 0 ? [] : [sources[i].map((name) => [name, 0, 0, {}])],
  }));
  const ends = { input_layers: [[INPUT_NAME, 0, 0]], output_layers: [[before, 0, 0]] };
  return { class_name: 'Functional', config: { name: 'digits', layers: nodes, ...ends } };
}

function inputSettings(inputShape: Shape) {
  return { batch_input_shape: [null, ...inputShape], dtype: 'float32' };
}

function answerLayers(answer: KerasAnswer): KerasLayer[] {
  if (answer === null) return [];
  if (answer === 'sigmoid') return [kerasLayer('sigmoid', ['Activation', { activation: 'sigmoid' }])];
  return [
    kerasLayer('temperature', ['Rescaling', { scale: 1 / answer, offset: 0 }]),
    kerasLayer('softmax', ['Activation', { activation: 'softmax' }]),
  ];
}

function kerasLayer(name: string, [className, settings]: ReturnType<typeof kerasSettings>): KerasLayer {
  return { class_name: className, config: { name, trainable: true, ...settings } };
}
