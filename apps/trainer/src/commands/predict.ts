import { type Classifier, createClassifier } from '@digits/model';
import { readPicture } from '@digits/picture-files';
import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import { describeError, withCommonOptions } from '../command-line.ts';
import { checkEngineChoice, createEngine, type EngineChoice, withEngineOptions } from '../engines.ts';
import { createExplanationWriter, type ExplanationWriter } from '../explanation-files.ts';
import { percent } from '../figures.ts';
import { openPictureModel, withModelOption } from '../model-option.ts';
import { type PictureAnswer, type PictureReading, readDigit, readDigits } from '../picture-reader.ts';

interface PredictOptions extends EngineChoice {
  readonly model?: string;
  readonly multiple?: boolean;
  readonly explain?: string;
  readonly json?: boolean;
}

/** What is answered for one file. */
type FileAnswer = { readonly file: string } & (PictureAnswer | PictureReading | { readonly error: string });

/** `predict`: reads the digits in picture files. */
export function predictCommand(): Command {
  const command = withModelOption(
    new Command('predict').description('Read the digit in each picture: png, jpeg, webp, gif, bmp or tiff.'),
  )
    .argument('<FILE...>', 'picture files')
    .addOption(new Option('--multiple', 'read several digits in each picture, each with its box'))
    .addOption(
      new Option('--explain <DIR>', 'write every step of the way to 28x28 as PNG into a folder for each file'),
    );
  return withCommonOptions(withEngineOptions(command))
    .addHelpText(
      'after',
      `
With --json, one line a file. A file that cannot be read is answered by its error; the exit code is then 1.

Examples:
  $ npm run predict -- --model runs/best seven.png
  $ npm run predict -- --model runs/best --multiple --explain steps receipt.jpg`,
    )
    .action(async (files: string[], _options: PredictOptions, thisCommand: Command) => {
      const options = thisCommand.opts<PredictOptions>();
      checkEngineChoice(options);
      const { model } = await openPictureModel(options.model);
      const classifier = await createClassifier(model, await createEngine(options));
      const explanations =
        options.explain === undefined ? null : await createExplanationWriter(resolve(options.explain));
      try {
        for (const file of files) {
          const answer = await answerFile(classifier, file, options.multiple === true, explanations);
          if ('error' in answer) process.exitCode = 1;
          process.stdout.write(`${options.json === true ? JSON.stringify(answer) : describeAnswer(answer)}\n`);
        }
      } finally {
        await classifier.dispose();
      }
    });
}

async function answerFile(
  classifier: Classifier,
  file: string,
  multiple: boolean,
  explanations: ExplanationWriter | null,
): Promise<FileAnswer> {
  try {
    const { picture } = await readPicture(file);
    if (multiple) {
      const { reading, steps } = await readDigits(classifier, picture);
      await explanations?.write(file, steps);
      return { file, ...reading };
    }
    const { answer, steps } = await readDigit(classifier, picture);
    await explanations?.write(file, steps);
    return { file, ...answer };
  } catch (error) {
    return { file, error: describeError(error) };
  }
}

function describeAnswer(answer: FileAnswer): string {
  if ('error' in answer) return `${answer.file}: error: ${answer.error}`;
  if ('text' in answer) {
    const confidences = answer.digits.map(({ digit, confidence }) => `${digit ?? '?'} ${percent(confidence)}`);
    return `${answer.file}: ${answer.text === '' ? 'no digits' : answer.text} (${confidences.join(', ')})`;
  }
  if (answer.reason !== null) return `${answer.file}: not a digit (${answer.reason})`;
  const likeliest = answer.probabilities.indexOf(Math.max(...answer.probabilities));
  return answer.digit === null
    ? `${answer.file}: not a digit (most like ${likeliest})`
    : `${answer.file}: ${answer.digit} (${percent(answer.confidence)})`;
}
