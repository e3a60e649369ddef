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
export { encodeIdx, parseIdx, type IdxArray, type IdxExpectation, type IdxType } from './dataset/idx.ts';
export {
  type LabelledImages,
  normaliseImages,
  PIXEL_SCALE,
  selectImages,
  type SplitIndices,
  stratifiedSplit,
} from './dataset/labelled-images.ts';
export { MNIST_CHECKSUM, MNIST_SHA256 } from './dataset/mnist.ts';
export { philox4x32 } from './randomness/philox.ts';
export { portableCos, portableExp, portableLog, portablePow, portableSin } from './portable-math.ts';
export {
  fillRandomWords,
  integerFromWord,
  randomBlock,
  type RandomKey,
  randomNormals,
  RandomPurpose,
  randomUniforms,
  shuffledIndices,
  shuffledWithKey,
  symmetricFromWord,
  uniformFromWord,
} from './randomness/random.ts';
export {
  MAX_PICTURE_PIXELS,
  type NoImageReason,
  type Picture,
  type PreparationStep,
  type PreparedImage,
} from './preprocessing/picture.ts';
export {
  type GreyImage,
  type GreyPicture,
  MAX_GREY_SIDE,
  mnistLikePixels,
  openPicture,
  sampleGrey,
  stretchContrast,
} from './preprocessing/image/grey-picture.ts';
export {
  INK_TILE_CONTEXT,
  INK_TILE_SIZE,
  type InkPlanes,
  type QuarterTurn,
  turnBox,
  turnPlanes,
} from './preprocessing/image/ink-planes.ts';
export { borderOf, inkVote, type ResizedPicture, resizePicture } from './preprocessing/image/resized-picture.ts';
export { inkBounds } from './preprocessing/image/ink.ts';
export { fitDigit } from './preprocessing/image/digit-image.ts';
export { inkToDigit } from './preprocessing/image/ink-to-digit.ts';
export { IMAGE_SIZE, INK_SIZE, isMnistLike, placeByCentreOfMass } from './preprocessing/placement.ts';
export { strokesToImage, strokesToPixels, type StrokeOptions } from './preprocessing/drawing/strokes-to-image.ts';
export { boxOfStrokes, type Stroke, type StrokePoint } from './preprocessing/drawing/stroke.ts';
export { type Frame, locateFrame } from './preprocessing/grid/frame.ts';
export { type FoundGrid, type GridSize, inkToGrid } from './preprocessing/grid/ink-to-grid.ts';
export type { Point, Quadrilateral } from './preprocessing/grid/projection.ts';
export { inkToDigits } from './preprocessing/image/ink-to-digits.ts';
export type {
  ClassifyImages,
  DigitsOptions,
  FoundDigit,
  FoundDigits,
} from './preprocessing/segmentation/segmentation.ts';
export { gapBetween, type Box } from './preprocessing/geometry.ts';
export { strokesToDigits } from './preprocessing/drawing/strokes-to-digits.ts';
export { openRandomStream, type RandomStream } from './randomness/random-stream.ts';
export { drawStrokes } from './preprocessing/drawing/rendering.ts';
export { createPlane, cropPlane, resample, toBytes, type Plane } from './preprocessing/image/plane.ts';
export { applyStrokeWidth } from './augmentation/stroke-width.ts';
