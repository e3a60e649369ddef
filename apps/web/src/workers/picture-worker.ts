import type { Picture } from '@digits/data';
import { createReader, type Reader, type Reading, type ReadingMode } from '@digits/reader';
import { expose } from 'comlink';
import { decodePicture, PictureRefusedError } from './decode-picture.ts';
import { loadInk, loadTouching } from './picture-networks.ts';
import { load, loadedModel } from './loaded-model.ts';

/** A picture that was read. */
export interface PictureReading {
  readonly width: number;
  readonly height: number;
  readonly reading: Reading;
}

/** Why a file was refused, in words for whoever chose it. */
export interface PictureRefusal {
  readonly refused: string;
}

/** The picture that was opened last, to read it in another mode without decoding it again. */
let opened: Promise<Picture> | null = null;

let reader: Promise<Reader> | null = null;

/** Reads picture files. */
const calls = {
  load,
  /** Decodes a file and reads it. */
  picture: (file: Blob, mode: ReadingMode): Promise<PictureReading | PictureRefusal> => {
    opened = decodePicture(file);
    return read(opened, mode);
  },
  /**
   * Reads the last picture again.
   *
   * @throws Error before the first picture
   */
  again: async (mode: ReadingMode): Promise<PictureReading | PictureRefusal> => {
    if (opened === null) throw new Error('again: a picture must be opened first, got none');
    return read(opened, mode);
  },
};

async function read(decoding: Promise<Picture>, mode: ReadingMode): Promise<PictureReading | PictureRefusal> {
  try {
    const picture = await decoding;
    const { width, height } = picture;
    const ready = await (reader ??= openReader());
    return { width, height, reading: await ready.readImage(picture, { mode }) };
  } catch (error) {
    if (error instanceof PictureRefusedError) return { refused: error.message };
    throw error;
  }
}

async function openReader(): Promise<Reader> {
  return createReader(await loadedModel(), loadInk, loadTouching);
}

/** What the worker can be asked. */
export type PictureCalls = typeof calls;

expose(calls);
