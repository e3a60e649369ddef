export type {
  AffineSettings,
  AugmentationSettings,
  ElasticSettings,
  ErasingSettings,
  StrokeWidthSettings,
} from './augmentation.ts';
export type { LabelledImages } from './labelled-images.ts';
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
