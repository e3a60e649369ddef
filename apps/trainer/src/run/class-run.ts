import type { LabelledImages } from '@digits/data';
import { finishTraining, prepareTrainingData } from '@digits/model';
import { saveModel } from '@digits/model/node';
import { join } from 'node:path';
import { openDataset } from '../dataset/open-dataset.ts';
import { writeModelCard } from './model-card.ts';
import { PREDICTIONS_FILE, writePredictions } from './run-folder.ts';
import type { PreparedRun } from './prepared-run.ts';
import { configFor, type RunRequest } from './training-request.ts';

/**
 * Reads the data set of a run whose network answers for classes.
 *
 * @throws UsageError for settings that cannot be; Error for data that cannot
 */
export async function prepareClassRun(request: RunRequest): Promise<PreparedRun<LabelledImages>> {
  const { dataset: source, preprocess, add } = request;
  const { train: stored, test, classNames, ...facts } = await openDataset({ source, preprocess, add });
  const config = configFor(request, stored);
  const data = prepareTrainingData(stored, config);
  const counts = `${data.train.count} training, ${data.validation.count} validation, ${test.count} test images`;
  return {
    config,
    data,
    ...facts,
    summary: `${source}: ${counts}`,
    finish: async (run, weights, engine) => {
      const { model, validation, ...tested } = await finishTraining({
        config,
        weights,
        engine,
        data,
        test,
        classNames,
        dataset: { name: source, sha256: facts.checksum },
        preprocessing: facts.preprocessing,
      });
      await saveModel(run.modelDir, model, { precision: config.precision });
      await writeModelCard(run.modelDir, model);
      const predictions = { labels: test.labels, probabilities: tested.testProbabilities };
      await writePredictions(join(run.path, PREDICTIONS_FILE), predictions, classNames);
      return { figures: { validation, test: tested.test }, weightsSha256: model.metadata.weightsSha256, test };
    },
  };
}
