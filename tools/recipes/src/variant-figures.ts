import { normaliseImages } from '@digits/data';
import { HANDWRITING_VARIANTS, generateHandwriting } from '@digits/synthesis';
import { wilsonInterval } from '@digits/metrics';
import { type Classification, createClassifier, type Engine, type Model } from '@digits/model';
import type { Share, VariantRow } from './card.ts';

/** Made digits for measuring come from a seed that no training uses. */
const MEASURING_SEED = 1_000_003;

/** Shapes that a network trained on MNIST alone misreads, by the names of their variants. */
const GROUPS: Readonly<Record<string, RegExp>> = {
  'slashed zeros': /^zero-slashed/,
  'upstroke ones': /^one-upstroke/,
  'crossed sevens': /^seven-crossed/,
  'hooked nines': /^nine-hooked/,
};

/** How a model reads made handwriting. */
export interface VariantFigures {
  readonly variants: readonly VariantRow[];
  /** Of all variants that were kept out of training. */
  readonly leftOut: Share;
  readonly groups: Readonly<Record<string, Share>>;
}

/**
 * Reads so many made digits of every way of writing, at the strength at which a person reads every one. What is refused counts as
 * misread.
 */
export async function measureVariants(model: Model, engine: Engine, numEach: number): Promise<VariantFigures> {
  const classifier = await createClassifier(model, engine);
  const variants: VariantRow[] = [];
  for (const { name, digit, heldOut = false } of HANDWRITING_VARIANTS) {
    const { images } = generateHandwriting({ count: numEach, seed: MEASURING_SEED, variants: [name] });
    const answers = await classifier.classify(normaliseImages(images));
    variants.push({ variant: name, digit, heldOut, ...countAnswers(answers, digit) });
  }
  await classifier.dispose();
  const shareOf = (rows: readonly VariantRow[]): Share => {
    const numRead = rows.reduce((sum, { read }) => sum + Math.round(read.share * read.count), 0);
    return shareOfCounts(
      numRead,
      rows.reduce((sum, { read }) => sum + read.count, 0),
    );
  };
  const groups = Object.entries(GROUPS).map(([group, pattern]): [string, Share] => [
    group,
    shareOf(variants.filter(({ variant }) => pattern.test(variant))),
  ]);
  return { variants, leftOut: shareOf(variants.filter(({ heldOut }) => heldOut)), groups: Object.fromEntries(groups) };
}

/** @param numRight of `count` */
export function shareOfCounts(numRight: number, count: number): Share {
  return { count, share: numRight / count, interval: wilsonInterval(numRight, count) };
}

function countAnswers(
  answers: readonly Classification[],
  digit: number,
): Pick<VariantRow, 'read' | 'refused' | 'misreadAs'> {
  const numRead = answers.filter((answer) => answer.digit === digit).length;
  const misreadAs: Partial<Record<number, number>> = {};
  for (const { probabilities } of answers) {
    const likeliest = probabilities.indexOf(Math.max(...probabilities));
    if (likeliest !== digit) misreadAs[likeliest] = (misreadAs[likeliest] ?? 0) + 1;
  }
  const numRefused = answers.filter(({ rejected }) => rejected).length;
  return { read: shareOfCounts(numRead, answers.length), refused: numRefused / answers.length, misreadAs };
}
