export {
  addHandwriting,
  concatImages,
  generateHandwriting,
  type HandwritingOptions,
  type SyntheticHandwriting,
} from './handwriting/handwriting.ts';
export { generateStrokes, type StrokesOptions } from './handwriting/strokes.ts';
export type { HandwritingVariant } from './handwriting/templates/variant.ts';
export { HANDWRITING_VARIANTS, type VariantSelection } from './handwriting/variants.ts';
export { fillContours, type Contour } from './negatives/fill-contours.ts';
export { LETTERS as NEGATIVE_LETTERS } from './negatives/glyph-outlines.ts';
export {
  addNegatives,
  generateNegatives,
  NEGATIVE_KINDS,
  type AddNegativesOptions,
  type NegativeKind,
  type Negatives,
  type NegativesFold,
  type NegativesOptions,
} from './negatives/negatives.ts';
export { generateNeighbours, type NeighboursOptions } from './neighbours/neighbours.ts';
export { generatePages, PAGE_CHANNELS, type Pages, type PagesFold, type PagesOptions } from './pages/pages.ts';
export type { Character, Layout } from './pages/writing.ts';
