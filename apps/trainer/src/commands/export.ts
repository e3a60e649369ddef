import { normaliseImages } from '@digits/data';
import { type AnyModel, isPixelModel, shapeSize } from '@digits/model';
import { writeFileSafely } from '@digits/model/node';
import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import { note, UsageError } from '../command-line.ts';
import { openSplit } from '../dataset/open-dataset.ts';
import { encodeKerasFile } from '../export/keras-file.ts';
import { encodeOnnxModel } from '../export/onnx-model.ts';
import { encodeQuantisedOnnxModel } from '../export/onnx-quantised.ts';
import { kerasSource, torchSource } from '../export/source-code.ts';
import { encodeTorchWeights } from '../export/torch-network.ts';
import { createEngine } from '../run/engine.ts';
import { modelCard } from '../run/model-card.ts';
import { readRunRecord } from '../run/run-record.ts';
import { historyCsv } from '../run/run-tables.ts';
import { openAnyModel } from '../run/trained-model.ts';
import { withCommonOptions, withModelOption } from './options.ts';

/** Formats by name, with what help says of them. */
const FORMATS = {
  onnx: 'the network',
  'onnx-quantised': 'the network with weights and activations of 8 bits',
  keras: 'a .keras file for Keras 3',
  safetensors: "the weights by PyTorch's names",
  'pytorch-source': 'the network as a Python module for PyTorch',
  'keras-source': 'the network as a Python module for Keras 3',
  card: 'a README.md for Hugging Face',
  csv: 'the history of a run',
} as const;

type Format = keyof typeof FORMATS;

/** Number of images whose activations are measured for 8 bits. */
const NUM_CALIBRATION_IMAGES = 500;

interface ExportOptions {
  readonly model?: string;
  readonly format: Format;
  readonly dataset?: string;
  readonly out: string;
  readonly json?: boolean;
}

/** `export`: writes a model, or a run's figures, in a format that other programs read. */
export function exportCommand(): Command {
  const command = withModelOption(
    new Command('export').description('Write a model for other programs, or the epochs of a run as CSV.'),
  )
    .addOption(
      new Option(
        '--format <name>',
        Object.entries(FORMATS)
          .map(([name, content]) => `${name}: ${content}`)
          .join('; '),
      )
        .choices(Object.keys(FORMATS))
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--dataset <mnist|DIR>',
        'with onnx-quantised: the data set whose validation images set the ranges (default: that of the training)',
      ),
    )
    .addOption(new Option('--out <FILE>', 'file to write').makeOptionMandatory());
  return withCommonOptions(command)
    .addHelpText(
      'after',
      `
ONNX: input "images" float32 [n, 28, 28, 1] in [0, 1], white ink on black; outputs "probabilities", calibrated, and "logits".
The metadata holds class names, rejection rule, data set and figures. A model of the preset ink takes grey images
[n, 96, 96, 1]; both outputs are [n, 96, 96, channels].
Keras: the same input; output: the calibrated probabilities of all outputs of the network.
PyTorch: input float32 [n, 1, 28, 28]; load(FILE) of the source reads the .safetensors file.

Examples:
  $ npm run export -- --model runs/best --format onnx --out best.onnx
  $ npm run export -- --model runs/best --format onnx-quantised --out best-uint8.onnx
  $ npm run export -- --model runs/best --format keras --out best.keras
  $ npm run export -- --model runs/best --format pytorch-source --out network.py
  $ npm run export -- --model runs/best --format safetensors --out best.safetensors
  $ npm run export -- --model runs/best --format csv --out best.csv`,
    )
    .action(async (_options: ExportOptions, thisCommand: Command) => {
      const options = thisCommand.opts<ExportOptions>();
      const file = resolve(options.out);
      const content = await contentOf(options);
      try {
        await writeFileSafely(file, content);
      } catch (cause) {
        throw new Error(`export: --out must be a file that can be written, got ${file}`, { cause });
      }
      note(`Written: ${file}`);
      if (options.json === true) {
        process.stdout.write(
          `${JSON.stringify({ file, format: options.format, bytes: Buffer.byteLength(content) })}\n`,
        );
      }
    });
}

async function contentOf(options: ExportOptions): Promise<Uint8Array | string> {
  const { model: path, format, dataset } = options;
  if (dataset !== undefined && format !== 'onnx-quantised') {
    throw new UsageError(`export: --dataset must go with --format onnx-quantised, got ${format}`);
  }
  if (format === 'csv') {
    if (path === undefined) throw new UsageError('export: --format csv must go with --model DIR, the run folder');
    return historyCsv((await readRunRecord(resolve(path))).history);
  }
  const { model } = await openAnyModel(path);
  switch (format) {
    case 'onnx':
      return encodeOnnxModel(model);
    case 'onnx-quantised':
      return encodeQuantised(model, dataset);
    case 'keras':
      return encodeKerasFile(model);
    case 'safetensors':
      return encodeTorchWeights(model);
    case 'pytorch-source':
      return torchSource(model);
    case 'keras-source':
      return kerasSource(model);
    case 'card':
      return modelCard(model);
  }
}

/** Measures activations on validation images of the model's own training; one that does not know it has none that it was trained on. */
async function encodeQuantised(model: AnyModel, dataset: string | undefined): Promise<Uint8Array> {
  if (isPixelModel(model)) {
    throw new UsageError('export: --format onnx-quantised must be of a model for classes, got one for pixels');
  }
  const { seed, validationSize, dataset: trainedOn } = model.metadata;
  const source = dataset ?? trainedOn?.name ?? 'mnist';
  const { labelled } = await openSplit(source === 'mnist' ? source : resolve(source), model, {
    split: 'validation',
    preprocess: undefined,
    cut: { seed: seed ?? 0, validationSize: validationSize ?? NUM_CALIBRATION_IMAGES },
  });
  const size = shapeSize(model.architecture.inputShape);
  const images = normaliseImages(labelled.images.subarray(0, NUM_CALIBRATION_IMAGES * size));
  const engine = await createEngine({ engine: 'simd', tfjsBackend: 'auto', threads: 1 });
  return encodeQuantisedOnnxModel(model, engine, images);
}
