import { writeFileSafely } from '@digits/model/node';
import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import { note, UsageError } from '../command-line.ts';
import { encodeOnnxModel } from '../export/onnx-model.ts';
import { readRunRecord } from '../run/run-record.ts';
import { historyCsv } from '../run/run-tables.ts';
import { openAnyModel } from '../run/trained-model.ts';
import { withCommonOptions, withModelOption } from './options.ts';

const FORMATS = ['onnx', 'csv'] as const;

interface ExportOptions {
  readonly model?: string;
  readonly format: (typeof FORMATS)[number];
  readonly out: string;
  readonly json?: boolean;
}

/** `export`: writes a model, or a run's figures, in a format that other programs read. */
export function exportCommand(): Command {
  const command = withModelOption(
    new Command('export').description('Write a model as ONNX, or the epochs of a run as CSV.'),
  )
    .addOption(
      new Option('--format <name>', 'onnx: the network; csv: the history of a run')
        .choices(FORMATS)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--out <FILE>', 'file to write').makeOptionMandatory());
  return withCommonOptions(command)
    .addHelpText(
      'after',
      `
ONNX: input "images" float32 [n, 28, 28, 1] in [0, 1], white ink on black; outputs "probabilities", calibrated, and "logits".
The metadata holds class names, rejection rule, data set and figures. A model of the preset ink takes grey images
[n, 96, 96, 1]; both outputs are [n, 96, 96, channels].

Examples:
  $ npm run export -- --model runs/best --format onnx --out best.onnx
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

async function contentOf({ model: path, format }: ExportOptions): Promise<Uint8Array | string> {
  if (format === 'onnx') return encodeOnnxModel((await openAnyModel(path)).model);
  if (path === undefined) throw new UsageError('export: --format csv must go with --model DIR, the run folder');
  return historyCsv((await readRunRecord(resolve(path))).history);
}
