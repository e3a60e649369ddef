import type { LabelledImages } from '../dataset/labelled-images.ts';

/** Splits that a data set may store. */
export type StoredSplitName = 'train' | 'validation' | 'test';

/** Images of one size as pixels. */
export interface StoredPixels extends Pick<LabelledImages, 'count' | 'height' | 'width' | 'channels'> {
  readonly form: 'pixels';
  /** `[count, height, width, channels]` uint8, as stored: neither inverted nor resized. */
  readonly pixels: Uint8Array;
}

/** Images as picture files (PNG, JPEG, ...) of any sizes, read one by one. */
export interface StoredFiles {
  readonly form: 'files';
  readonly count: number;
  /** Returns the bytes of picture `index`. */
  read(index: number): Promise<Uint8Array>;
}

/** One split as a data set stores it. */
export interface StoredSplit {
  readonly images: StoredPixels | StoredFiles;
  /** `[count]` uint8, each in [0, number of classes). */
  readonly labels: Uint8Array;
  /** `[count]`: an image's path within the data set, or its file and row (`train.csv:17`), for tables, reports and errors. */
  readonly names: readonly string[];
}

/** A labelled set as it is stored, in any form. */
export interface StoredDataset {
  /** The form, as a reader would call it: `IDX`, `CSV`, `NPZ`, `Parquet`, `pictures`. */
  readonly form: string;
  readonly splits: Readonly<Partial<Record<StoredSplitName, StoredSplit>>>;
  readonly classNames: readonly string[];
  /** SHA-256, in hex, over everything that was read. */
  readonly checksum: string;
  /** What the user should know, one line each: skipped folders, undone transpositions. */
  readonly notes: readonly string[];
}

/** Is told that so many more of all files are read. */
export type ReadingProgress = (count: number, total: number) => void;

/** One form in which data sets are stored. */
export interface DatasetForm {
  /** What a path of this form is, for the message that lists all forms. */
  readonly description: string;
  /** Returns whether the path, a file or a folder that exists, is of this form. */
  matches(path: string): Promise<boolean>;
  /**
   * @param onRead is told about forms of many files
   * @throws Error or RangeError that names the file, what was expected and found, and what to do
   */
  open(path: string, onRead?: ReadingProgress): Promise<StoredDataset>;
}
