export {
  loadCheckpoint,
  loadModel,
  pretrainedModelDirectory,
  saveCheckpoint,
  saveModel,
  writeFileSafely,
} from './node/model-files.ts';
