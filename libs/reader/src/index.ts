export { createInkDetector, type InkDetector, type InkSource } from './ink-detector.ts';
export {
  createReader,
  prepareImage,
  readDrawing,
  type ClassifierSource,
  type Drawing,
  type Reader,
  type ReadingOptions,
} from './reader.ts';
export {
  rankClasses,
  readingToJson,
  type DigitJson,
  type ReadDigit,
  type Reading,
  type ReadingJson,
  type ReadingMode,
  type RejectionReason,
  type SingleAnswer,
} from './reading.ts';
export { EVIDENCE_COLOURS, paintExplanation, type Colour, type PaintedExplanation } from './paint-evidence.ts';
