/** A process that reads image files and drawings, one at a time; the pool kills it if one takes too much time or memory. */
import { createSimdEngine } from '@digits/engine-simd/node';
import { createClassifier } from '@digits/model';
import { createInkDetector, createReader, type Reader } from '@digits/reader';
import { PictureFileError, type PictureFileErrorCode, readPicture } from '@digits/picture-files';
import { writeFileSync } from 'node:fs';
import type { PictureReply, PictureRequest } from './inference/picture-process.ts';
import type { PictureResult, PictureTask, PictureWorkerData } from './inference/picture-task.ts';
import { answerOf } from './inference/reading-answer.ts';
import type { ErrorCode } from './service/errors.ts';

const CODES: Readonly<Record<PictureFileErrorCode, ErrorCode>> = {
  UNSUPPORTED_FORMAT: 'UNSUPPORTED_MEDIA_TYPE',
  TOO_LARGE: 'PICTURE_TOO_LARGE',
  DAMAGED: 'DAMAGED_PICTURE',
  OUT_OF_RESOURCES: 'OVERLOADED',
};

/** What a worker needs for its tasks. */
interface Tools {
  readonly reader: Reader;
  readonly limits: Pick<PictureWorkerData, 'maxPixels' | 'maxExplained'>;
}

/** The parent decides when the worker ends; signals of a terminal reach both. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit());
offerToKernel();

let tools: Promise<Tools> | null = null;
process.on('message', (request: PictureRequest) => {
  if ('data' in request) {
    tools = openTools(request.data);
    void tools.then(() => {
      reply({ ready: true });
    });
  } else {
    void answerTask(request.task).then(reply);
  }
});

function reply(message: PictureReply): void {
  process.send?.(message);
}

/** Makes the kernel end a worker, not the service, if the machine runs out of memory. Linux only; a container may forbid it. */
function offerToKernel(): void {
  try {
    if (process.platform === 'linux') writeFileSync('/proc/self/oom_score_adj', '500');
  } catch {
    // The limits of the pool still hold.
  }
}

async function answerTask(task: PictureTask): Promise<PictureReply> {
  try {
    if (tools === null) throw new Error('answerTask: the worker must have its data first');
    return { result: await answer(await tools, task) };
  } catch (error) {
    const refused = refusalOf(error);
    if (refused !== null) return { result: refused };
    return { unexpected: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function refusalOf(error: unknown): PictureResult | null {
  if (error instanceof PictureFileError) return { refused: CODES[error.code], message: publicMessage(error) };
  if (error instanceof RangeError && /allocation failed|out of memory/i.test(error.message)) {
    return {
      refused: 'OVERLOADED',
      message: 'reading needs free memory, got too little; send a smaller image or retry',
    };
  }
  return null;
}

async function answer({ reader, limits }: Tools, task: PictureTask): Promise<PictureResult> {
  const startedAt = performance.now();
  // Each explanation takes about 100 inferences.
  const options = { ...task.options, explain: task.options.explain === true ? limits.maxExplained : false };
  // In full size, as the command line and the page read it: shrinking would change some readings.
  const file = 'file' in task ? await readPicture(task.file, { maxPixels: limits.maxPixels }) : null;
  const decodedAt = performance.now();
  const reading =
    file !== null
      ? await reader.readImage(file.picture, options)
      : 'drawing' in task
        ? await reader.readDrawing(task.drawing, options)
        : null;
  if (reading === null) throw new TypeError('answerTask: task must have a file or a drawing, got neither');
  const answer = await answerOf(reading);
  const doneAt = performance.now();
  return { answer, time: { decodingMs: decodedAt - startedAt, readingMs: doneAt - decodedAt } };
}

async function openTools({ model, inkModel, touchingModel, ...limits }: PictureWorkerData): Promise<Tools> {
  const engine = createSimdEngine({ threads: 1 });
  const [classifier, ink] = await Promise.all([
    createClassifier(model, engine),
    engine.createPredictor(inkModel.architecture, inkModel.weights),
  ]);
  return {
    reader: createReader(classifier, createInkDetector(ink), () => createClassifier(touchingModel, engine)),
    limits,
  };
}

/** The message without the name of the function that it begins with. */
function publicMessage({ message }: Error): string {
  return message.replace(/^readPicture: /, '');
}
