export type {
  AffineSettings,
  AugmentationSettings,
  ElasticSettings,
  ErasingSettings,
  StrokeWidthSettings,
} from './augmentation.ts';
export type { LabelledImages } from './labelled-images.ts';
export { normaliseImages, PIXEL_SCALE } from './normalisation.ts';
export { RandomPurpose, type RandomKey } from './random.ts';
