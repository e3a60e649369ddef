export { loadCheckpoint, saveCheckpoint } from './node/checkpoint-files.ts';
export { loadModel, saveModel } from './node/model-files.ts';
export { pretrainedModelDirectory } from './node/pretrained-model.ts';
export { writeFileSafely } from './node/safe-write.ts';
