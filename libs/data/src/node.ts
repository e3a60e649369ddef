export { datasetChecksum, loadDataset, loadSplit, type Dataset, type DatasetOptions } from './node/dataset.ts';
export { SPLIT_FILES, type StoredSplit } from './node/dataset-folder.ts';
