/** A thread that reads pictures and drawings, so that a large one never holds up the answers to others. */
import { createSimdEngine } from '@digits/engine-simd/node';
import { createClassifier } from '@digits/model';
import { createInkDetector, createReader, type Reader } from '@digits/reader';
import { PictureFileError, readPicture, type PictureFileErrorCode } from '@digits/picture-files';
import piscina from 'piscina';
import type { PictureResult, PictureTask, PictureWorkerData } from './inference/picture-pool.ts';
import { answerOf } from './inference/reading-answer.ts';
import type { ErrorCode } from './service/errors.ts';

const CODES: Readonly<Record<PictureFileErrorCode, ErrorCode>> = {
  UNSUPPORTED_FORMAT: 'UNSUPPORTED_MEDIA_TYPE',
  TOO_LARGE: 'PICTURE_TOO_LARGE',
  DAMAGED: 'DAMAGED_PICTURE',
};

const { model, inkModel, touchingModel, maxPixels } = piscina.workerData as PictureWorkerData;
const reader = openReader();

/** Answers one task. */
export async function answerTask(task: PictureTask): Promise<PictureResult> {
  try {
    return await answer(task);
  } catch (error) {
    if (error instanceof PictureFileError) return { refused: CODES[error.code], message: publicMessage(error) };
    throw error;
  }
}

async function answer(task: PictureTask): Promise<PictureResult> {
  const startedAt = performance.now();
  const file = 'file' in task ? await readPicture(task.file, { maxPixels }) : null;
  const decodedAt = performance.now();
  const ready = await reader;
  const reading =
    file !== null
      ? await ready.readImage(file.picture, task.options)
      : 'drawing' in task
        ? await ready.readDrawing(task.drawing, task.options)
        : null;
  if (reading === null) throw new TypeError('answerTask: task must have a file or a drawing, got neither');
  const answer = await answerOf(reading);
  const doneAt = performance.now();
  return { answer, time: { decodingMs: decodedAt - startedAt, readingMs: doneAt - decodedAt } };
}

async function openReader(): Promise<Reader> {
  const engine = createSimdEngine({ threads: 1 });
  const [classifier, ink] = await Promise.all([
    createClassifier(model, engine),
    engine.createPredictor(inkModel.architecture, inkModel.weights),
  ]);
  return createReader(classifier, createInkDetector(ink), () => createClassifier(touchingModel, engine));
}

/** The message without the name of the function that it begins with. */
function publicMessage({ message }: Error): string {
  return message.replace(/^readPicture: /, '');
}
