export type { Architecture, Layer, LayerType, Padding, Shape } from './architecture.ts';
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
export type { OptimizerSettings } from './settings.ts';
export type { NamedTensor, Weights } from './weights.ts';
