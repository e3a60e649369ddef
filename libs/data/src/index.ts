export {
  augment,
  createAugmenter,
  DISTORTION_NAMES,
  DISTORTIONS,
  MAX_AUGMENTED_SIDE,
  NO_AUGMENTATION,
  validateAugmentation,
} from './augmentation.ts';
// Types without their names, so that the settings of a new distortion come with it.
export type * from './augmentation.ts';
export { cubicWeights, type CubicWeights } from './augmentation/elastic.ts';
export { encodeIdx, parseIdx, type IdxArray, type IdxExpectation, type IdxType } from './idx.ts';
export type { LabelledImages } from './labelled-images.ts';
export { MNIST_CHECKSUM, MNIST_SHA256 } from './mnist.ts';
export { normaliseImages, PIXEL_SCALE } from './normalisation.ts';
export { philox4x32 } from './philox.ts';
export { portableCos, portableExp, portableLog, portablePow, portableSin } from './portable-math.ts';
export {
  integerFromWord,
  randomNormals,
  randomUniforms,
  shuffledIndices,
  symmetricFromWord,
  uniformFromWord,
} from './random-draws.ts';
export { fillRandomWords, randomBlock, RandomPurpose, type RandomKey } from './random.ts';
export { selectImages, stratifiedSplit, type SplitIndices } from './stratified-split.ts';
export {
  MAX_PICTURE_PIXELS,
  type Box,
  type NoImageReason,
  type Picture,
  type PreparationStep,
  type PreparedImage,
} from './pictures/picture.ts';
export { pictureToImage } from './pictures/picture-to-image.ts';
export { fillContours, type Contour } from './negatives/filling.ts';
export { isMnistLike } from './pictures/placement.ts';
export { strokesToImage, type StrokeOptions } from './strokes/strokes-to-image.ts';
export type { Stroke, StrokePoint } from './strokes/stroke.ts';
export { pictureToDigits } from './pictures/picture-to-digits.ts';
export type { DigitsOptions, FoundDigit, FoundDigits } from './segmentation/read-rows.ts';
export type { ClassifyImages } from './segmentation/classification.ts';
export type { Bounds } from './segmentation/bounds.ts';
export { strokesToDigits } from './strokes/strokes-to-digits.ts';
export { LETTERS as NEGATIVE_LETTERS } from './negatives/glyph-outlines.ts';
export {
  addNegatives,
  makeNegatives,
  NEGATIVE_KINDS,
  type AddNegativesOptions,
  type NegativeKind,
  type Negatives,
  type NegativesFold,
  type NegativesOptions,
} from './negatives/negatives.ts';
export { addHandwriting, concatImages } from './handwriting/concat-images.ts';
export { madeHandwriting, type HandwritingOptions, type MadeHandwriting } from './handwriting/made-handwriting.ts';
export { makeStrokes, type StrokesOptions } from './handwriting/made-strokes.ts';
export type { HandwritingVariant } from './handwriting/variant.ts';
export { HANDWRITING_VARIANTS, type VariantSelection } from './handwriting/variants.ts';
