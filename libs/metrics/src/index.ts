export { accuracyScore, cohenKappaScore, confusionMatrix, matthewsCorrcoef } from './confusion-matrix.ts';
export type { CohenKappaOptions, ConfusionMatrixOptions } from './confusion-matrix.ts';
export { precisionRecallFscoreSupport } from './precision-recall.ts';
export type { Average, AveragedScores, PerClassScores, PrecisionRecallOptions } from './precision-recall.ts';
export { classificationReport, formatClassificationReport } from './classification-report.ts';
export type {
  ClassificationReport,
  ClassificationReportOptions,
  ReportRow,
  ReportScores,
} from './classification-report.ts';
export { brierScore, logLoss, topKAccuracyScore } from './probability-scores.ts';
export type { BrierScoreOptions, LogLossOptions } from './probability-scores.ts';
export { expectedCalibrationError } from './calibration.ts';
export type { CalibrationError, ReliabilityBin } from './calibration.ts';
export { rocAucScore } from './roc-auc.ts';
export type { RocAucOptions } from './roc-auc.ts';
export { wilsonInterval } from './wilson-interval.ts';
export type { Labels, Probabilities } from './input.ts';
