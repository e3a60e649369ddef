import { normaliseImages, type Stroke } from '@digits/data';
import { createSimdEngine } from '@digits/engine-simd';
import {
  type Activation,
  type Classifier,
  createClassifier,
  decodeModel,
  explain,
  type Explanation,
  type ModelFiles,
} from '@digits/model';
import { decodePicture, PictureRefusedError } from '../recognition/decode-picture.ts';
import { readDrawing } from '../recognition/read-drawing.ts';
import { type PictureReading, readPicture } from '../recognition/read-picture.ts';
import type { Reading } from '../recognition/reading.ts';
import { answerCalls } from './worker-calls.ts';

// One image at a time: threads would cost more than they gain, and need a page that is cross-origin isolated.
const engine = createSimdEngine({ threads: 1 });
let classifier: Classifier | null = null;

function ready(): Classifier {
  if (classifier === null) throw new Error('recognise: a model must be loaded first, got none');
  return classifier;
}

/** What the worker can be asked. */
const calls = {
  /** Makes a model the one that answers. */
  load: async (files: ModelFiles): Promise<void> => {
    const next = await createClassifier(decodeModel(files), engine);
    await classifier?.dispose();
    classifier = next;
  },
  drawing: ({ strokes, penWidth }: { strokes: readonly Stroke[]; penWidth: number }): Promise<Reading> =>
    readDrawing(ready(), strokes, penWidth),
  /** @returns what was read, or why the file is refused, in words for whoever chose it */
  picture: async (file: Blob): Promise<PictureReading | { readonly refused: string }> => {
    try {
      return await readPicture(ready(), await decodePicture(file));
    } catch (error) {
      if (error instanceof PictureRefusedError) return { refused: error.message };
      throw error;
    }
  },
  explain: (image: Uint8Array): Promise<Explanation> => explain(ready(), normaliseImages(image)),
  activations: (image: Uint8Array): Promise<readonly Activation[]> => ready().activations(normaliseImages(image)),
};

export type RecogniseCalls = typeof calls;

answerCalls(calls);
