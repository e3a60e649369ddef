export {
  accuracyScore,
  type CohenKappaOptions,
  cohenKappaScore,
  confusionMatrix,
  type ConfusionMatrixOptions,
  matthewsCorrcoef,
} from './confusion-matrix.ts';
export {
  type Average,
  type AveragedScores,
  type PerClassScores,
  precisionRecallFscoreSupport,
  type PrecisionRecallOptions,
} from './precision-recall.ts';
export {
  classificationReport,
  type ClassificationReport,
  type ClassificationReportOptions,
  formatClassificationReport,
  type ReportRow,
  type ReportScores,
} from './classification-report.ts';
export {
  brierScore,
  type BrierScoreOptions,
  logLoss,
  type LogLossOptions,
  topKAccuracyScore,
} from './probability-scores.ts';
export { type CalibrationError, expectedCalibrationError, type ReliabilityBin } from './calibration.ts';
export { type RocAucOptions, rocAucScore } from './roc-auc.ts';
export {
  averagePrecisionOfCounts,
  averagePrecisionScore,
  bestF1OfCounts,
  f1OfCounts,
  type ScoreCounts,
  type ThresholdScores,
} from './average-precision.ts';
export { mcnemarTest, pairedDifferenceInterval } from './paired-comparison.ts';
export { wilsonInterval } from './wilson-interval.ts';
export type { Labels, Probabilities } from './input.ts';
