import { type AnyModel, inferShapes, isPixelModel, kerasLayers, skipSource } from '@digits/model';
import { kerasAnswer } from './keras-file.ts';
import { nameOf, pythonNames, torchLayers } from './torch-network.ts';

/** Writes the network of a model as a Python module for PyTorch; the weights come from a `.safetensors` file. */
export function torchSource(model: AnyModel): string {
  const { architecture } = model;
  const layers = torchLayers(model);
  const names = pythonNames(architecture.layers);
  const sources = new Set(architecture.layers.map(skipSource));
  const [height, width, channels] = architecture.inputShape;
  const modules = layers.flatMap(({ name, module }) => (module === null ? [] : [`self.${name} = ${module}`]));
  const steps = architecture.layers.flatMap((layer, i) => {
    const step = `x = ${layers[i].apply}`;
    return sources.has(layer.name) ? [step, `${nameOf(names, layer.name)} = x`] : [step];
  });
  return `"""${titleOf(model)} for PyTorch.

load() reads the weights that \`npm run export -- --format safetensors\` writes.
"""

import torch
from torch import nn
from torch.nn import functional as F

${answerConstants(model)}


class Network(nn.Module):
    """Takes images [n, ${channels}, ${height}, ${width}], float32 in [0, 1], and returns logits."""

    def __init__(self):
        super().__init__()
${indented(modules, 8)}

    def forward(self, x):
${indented(steps, 8)}
        return x


def probabilities(network, images):
    """Returns the probabilities of ${isPixelModel(model) ? 'each channel of each pixel' : 'the classes, calibrated'}."""
    with torch.no_grad():
        return ${torchAnswer(model)}


def load(path):
    """Returns the network with the weights of a .safetensors file, ready to predict."""
    from safetensors.torch import load_file

    network = Network()
    network.load_state_dict(load_file(path))
    return network.eval()
`;
}

/** Writes the network of a model as a Python module for Keras 3; the weights come from a `.keras` file. */
export function kerasSource(model: AnyModel): string {
  const { architecture } = model;
  const layers = kerasLayers(architecture, kerasAnswer(model));
  const names = pythonNames(architecture.layers);
  const sources = new Set(architecture.layers.map(skipSource));
  const steps = layers.flatMap(({ class_name, config }, i) => {
    const layer = architecture.layers.at(i);
    const source = layer === undefined ? null : skipSource(layer);
    const input = source === null ? 'x' : `[x, ${nameOf(names, source)}]`;
    const step = `x = layers.${class_name}(${keywordArguments(config)})(${input})`;
    return layer !== undefined && sources.has(layer.name) ? [step, `${nameOf(names, layer.name)} = x`] : [step];
  });
  return `"""${titleOf(model)} for Keras 3.

load() reads the weights that \`npm run export -- --format keras\` writes.
"""

import keras
from keras import layers

${answerConstants(model)}


def build():
    """Builds the model: images ${python([null, ...architecture.inputShape])}, float32 in [0, 1], to probabilities of all outputs."""
    images = x = keras.Input(${python(architecture.inputShape)}, name="images")
${indented(steps, 4)}
    return keras.Model(images, x, name="digits")


def load(path):
    """Returns the model with the weights of a .keras file."""
    model = build()
    model.load_weights(path)
    return model
`;
}

function titleOf({ architecture, metadata }: AnyModel): string {
  const [height, width] = architecture.inputShape;
  const answers =
    'channels' in metadata ? `channels ${metadata.channels.length}` : `classes ${metadata.classNames.length}`;
  // A model's file may say anything; this is the text of a program.
  const name = (metadata.preset ?? 'digits').replaceAll(/[^\w .-]/g, '');
  return `The network ${name} (images ${height}x${width}, ${answers})`;
}

/** Names of the outputs, and what the logits are divided by. */
function answerConstants({ metadata }: AnyModel): string {
  if ('channels' in metadata) return `CHANNELS = ${pythonList(metadata.channels)}`;
  return `CLASS_NAMES = ${pythonList(metadata.classNames)}\nTEMPERATURE = ${metadata.temperature}`;
}

function torchAnswer(model: AnyModel): string {
  if (isPixelModel(model)) return 'torch.sigmoid(network(images))';
  const numOutputs = inferShapes(model.architecture)[model.architecture.layers.length - 1][0];
  // The last output is "not a digit" and has no probability.
  const classes = numOutputs > model.metadata.classNames.length ? '[:, : len(CLASS_NAMES)]' : '';
  return `torch.softmax(network(images)${classes} / TEMPERATURE, dim=1)`;
}

function keywordArguments({ name, ...settings }: Readonly<Record<string, unknown>>): string {
  const { trainable, ...others } = settings;
  const shown = trainable === true ? others : settings;
  return Object.entries({ ...shown, name })
    .map(([key, value]) => `${key}=${python(value)}`)
    .join(', ');
}

/** A JSON value as Python writes it, lists as tuples. */
function python(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `(${value.map(python).join(', ')}${value.length === 1 ? ',' : ''})`;
  return JSON.stringify(value);
}

function pythonList(values: readonly string[]): string {
  return `[${values.map(python).join(', ')}]`;
}

function indented(lines: readonly string[], spaces: number): string {
  return lines.map((line) => `${' '.repeat(spaces)}${line}`).join('\n');
}
