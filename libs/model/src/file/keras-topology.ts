import { hasSkips, INPUT_NAME } from '../network/architecture.ts';
import { kerasSettings, type Layer, skipSource } from '../network/layers.ts';
import type { Shape } from '../network/shapes.ts';

/**
 * What a Keras model gives: for probabilities a temperature, which the logits are divided by before the softmax, or `sigmoid` for each
 * logit on its own; null for the logits.
 */
export type KerasAnswer = number | 'sigmoid' | null;

/** One layer as Keras' JSON has it, with Keras' own field names. */
export interface KerasLayer {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>> & { readonly name: string };
}

/** A network, or any stack of layers. */
interface LayerStack {
  readonly inputShape: Shape;
  readonly layers: readonly Layer[];
}

/** Lists the layers of a stack as Keras' JSON has them, followed by those that turn logits into the answer. */
export function kerasLayers({ layers }: Pick<LayerStack, 'layers'>, answer: KerasAnswer): readonly KerasLayer[] {
  return [...layers.map((layer) => kerasLayer(layer.name, kerasSettings(layer))), ...answerLayers(answer)];
}

/**
 * Writes an architecture, or any stack of layers, as the topology of a Keras model, which any TensorFlow.js program can build:
 * a sequential model, or a functional one if a layer takes the output of an earlier one.
 *
 * @param answer what the model gives instead of the logits
 * @see https://www.tensorflow.org/js/guide/save_load
 */
export function kerasTopology(stack: LayerStack, answer: KerasAnswer): Readonly<Record<string, unknown>> {
  const layers = kerasLayers(stack, answer);
  const input = { batch_input_shape: [null, ...stack.inputShape], dtype: 'float32' };
  return {
    ...(hasSkips(stack) ? functionalModel(stack.layers, layers, input) : sequentialModel(layers, input)),
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  };
}

/** The layers behind the logits. */
function answerLayers(answer: KerasAnswer): readonly KerasLayer[] {
  if (answer === null) return [];
  if (answer === 'sigmoid') return [kerasLayer('sigmoid', ['Activation', { activation: 'sigmoid' }])];
  return [
    kerasLayer('temperature', ['Rescaling', { scale: 1 / answer, offset: 0 }]),
    kerasLayer('softmax', ['Activation', { activation: 'softmax' }]),
  ];
}

/** Settings of a model's input. */
type KerasInput = Readonly<Record<string, unknown>>;

function sequentialModel([first, ...others]: readonly KerasLayer[], input: KerasInput) {
  return {
    class_name: 'Sequential',
    config: { name: 'digits', layers: [{ ...first, config: { ...first.config, ...input } }, ...others] },
  };
}

/** Each layer takes the output of the layer before it, and then that of its skip source. */
function functionalModel(own: readonly Layer[], layers: readonly KerasLayer[], input: KerasInput) {
  const inputLayer = { class_name: 'InputLayer', config: { name: INPUT_NAME, ...input } };
  const nodes = [inputLayer, ...layers].map((layer, i, all) => {
    const source = i === 0 || i > own.length ? null : skipSource(own[i - 1]);
    const names = [...(i === 0 ? [] : [all[i - 1].config.name]), ...(source === null ? [] : [source])];
    const inbound = names.map((name) => [name, 0, 0, {}]);
    return { name: layer.config.name, ...layer, inbound_nodes: inbound.length === 0 ? [] : [inbound] };
  });
  const last = nodes[nodes.length - 1];
  return {
    class_name: 'Functional',
    config: {
      name: 'digits',
      layers: nodes,
      input_layers: [[INPUT_NAME, 0, 0]],
      output_layers: [[last.name, 0, 0]],
    },
  };
}

function kerasLayer(name: string, [className, settings]: ReturnType<typeof kerasSettings>): KerasLayer {
  return { class_name: className, config: { name, trainable: true, ...settings } };
}
