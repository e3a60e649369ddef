import {
  createClassifier,
  countParameters,
  type Evaluation,
  evaluateClassifier,
  type ModelMetadata,
} from '@digits/model';
import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import { note, withCommonOptions } from '../command-line.ts';
import { checkEngineChoice, createEngine, type EngineChoice, withEngineOptions } from '../engines.ts';
import { formatFigures } from '../figures.ts';
import { openModel, withModelOption } from '../model-option.ts';
import { openSplit } from '../datasets.ts';
import { PREPROCESSINGS, type Preprocessing, type Split, SPLITS, type ValidationCut } from '../prepared-data.ts';

interface EvaluateOptions extends EngineChoice {
  readonly model?: string;
  readonly dataset?: string;
  readonly split: Split;
  readonly preprocess?: Preprocessing;
  readonly json?: boolean;
}

/** What `evaluate --json` prints: field names are a contract. */
interface EvaluationSummary extends Evaluation {
  readonly preset: string | null;
  readonly engine: string;
  readonly seed: number | null;
  readonly parameters: number;
  readonly weightsSha256: string;
  readonly modelDir: string;
  readonly imagesPerSecond: number;
}

/** `evaluate`: figures of a saved model on a labelled set. */
export function evaluateCommand(): Command {
  const command = withModelOption(new Command('evaluate').description('Evaluate a saved model on a labelled set.'))
    .addOption(
      new Option(
        '--dataset <mnist|DIR>',
        'the embedded MNIST, a folder with the IDX files of the split, or one with a subfolder of pictures for each class',
      ).default('mnist'),
    )
    .addOption(new Option('--split <name>', 'which part of the set').choices(SPLITS).default('test'))
    .addOption(
      new Option(
        '--preprocess <how>',
        'whether images go through the picture path (default: as the model was trained)',
      ).choices(PREPROCESSINGS),
    );
  return withCommonOptions(withEngineOptions(command))
    .addHelpText(
      'after',
      `
Examples:
  $ npm run evaluate -- --model runs/best
  $ npm run evaluate -- --model runs/fashion --dataset ./fashion-mnist --json`,
    )
    .action(async (_options: EvaluateOptions, thisCommand: Command) => {
      const options = thisCommand.opts<EvaluateOptions>();
      checkEngineChoice(options);
      const summary = await evaluateModel(options);
      note(formatFigures(summary));
      if (options.json === true) process.stdout.write(`${JSON.stringify(summary)}\n`);
    });
}

async function evaluateModel(options: EvaluateOptions): Promise<EvaluationSummary> {
  const { model, modelDir } = await openModel(options.model);
  const { metadata, architecture } = model;
  const source = options.dataset === undefined || options.dataset === 'mnist' ? 'mnist' : resolve(options.dataset);
  const labelled = await openSplit(source, options.split, metadata.classNames, {
    preprocessing: options.preprocess ?? metadata.preprocessing,
    cut: validationCutOf(metadata, options.split),
  });
  const classifier = await createClassifier(model, await createEngine(options));
  try {
    const startedAt = performance.now();
    const { evaluation } = await evaluateClassifier(classifier, labelled, options.split);
    const seconds = (performance.now() - startedAt) / 1000;
    return {
      ...evaluation,
      preset: metadata.preset,
      engine: options.engine,
      seed: metadata.seed,
      parameters: countParameters(architecture).trainable,
      weightsSha256: metadata.weightsSha256,
      modelDir,
      imagesPerSecond: labelled.count / seconds,
    };
  } finally {
    await classifier.dispose();
  }
}

/** The test split needs no cut; the other two are those of the model's own training. */
function validationCutOf({ seed, validationSize }: ModelMetadata, split: Split): ValidationCut {
  if (seed !== null && validationSize !== null) return { seed, validationSize };
  if (split === 'test') return { seed: 0, validationSize: 1 };
  throw new Error(
    `evaluate: --split ${split} must be read with a model that knows its seed and validation size, got one without`,
  );
}
