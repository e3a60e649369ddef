export {
  countParameters,
  describeArchitecture,
  inferShapes,
  numClassesOf,
  outputKind,
  validateArchitecture,
  weightSpecs,
  type Architecture,
  type OutputKind,
  type WeightSpec,
} from './network/architecture.ts';
export { skipSource, type Layer, type LayerType, type WeightRole } from './network/layers.ts';
export { shapeSize, windowGeometry, type Padding, type Shape } from './network/shapes.ts';
export { initialWeights, type NamedTensor, type Weights } from './network/weights.ts';
export { optimizerSlotSpecs, type OptimizerSettings } from './network/optimizer.ts';
export { hashWeights, sha256 } from './network/weight-bytes.ts';
export type {
  Activation,
  Engine,
  Predictor,
  SessionSettings,
  StepPlan,
  StepReport,
  TrainingSession,
  TrainingState,
} from './network/engine.ts';
export { TARGET_SCALE, type TargetImages, type TrainingImages } from './network/training-images.ts';
export { checkImages, checkPlan, checkSession, checkState, checkWeights } from './network/engine-arguments.ts';

export { parseTrainingConfig, type TrainingConfig } from './training/settings.ts';
export { describeSettings, settingName, type SettingDescription } from './training/named-settings.ts';
export {
  isPixelPreset,
  PIXEL_PRESET_NAMES,
  PRESET_NAMES,
  presetConfig,
  trainingConfigFor,
  type AnyPresetName,
  type PixelPresetName,
  type PresetName,
  type TrainingRequest,
} from './training/presets.ts';
export { cutFolds, type Fold } from './training/folds.ts';
export { cutValidation, prepareTrainingData, type PreparedTrainingData, type TrainingData } from './training/data.ts';
export {
  prepareJudgingPages,
  preparePages,
  type GeneratePages,
  type JudgingPages,
  type PageImages,
  type PageRequest,
  type PageSettings,
  type PreparedPages,
} from './training/pages.ts';
export { train, type TrainingControl } from './training/train.ts';
export {
  TrainingDivergedError,
  type EpochSummary,
  type StopReason,
  type TrainingProgress,
  type TrainingResult,
} from './training/result.ts';
export { checkResumable, type TrainingCheckpoint } from './training/checkpoint.ts';
export { smoothedLoss } from './training/validation.ts';
export { finishTraining, type FinishedTraining, type TrainedNetwork } from './training/finishing.ts';
export { finishPixelTraining, type TrainedPixelNetwork } from './training/pixel-finishing.ts';

export {
  createPixelModel,
  type ChannelFigures,
  type PixelFigures,
  type PixelModel,
  type PixelModelMetadata,
} from './answers/pixel-model.ts';
export { evaluatePixels } from './answers/pixel-evaluation.ts';
export { createModel, type Model, type ModelMetadata } from './answers/model.ts';
export {
  classifyLogits,
  createClassifier,
  evaluateClassifier,
  type Classification,
  type Classifier,
} from './answers/classifier.ts';
export { mostProbableClasses, softmax } from './answers/softmax.ts';
export { evaluateProbabilities, type Evaluation } from './answers/evaluation.ts';
export { explain, type Explanation } from './answers/explain.ts';
export { fitRejection } from './answers/calibration.ts';
export {
  fitRejectionThreshold,
  measureRejection,
  rejectionScores,
  type RejectionReport,
  type RejectionRule,
} from './answers/rejection.ts';

export { kerasLayers, kerasTopology, type KerasAnswer, type KerasLayer } from './file/keras-topology.ts';
export {
  decodeAnyModel,
  decodeModel,
  decodePixelModel,
  encodeModel,
  isPixelModel,
  MODEL_FILES,
  type AnyModel,
  type ModelFiles,
} from './file/model-file.ts';
