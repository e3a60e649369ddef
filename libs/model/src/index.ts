export type { Architecture } from './architecture.ts';
export { ARCHITECTURE_LIMITS } from './architecture-limits.ts';
export { layerTitle, type Layer, type LayerType, type WeightRole } from './layers.ts';
export { shapeSize, showShape, windowGeometry, type Padding, type Shape, type WindowGeometry } from './shapes.ts';
export { parseArchitecture, validateArchitecture } from './architecture-json.ts';
export { describeArchitecture } from './describe-architecture.ts';
export { inferShapes, numClassesOf } from './shape-inference.ts';
export {
  countParameters,
  optimizerSlotSpecs,
  weightSpecs,
  type ParameterCount,
  type WeightSpec,
} from './weight-specs.ts';
export { kerasTopology } from './keras-topology.ts';
export { initialWeights } from './initial-weights.ts';
export type { NamedTensor, Weights } from './weights.ts';
export type {
  EarlyStoppingSettings,
  HandwritingSettings,
  LearningRateSchedule,
  NegativesSettings,
  OptimizerSettings,
  TrainingConfig,
} from './settings.ts';
export { parseTrainingConfig, validateTrainingConfig } from './training-config-json.ts';
export { averageDecayAt, learningRateAt } from './learning-rate.ts';
export { PRESET_NAMES, presetConfig, type PresetName, type PresetOptions } from './presets.ts';
export type {
  Activation,
  Engine,
  Predictor,
  SessionSettings,
  StepPlan,
  StepReport,
  TrainingSession,
  TrainingState,
} from './engine.ts';
export { checkDataset, checkImages, checkPlan, checkSession, checkState, checkWeights } from './engine-arguments.ts';
export { train, type TrainingControl, type TrainingData } from './train.ts';
export {
  TrainingDivergedError,
  type BestWeights,
  type EpochSummary,
  type StopReason,
  type TrainingProgress,
  type TrainingResult,
} from './training-result.ts';
export type { Patience, TrainingCheckpoint } from './checkpoint.ts';
export { parseCheckpoint, serialiseCheckpoint } from './checkpoint-file.ts';
export { mostProbableClasses, softmax } from './softmax.ts';
export { sha256 } from './sha256.ts';
export { createModel, hashWeights, type Model, type ModelMetadata } from './model.ts';
export { decodeModel, encodeModel, MODEL_FILE_LIMITS, MODEL_FILES, type ModelFiles } from './model-file.ts';
export { roundWeights, type Precision } from './weight-encoding.ts';
export { classifyLogits, createClassifier, type Classification, type Classifier } from './classifier.ts';
export { explain, type ExplainableClassifier, type Explanation, type ExplainOptions } from './explain.ts';
export {
  energyScore,
  REJECTION_SCORES,
  rejectionScores,
  type RejectionRule,
  type RejectionScore,
  type RejectionScoreOptions,
} from './rejection.ts';
export {
  cutValidation,
  prepareTrainingData,
  type PreparedTrainingData,
  type TrainingDataSettings,
} from './training-data.ts';
export { calibrateModel, type CalibrationOptions } from './calibration.ts';
export { fitTemperature } from './temperature-fit.ts';
export { fitRejection } from './rejection-fit.ts';
export { fitRejectionThreshold, measureRejection, type RejectionReport } from './rejection-threshold.ts';
export { smoothedLoss } from './validation.ts';
export { evaluateProbabilities, type Evaluation, type Split } from './evaluation.ts';
export { evaluateClassifier } from './evaluate-classifier.ts';
