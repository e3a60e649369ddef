import type { Picture } from '@digits/data';
import { decodePixelModel, type ModelFiles } from '@digits/model';
import {
  createInkDetector,
  createReader,
  type InkDetector,
  type Reader,
  type Reading,
  type ReadingMode,
} from '@digits/reader';
import { expose } from 'comlink';
import { decodePicture, PictureRefusedError } from './decode-picture.ts';
import { engine, load, loadedModel } from './loaded-model.ts';

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

/** Addresses of the files of the network that finds ink. */
export type InkModelAddresses = Readonly<Record<keyof ModelFiles, string>>;

/** Reads with the loaded model; the ink network is fetched for the first picture. */
let reader: Promise<Reader> | null = null;

/** Reads picture files. */
const calls = {
  /** Loads the model, as in other workers, and says where the ink network is. */
  load: (files: ModelFiles, ink: InkModelAddresses): Promise<readonly string[]> => {
    const names = load(files);
    reader = loadedModel().then((classifier) => createReader(classifier, () => fetchInkDetector(ink)));
    return names;
  },
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

async function fetchInkDetector(addresses: InkModelAddresses): Promise<InkDetector> {
  const [json, weightsFile] = await Promise.all([fetchFile(addresses.modelJson), fetchFile(addresses.weightsBin)]);
  const modelJson = await json.text();
  const weightsBin = new Uint8Array(await weightsFile.arrayBuffer());
  const { architecture, weights } = decodePixelModel({ modelJson, weightsBin });
  return createInkDetector(await engine.createPredictor(architecture, weights));
}

async function fetchFile(address: string): Promise<Response> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} must be there, got status ${response.status}`);
  return response;
}

async function read(decoding: Promise<Picture>, mode: ReadingMode): Promise<PictureReading | PictureRefusal> {
  try {
    if (reader === null) throw new Error('read: a model must be loaded first, got none');
    const picture = await decoding;
    const { width, height } = picture;
    return { width, height, reading: await (await reader).readImage(picture, { mode }) };
  } catch (error) {
    if (error instanceof PictureRefusedError) return { refused: error.message };
    throw error;
  }
}

/** What the worker can be asked. */
export type PictureCalls = typeof calls;

expose(calls);
