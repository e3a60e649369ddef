export { datasetChecksum, loadDataset, loadSplit, type Dataset, type DatasetOptions } from './node/dataset.ts';
export { SPLIT_FILES } from './node/dataset-folder.ts';
export { readImageTable, type PixelTable } from './node/formats/pixel-table.ts';
export { MNIST, openStoredDataset } from './node/open-stored-dataset.ts';
export { compareNames, listPictures } from './node/picture-listing.ts';
export type {
  ReadingProgress,
  StoredDataset,
  StoredFiles,
  StoredPixels,
  StoredSplit,
  StoredSplitName,
} from './node/stored-dataset.ts';
export { allStored, selectStored, withTestSplit } from './node/stored-splits.ts';
