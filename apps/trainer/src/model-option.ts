import type { Model } from '@digits/model';
import { loadModel, pretrainedModelDirectory } from '@digits/model/node';
import { type Command, Option } from 'commander';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Adds `--model`. */
export function withModelOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--model <DIR>',
      'a run folder or a model folder (model.json and weights.bin); the one that ships where none is named',
    ),
  );
}

/**
 * Loads the model of a run folder or of a model folder.
 *
 * @param path what `--model` says; the model that ships where it says nothing
 *
 * @throws Error where it is not there, or not what its files say
 */
export async function openModel(path: string | undefined): Promise<{ model: Model; modelDir: string }> {
  const folder = path === undefined ? pretrainedModelDirectory() : resolve(path);
  const inRun = join(folder, 'model');
  const modelDir = existsSync(join(inRun, 'model.json')) ? inRun : folder;
  return { model: await loadModel(modelDir), modelDir };
}

/**
 * Loads a model that takes what the picture path makes.
 *
 * @throws Error as {@link openModel}, and where the model takes other images than 28x28 with one channel
 */
export async function openPictureModel(path: string | undefined): Promise<{ model: Model; modelDir: string }> {
  const opened = await openModel(path);
  const shape = opened.model.architecture.inputShape.join('x');
  if (shape !== '28x28x1') {
    throw new Error(`--model must take images of 28x28x1 to read pictures, got one that takes ${shape}`);
  }
  return opened;
}
