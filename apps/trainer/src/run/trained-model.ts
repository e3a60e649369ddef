import { type AnyModel, initialWeights, type Model, type TrainingConfig, type Weights } from '@digits/model';
import { loadAnyModel, loadModel, pretrainedModelDirectory } from '@digits/model/node';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A model and its folder. */
export interface OpenedModel<Kind extends AnyModel = Model> {
  readonly model: Kind;
  readonly modelDir: string;
}

/**
 * Loads the model for classes of a run folder or of a model folder.
 *
 * @param path value of `--model`; undefined means the bundled model
 * @throws Error if it is missing, its files are damaged, or it answers for pixels
 */
export async function openModel(path: string | undefined): Promise<OpenedModel> {
  const modelDir = modelDirectory(path);
  return { model: await loadModel(modelDir), modelDir };
}

/**
 * Loads the model of a run folder or of a model folder, for classes or for pixels.
 *
 * @param path value of `--model`; undefined means the bundled model
 * @throws Error if it is missing or its files are damaged
 */
export async function openAnyModel(path: string | undefined): Promise<OpenedModel<AnyModel>> {
  const modelDir = modelDirectory(path);
  return { model: await loadAnyModel(modelDir), modelDir };
}

function modelDirectory(path: string | undefined): string {
  const folder = path === undefined ? pretrainedModelDirectory() : resolve(path);
  const inRun = join(folder, 'model');
  return existsSync(join(inRun, 'model.json')) ? inRun : folder;
}

/**
 * Loads a model that takes preprocessed pictures.
 *
 * @throws Error as {@link openModel}, and if the model's input is not 28x28 with one channel
 */
export async function openPictureModel(path: string | undefined): Promise<OpenedModel> {
  const opened = await openModel(path);
  const shape = opened.model.architecture.inputShape.join('x');
  if (shape !== '28x28x1') {
    throw new Error(`--model must take images of 28x28x1 to read pictures, got one that takes ${shape}`);
  }
  return opened;
}

/**
 * Takes the weights of a trained model to start from. Those of the last layer are initialised afresh if the classes differ.
 *
 * @param path a run folder or a model folder
 * @throws Error if the model's layers differ from those of the configuration
 */
export async function startingWeights(path: string, { architecture, seed }: TrainingConfig): Promise<Weights> {
  const { model } = await openAnyModel(path);
  const lastLayer = architecture.layers[architecture.layers.length - 1].name;
  const given = new Map(model.weights.map((tensor) => [tensor.name, tensor]));
  return initialWeights(architecture, seed).map((fresh) => {
    const trained = given.get(fresh.name);
    if (trained?.shape.join() === fresh.shape.join()) return trained;
    if (fresh.name.startsWith(`${lastLayer}/`) && trained?.shape[0] === fresh.shape[0]) return fresh;
    if (fresh.name === `${lastLayer}/bias`) return fresh;
    throw new Error(
      `train: --init must be a model with the layers of this run, got ${
        trained === undefined ? `none named ${fresh.name}` : `${fresh.name} of [${trained.shape.join(', ')}]`
      } where [${fresh.shape.join(', ')}] is needed; name its preset with --preset`,
    );
  });
}
