import type { LabelledImages } from '@digits/data';
import { finishTraining, prepareTrainingData, type TrainingConfig } from '@digits/model';
import { saveModel, writeFileSafely } from '@digits/model/node';
import { join } from 'node:path';
import { type DatasetProgress, openDataset, type OpenedDataset } from '../dataset/open-dataset.ts';
import { writeModelCard } from './model-card.ts';
import { PREDICTIONS_FILE, predictionsCsv } from './predictions.ts';
import type { PreparedRun, TrainingEvent } from './prepared-run.ts';
import { writeRejected } from './run-folder.ts';
import { configFor, type RunRequest } from './training-request.ts';

/**
 * Reads the data set of a run whose network answers for classes.
 *
 * @throws UsageError for settings that cannot be; Error for data that cannot
 */
export async function prepareClassRun(
  request: RunRequest,
  emit: (event: TrainingEvent) => void,
): Promise<PreparedRun<LabelledImages>> {
  const opened = await openRequested(request, (count, total, things) => {
    emit({ type: 'files', count, total, things });
  });
  const { train: stored, validation, test, testNames, classNames, rejected, ...facts } = opened;
  const { dataset: source } = request;
  const config = configForDataset(request, opened);
  const data = prepareTrainingData(stored, config, validation);
  const counts = `${data.train.count} training, ${data.validation.count} validation, ${test.count} test images`;
  return {
    config,
    data,
    ...facts,
    numRejected: rejected.length,
    writeFacts: async (run) => {
      if (rejected.length > 0) await writeRejected(run, rejected);
    },
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
      const predictions = { names: testNames, labels: test.labels, probabilities: tested.testProbabilities };
      await writeFileSafely(join(run.path, PREDICTIONS_FILE), predictionsCsv(predictions, classNames));
      return { figures: { validation, test: tested.test }, weightsSha256: model.metadata.weightsSha256, test };
    },
  };
}

/** Reads the data set that a run asks for. */
export function openRequested(request: RunRequest, onRead: DatasetProgress): Promise<OpenedDataset> {
  const { dataset: source, preprocess, add, skipBroken, cache } = request;
  return openDataset({ source, preprocess, add, skipBroken, cache, onRead });
}

/**
 * Returns the configuration of a run on a data set. A stored validation split is used whole.
 *
 * @throws UsageError if a setting is unknown or out of range
 */
export function configForDataset(
  request: RunRequest,
  { train, validation }: Pick<OpenedDataset, 'train' | 'validation'>,
): TrainingConfig {
  const config = configFor(request, train);
  return validation === null ? config : { ...config, validationSize: validation.count };
}
