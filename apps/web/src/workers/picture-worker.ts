import { expose } from 'comlink';
import { decodePicture, PictureRefusedError } from '../recognition/decode-picture.ts';
import { type PictureReading, readPicture } from '../recognition/read-picture.ts';
import { load, loadedModel } from './loaded-model.ts';

/** Reads picture files. */
const calls = {
  load,
  /** @returns what was read, or why the file is refused, in words for whoever chose it */
  picture: async (file: Blob): Promise<PictureReading | { readonly refused: string }> => {
    try {
      return await readPicture(await loadedModel(), await decodePicture(file));
    } catch (error) {
      if (error instanceof PictureRefusedError) return { refused: error.message };
      throw error;
    }
  },
};

/** What the worker can be asked. */
export type PictureCalls = typeof calls;

expose(calls);
