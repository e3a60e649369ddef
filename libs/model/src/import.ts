import { createModel, type Model } from './answers/model.ts';
import type { NamedFile } from './import/keras-files.ts';
import type { ImportedNetwork } from './import/network-builder.ts';
import { parse, RECORD, shown } from './json.ts';
import { validateArchitecture } from './network/architecture.ts';

export type { NamedFile } from './import/keras-files.ts';

/** Endings of the files that {@link importModel} takes. */
export const IMPORTED_ENDINGS = ['.json', '.onnx', '.keras', '.h5', '.hdf5'] as const;

/**
 * Reads a network of another framework as a model for classes: layers that follow one another, from images in [0, 1] to a logit or a
 * probability for each class. Activations, separable and grouped convolutions become layers that give the same values.
 *
 * @param files one `.onnx`, `.keras`, `.h5` or `.hdf5` file, or the `model.json` of a TensorFlow.js layers model with the files of its weights
 * @returns a model without figures, whose classes are named 0, 1, 2, ...
 * @throws TypeError or RangeError naming the file, layer or operator that cannot be read
 * @example
 * ```ts
 * const model = await importModel([{ name: 'net.onnx', bytes: await readFile('net.onnx') }]);
 * ```
 */
export async function importModel(files: readonly NamedFile[]): Promise<Model> {
  const { architecture, weights, temperature } = await readNetwork(files);
  validateArchitecture(architecture);
  return createModel(architecture, weights, { temperature: Math.min(100, Math.max(0.01, temperature)) });
}

async function readNetwork(files: readonly NamedFile[]): Promise<ImportedNetwork> {
  const [main, ending] = mainFile(files);
  // Readers, and the libraries that they need, are loaded when a file of their format comes.
  if (ending === '.onnx') return (await import('./import/onnx-network.ts')).readOnnxNetwork(main.bytes);
  const keras = await import('./import/keras-files.ts');
  switch (ending) {
    case '.keras':
      return keras.readKerasArchive(main.bytes);
    case '.h5':
    case '.hdf5':
      return keras.readKerasHdf5(main.bytes);
    case '.json':
      return keras.readTfjsNetwork(parseTopology(main), files);
  }
}

function mainFile(files: readonly NamedFile[]): readonly [NamedFile, (typeof IMPORTED_ENDINGS)[number]] {
  for (const file of files) {
    const ending = IMPORTED_ENDINGS.find((candidate) => file.name.toLowerCase().endsWith(candidate));
    if (ending !== undefined) return [file, ending];
  }
  const names = files.map(({ name }) => name).join(', ');
  throw new TypeError(
    `importModel: files must hold one that ends in ${IMPORTED_ENDINGS.join(', ')}, got ${names || 'none'}`,
  );
}

function parseTopology({ name, bytes }: NamedFile): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new TypeError(`importModel: ${name} must be JSON, got something else`, { cause });
  }
  const model = parse(RECORD, json, `importModel: ${name}`);
  if (model.modelTopology === undefined || (model.format !== undefined && model.format !== 'layers-model')) {
    throw new RangeError(
      `importModel: ${name} must be a TensorFlow.js layers model, got format ${shown(model.format)}; convert with --output_format=tfjs_layers_model`,
    );
  }
  return model;
}
