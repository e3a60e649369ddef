import type { EpochSummary } from '@digits/model';
import { writeFileSafely } from '@digits/model/node';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeFileStart, encodeScalars } from './event-file.ts';

/** Curves of a run for TensorBoard, as Keras lays them out: the same tags in a folder for each split. */
export interface TensorboardLog {
  append(epoch: EpochSummary): Promise<void>;
}

const SPLITS = {
  train: ({ trainLoss, trainAccuracy, learningRate }: EpochSummary) => ({
    epoch_loss: trainLoss,
    epoch_accuracy: trainAccuracy,
    epoch_learning_rate: learningRate,
  }),
  validation: ({ validationLoss, validationAccuracy }: EpochSummary) => ({
    epoch_loss: validationLoss,
    epoch_accuracy: validationAccuracy,
  }),
} as const;

/** One file a split, whose name stays the same, so that a resumed run does not show its first epochs twice. */
const FILE_NAME = 'events.out.tfevents.0.digits';

/**
 * Begins the event files of a run anew, with the epochs that it goes on from.
 *
 * @param folder gets `train/` and `validation/`
 * @throws Error of the file system
 */
export async function startTensorboardLog(folder: string, history: readonly EpochSummary[]): Promise<TensorboardLog> {
  const now = () => Date.now() / 1000;
  const files = Object.entries(SPLITS).map(([split, scalarsOf]) => ({
    path: join(folder, split, FILE_NAME),
    encode: (summary: EpochSummary) =>
      encodeScalars({ wallTime: now(), step: summary.epoch + 1, scalars: scalarsOf(summary) }),
  }));
  for (const [i, split] of Object.keys(SPLITS).entries()) {
    await mkdir(join(folder, split), { recursive: true });
    const { path, encode } = files[i];
    await writeFileSafely(path, Buffer.concat([encodeFileStart(now()), ...history.map(encode)]));
  }
  return {
    append: async (summary) => {
      for (const { path, encode } of files) await appendFile(path, encode(summary), { flush: true });
    },
  };
}
