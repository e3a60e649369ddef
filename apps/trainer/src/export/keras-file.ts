import {
  type AnyModel,
  type Architecture,
  isPixelModel,
  type KerasAnswer,
  kerasLayers,
  skipSource,
} from '@digits/model';
import { strToU8, zipSync } from 'fflate';
import { File as Hdf5File, ready as hdf5Ready } from 'h5wasm';

/** Earliest time that a ZIP archive can hold. */
const ARCHIVE_TIME = new Date(1980, 0, 1);

/** Version of Keras that introduced what is written here. */
const KERAS_VERSION = '3.0.0';

/** Says what a model gives in Keras instead of logits: calibrated probabilities. */
export function kerasAnswer(model: AnyModel): KerasAnswer {
  return isPixelModel(model) ? 'sigmoid' : model.metadata.temperature;
}

/**
 * Writes a model as the `.keras` file of Keras 3: an archive of the configuration and the weights. It gives the probabilities of all
 * outputs, as `model.json` does in TensorFlow.js.
 *
 * @see https://keras.io/api/models/model_saving_apis/model_saving_and_loading/
 */
export async function encodeKerasFile(model: AnyModel): Promise<Uint8Array> {
  const json = (value: unknown): Uint8Array => strToU8(JSON.stringify(value));
  const weights = await encodeWeights(model);
  const files = {
    'metadata.json': json({ keras_version: KERAS_VERSION, date_saved: '1980-01-01@00:00:00' }),
    'config.json': json(configOf(model)),
    'model.weights.h5': weights,
  };
  return zipSync(files, { mtime: ARCHIVE_TIME, level: 0 });
}

/** A Keras object in the configuration. */
function kerasObject(className: string, config: object, module = 'keras.layers') {
  return { module, class_name: className, config, registered_name: null };
}

function configOf(model: AnyModel) {
  const { architecture } = model;
  const layers = kerasLayers(architecture, kerasAnswer(model));
  const names = ['images', ...layers.map(({ config }) => config.name)];
  const input = { batch_shape: [null, ...architecture.inputShape], dtype: 'float32', name: names[0] };
  const tensor = (name: string) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null], dtype: 'float32', keras_history: [name, 0, 0] },
  });
  const nodes = layers.map(({ class_name, config }, i) => {
    const source = i < architecture.layers.length ? skipSource(architecture.layers[i]) : null;
    const args = source === null ? [tensor(names[i])] : [[tensor(names[i]), tensor(source)]];
    return { ...kerasObject(class_name, config), name: config.name, inbound_nodes: [{ args, kwargs: {} }] };
  });
  const inputNode = { ...kerasObject('InputLayer', input), name: names[0], inbound_nodes: [] };
  const functional = {
    name: 'digits',
    trainable: true,
    layers: [inputNode, ...nodes],
    input_layers: [names[0], 0, 0],
    output_layers: [names[names.length - 1], 0, 0],
  };
  return kerasObject('Model', functional, 'keras');
}

/** `model.weights.h5`: the weights of each layer in order, in groups named by the layers' classes, which Keras counts. */
async function encodeWeights({ architecture, weights }: AnyModel): Promise<Uint8Array> {
  const { FS } = await hdf5Ready;
  const path = 'model.weights.h5';
  const file = new Hdf5File(path, 'w');
  try {
    const groups = file.create_group('layers');
    for (const [layer, group] of weightGroups(architecture)) {
      const vars = groups.create_group(group).create_group('vars');
      vars.create_attribute('name', layer);
      weights
        .filter(({ name }) => name.startsWith(`${layer}/`))
        .forEach(({ shape, values }, i) => vars.create_dataset({ name: String(i), data: values, shape: [...shape] }));
    }
  } finally {
    file.close();
  }
  const bytes = FS.readFile(path);
  FS.unlink(path);
  return bytes;
}

/** Pairs each layer's name with its group: `conv2d`, `conv2d_1`, `batch_normalization`, ... */
function weightGroups(architecture: Architecture): readonly (readonly [layer: string, group: string])[] {
  const counts = new Map<string, number>();
  return kerasLayers(architecture, null).map(({ class_name, config }) => {
    const name = snakeCase(class_name);
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return [config.name, count === 0 ? name : `${name}_${count}`];
  });
}

/** Keras' `to_snake_case`. */
function snakeCase(className: string): string {
  return className
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
