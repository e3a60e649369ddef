import type { HandwritingVariant } from './templates/variant.ts';
import { EIGHTS } from './templates/eights.ts';
import { FIVES } from './templates/fives.ts';
import { FOURS } from './templates/fours.ts';
import { NINES } from './templates/nines.ts';
import { ONES } from './templates/ones.ts';
import { SEVENS } from './templates/sevens.ts';
import { SIXES } from './templates/sixes.ts';
import { THREES } from './templates/threes.ts';
import { TWOS } from './templates/twos.ts';
import { ZEROS } from './templates/zeros.ts';

/** Every variant, digit by digit. A variant's place is its number in {@link SyntheticHandwriting}: append within a digit, and expect other images. */
export const HANDWRITING_VARIANTS: readonly HandwritingVariant[] = [
  ...ZEROS,
  ...ONES,
  ...TWOS,
  ...THREES,
  ...FOURS,
  ...FIVES,
  ...SIXES,
  ...SEVENS,
  ...EIGHTS,
  ...NINES,
];

/** Which variants to make: those for training, those kept out of it, or these by name. */
export type VariantSelection = 'training' | 'heldOut' | readonly string[];

/**
 * Looks variants up.
 *
 * @returns in the order of {@link HANDWRITING_VARIANTS}, or in that of the names
 * @throws RangeError where a name is unknown or there is none
 */
export function selectVariants(selection: VariantSelection): HandwritingVariant[] {
  if (selection === 'training') return HANDWRITING_VARIANTS.filter(({ heldOut }) => !heldOut);
  if (selection === 'heldOut') return HANDWRITING_VARIANTS.filter(({ heldOut }) => heldOut);
  if (selection.length === 0) throw new RangeError('selectVariants: names must hold at least one, got none');
  return selection.map((name) => {
    const variant = HANDWRITING_VARIANTS.find((candidate) => candidate.name === name);
    if (variant === undefined) {
      throw new RangeError(
        `selectVariants: names must be 'training', 'heldOut' or names of HANDWRITING_VARIANTS, got '${name}'`,
      );
    }
    return variant;
  });
}
