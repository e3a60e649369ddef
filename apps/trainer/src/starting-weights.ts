import { initialWeights, type TrainingConfig, type Weights } from '@digits/model';
import { openModel } from './model-option.ts';

/**
 * Takes the weights of a trained model to start from. Those of the last layer are drawn anew where the classes are others.
 *
 * @param path a run folder or a model folder
 * @throws Error where the model's layers are others than those of the configuration
 */
export async function startingWeights(path: string, { architecture, seed }: TrainingConfig): Promise<Weights> {
  const { model } = await openModel(path);
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
