export { type Architecture, inferShapes, numClassesOf } from './network/architecture.ts';
export {
  ARCHITECTURE_LIMITS,
  type Padding,
  type Shape,
  shapeSize,
  showShape,
  windowGeometry,
  type WindowGeometry,
} from './network/shapes.ts';
export { layerTitle, LAYER_TYPES, outputShape, type Layer, type LayerType, type WeightRole } from './network/layers.ts';
export { parseArchitecture, validateArchitecture } from './network/architecture-json.ts';
export { describeArchitecture } from './network/describe-architecture.ts';
export {
  countParameters,
  initialWeights,
  optimizerSlotSpecs,
  type ParameterCount,
  type WeightSpec,
  weightSpecs,
} from './network/weight-specs.ts';
export { kerasTopology } from './network/keras-topology.ts';
export { type NamedTensor, type Precision, roundWeights, sha256, type Weights } from './network/weights.ts';
export type {
  EarlyStoppingSettings,
  HandwritingSettings,
  LearningRateSchedule,
  NegativesSettings,
  TrainingConfig,
} from './training/settings.ts';
export { parseTrainingConfig, validateTrainingConfig } from './training/training-config-json.ts';
export { averageDecayAt, learningRateAt } from './training/training-plan.ts';
export { PRESET_NAMES, presetConfig, type PresetName, type PresetOptions } from './training/presets.ts';
export type {
  Activation,
  Engine,
  OptimizerSettings,
  Predictor,
  SessionSettings,
  StepPlan,
  StepReport,
  TrainingSession,
  TrainingState,
} from './network/engine.ts';
export {
  checkDataset,
  checkImages,
  checkPlan,
  checkSession,
  checkState,
  checkWeights,
} from './network/engine-arguments.ts';
export { train, type TrainingControl, type TrainingData } from './training/train.ts';
export {
  type BestWeights,
  type EpochSummary,
  type Patience,
  type StopReason,
  type TrainingCheckpoint,
  TrainingDivergedError,
  type TrainingProgress,
  type TrainingResult,
} from './training/training-result.ts';
export { parseCheckpoint, serialiseCheckpoint } from './file/checkpoint-file.ts';
export { mostProbableClasses, softmax } from './answers/softmax.ts';
export { createModel, hashWeights, type Model, type ModelMetadata } from './answers/model.ts';
export { decodeModel, encodeModel, MODEL_FILE_LIMITS, MODEL_FILES, type ModelFiles } from './file/model-file.ts';
export {
  type Classification,
  type Classifier,
  classifyLogits,
  createClassifier,
  evaluateClassifier,
} from './answers/classifier.ts';
export { explain, type ExplainableClassifier, type Explanation, type ExplainOptions } from './answers/explain.ts';
export {
  energyScore,
  fitRejectionThreshold,
  measureRejection,
  REJECTION_SCORES,
  type RejectionReport,
  type RejectionRule,
  type RejectionScore,
  type RejectionScoreOptions,
  rejectionScores,
} from './answers/rejection.ts';
export {
  cutValidation,
  prepareTrainingData,
  type PreparedTrainingData,
  type TrainingDataSettings,
} from './training/training-data.ts';
export { calibrateModel, type CalibrationOptions, fitRejection, fitTemperature } from './answers/calibration.ts';
export { smoothedLoss } from './training/validation.ts';
export { evaluateProbabilities, type Evaluation, type Split } from './answers/evaluation.ts';
export {
  finishTraining,
  type EndedTraining,
  type FinishedTraining,
  type TestedTraining,
} from './training/finish-training.ts';
export { trainingConfigFor, type TrainingRequest } from './training/training-request.ts';
