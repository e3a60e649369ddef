import { NEGATIVE_LETTERS } from '@digits/synthesis';
import type { ReliabilityBin } from '@digits/metrics';
import type { Evaluation, RejectionRule, TrainingConfig } from '@digits/model';
import type { RefusalRow } from '../rejection/measure-rejection.ts';
import { formatTable, percent } from '../table.ts';

/** A share of some images, with Wilson's 95% interval. */
export interface Share {
  readonly count: number;
  readonly share: number;
  readonly interval: readonly [number, number];
}

/** How made digits of one way of writing are read. */
export interface VariantRow {
  readonly variant: string;
  readonly digit: number;
  /** Kept out of training. */
  readonly heldOut: boolean;
  readonly read: Share;
  /** Figures of all of them. */
  readonly refused: number;
  /** Wrong answers and how often each was given, refused or not. */
  readonly misreadAs: Readonly<Partial<Record<number, number>>>;
}

/** Everything that the card says: `card.json`. */
export interface Card {
  readonly command: string;
  readonly config: TrainingConfig;
  readonly parameters: number;
  /** Size of `model.json` and `weights.bin` together. */
  readonly fileBytes: number;
  readonly weightsSha256: string;
  readonly dataset: { readonly name: string; readonly sha256: string };
  readonly trainingImages: number;
  readonly trainingSeconds: number;
  readonly threads: number;
  readonly temperature: number;
  readonly validation: Pick<Evaluation, 'count' | 'accuracy' | 'accuracyInterval' | 'logLoss' | 'ece'>;
  readonly test: Evaluation;
  /** Figures on the test split. */
  readonly reliability: readonly ReliabilityBin[];
  readonly leftOut: Share;
  readonly groups: Readonly<Record<string, Share>>;
  readonly variants: readonly VariantRow[];
  readonly rejection: RejectionRule;
  readonly kept: Share;
  readonly digits: readonly RefusalRow[];
  readonly others: readonly RefusalRow[];
  readonly refusedByLetter: Readonly<Record<string, number>>;
}

/** Letters that look like a digit in some hand: neither made nor measured. */
const AMBIGUOUS_LETTERS =
  'O o D Q U u C c (like 0), I i l J j T (1, 7), Z z (2), Y (4), S s (5), b G (6), B (8), g q y a (9)';

/** Variants read worse than this are named. */
const WEAK = 0.99;

/** Writes the model card, in Markdown. */
export function cardText(card: Card): string {
  return [
    '# The model that ships',
    overview(card),
    '## Data and recipe',
    recipe(card),
    '## Figures on the test split',
    testFigures(card),
    '## Calibration',
    calibration(card),
    '## Ways of writing',
    variants(card),
    '## Not a digit',
    rejection(card),
    '## What it is not good at',
    limits(card),
  ].join('\n\n');
}

function overview({ config, parameters, fileBytes, test, weightsSha256, command }: Card): string {
  return [
    `Reads one handwritten digit, 28x28, white on black, framed as MNIST frames it, and says how sure it is, or that it is no digit. ` +
      `It is the preset \`${config.preset ?? 'custom'}\` with seed ${config.seed}: ${parameters.toLocaleString('en')} trainable parameters, ` +
      `${(fileBytes / 1000).toFixed(0)} kB in two files (kernels stored as ${config.precision}). On MNIST's test split it is right on ` +
      `${interval(test.accuracy, test.accuracyInterval)} of ${test.count.toLocaleString('en')} digits.`,
    `This page and \`card.json\` are written by \`node tools/experiments/dist/main.js ship --run DIR\` from the run of \`${command}\`, whose float32 weights have the ` +
      `SHA-256 \`${weightsSha256}\` on every machine. The files here hold them rounded; temperature and rejection threshold were fitted after rounding.`,
  ].join('\n\n');
}

function recipe({ config, dataset, trainingImages, trainingSeconds, threads, validation }: Card): string {
  const { handwriting, negatives, neighbours } = config;
  const lines = [
    `- ${(60_000 - config.validationSize).toLocaleString('en')} of MNIST's training images (SHA-256 \`${dataset.sha256.slice(0, 16)}...\`); ` +
      `${config.validationSize.toLocaleString('en')} are held out for choosing the epoch, the temperature and the threshold`,
    ...(handwriting === null
      ? []
      : [
          `- ${handwriting.count.toLocaleString('en')} made digits (\`generateHandwriting\`, strength ${handwriting.strength}, ${percent(handwriting.penShare, 0)} with a pen of their own): ` +
            'ways of writing that MNIST lacks',
        ]),
    ...(negatives === null
      ? []
      : [
          `- ${percent(negatives.share, 0)} made negatives (\`generateNegatives\`: letters, symbols, scribbles, drawings, pieces of digits, pairs, noise, textures, blanks, silhouettes), an eleventh class`,
        ]),
    ...(neighbours === null
      ? []
      : [
          `- ${neighbours.count.toLocaleString('en')} digits among others that touch them (\`generateNeighbours\`), so that numbers written in one go can be read`,
        ]),
    `- together ${trainingImages.toLocaleString('en')} images an epoch, ${config.epochs} epochs, distorted anew in each; ` +
      `${(trainingSeconds / 60).toFixed(0)} minutes with ${threads} thread${threads === 1 ? '' : 's'} on a machine busy with other work`,
    `- validation split: ${interval(validation.accuracy, validation.accuracyInterval)} of ${validation.count.toLocaleString('en')}, log loss ${validation.logLoss.toFixed(4)}`,
    '- three of the templates of made handwriting (a round four, a flat-looped nine, a wide upstroke one) were drawn after looking at what an earlier model misread of real handwriting that it is measured on',
    '- everything else stands in `card.json` under `config`; nothing was downloaded but MNIST, and the test split was read once, after all choices',
  ];
  return lines.join('\n');
}

function testFigures({ test }: Card): string {
  const rows = test.perClass.map(({ name, precision, recall, f1, support }) => [
    name,
    percent(precision),
    percent(recall),
    f1.toFixed(4),
    String(support),
  ]);
  const confusions = test.confusionMatrix
    .flatMap((row, label) => row.map((count, answer) => ({ label, answer, count })))
    .filter(({ label, answer, count }) => label !== answer && count > 1)
    .sort((a, b) => b.count - a.count)
    .slice(0, 8)
    .map(({ label, answer, count }) => `${label} read as ${answer} (${count})`);
  return [
    `Accuracy ${interval(test.accuracy, test.accuracyInterval)} of ${test.count.toLocaleString('en')}, log loss ${test.logLoss.toFixed(4)}, macro F1 ${test.macro.f1.toFixed(4)}. ` +
      'Refusing plays no part in these: the most probable digit is the answer.',
    formatTable([['digit', 'precision', 'recall', 'F1', 'images'], ...rows]),
    `Most frequent errors: ${confusions.join(', ') || 'none made twice'}.`,
  ].join('\n\n');
}

function calibration({ test, temperature, reliability }: Card): string {
  const rows = reliability
    .filter(({ count }) => count > 0)
    .map(({ lower, upper, count, meanConfidence, accuracy }) => [
      `${percent(lower, 0)} to ${percent(upper, 0)}`,
      String(count),
      meanConfidence === null ? '' : percent(meanConfidence),
      accuracy === null ? '' : percent(accuracy),
    ]);
  return [
    `Expected calibration error on the test split ${test.ece.toFixed(4)} (15 bins), at temperature ${temperature.toFixed(3)}.`,
    formatTable([['confidence', 'images', 'mean confidence', 'right'], ...rows]),
  ].join('\n\n');
}

function variants({ leftOut, groups, variants: rows }: Card): string {
  return [
    `Made digits of a seed that training did not see, ${rows[0].read.count} of each way of writing, at the strength at which a person reads every one; what is refused ` +
      `counts as misread. Of the ${rows.filter(({ heldOut }) => heldOut).length} ways that were kept out of training (marked *) ${shareText(leftOut)} are read. ` +
      `${Object.entries(groups)
        .map(([name, share]) => `${name} ${percent(share.share)}`)
        .join(', ')}.`,
    formatTable([['way of writing', 'read', 'refused', 'misread as'], ...rows.map(variantRow)]),
  ].join('\n\n');
}

function variantRow({ variant, heldOut, read, refused, misreadAs }: VariantRow): string[] {
  const wrong = Object.entries(misreadAs).map(([digit, count]) => `${digit} (${count})`);
  return [`${variant}${heldOut ? ' *' : ''}`, percent(read.share, 1), percent(refused, 1), wrong.join(', ')];
}

function rejection({ rejection: rule, kept, digits, others, refusedByLetter }: Card): string {
  const row = ({ name, count, refused, auroc }: RefusalRow): string[] => [
    name,
    String(count),
    percent(1 - refused),
    percent(refused),
    auroc === null ? '' : auroc.toFixed(4),
  ];
  const weak = Object.entries(refusedByLetter).filter(([, share]) => share < 0.95);
  return [
    `An image is refused where the log odds of being a digit (score \`${rule.score}\`) are below ${rule.threshold.toFixed(3)}; ${shareText(kept)} of MNIST's test digits are kept. ` +
      'AUROC is against those digits. Fashion-MNIST and the fonts of the test letters were never fitted to; the rows below the blanks of each brightness are made, from fonts and drawings that training did not see.',
    formatTable([['', 'images', 'answered', 'refused', 'AUROC'], ...[...digits, ...others].map(row)]),
    `Letters made and measured, those that look like no digit: ${Array.from(NEGATIVE_LETTERS).join(' ')}. ` +
      `Refused less often than 95%: ${weak.map(([letter, share]) => `${letter} ${percent(share, 0)}`).join(', ') || 'none'}. ` +
      `Letters that look like a digit in some hand are neither: ${AMBIGUOUS_LETTERS}; what it says of them means nothing.`,
  ].join('\n\n');
}

function limits({ variants: rows }: Card): string {
  const weak = rows
    .filter(({ read }) => read.share < WEAK)
    .sort((a, b) => a.read.share - b.read.share)
    .map(({ variant, read }) => `${variant} ${percent(read.share, 1)}`);
  return [
    '- **MNIST is American handwriting of the 1990s**, of census workers and pupils. Made handwriting fills gaps that are known; what nobody thought of is still missing: Arabic, Devanagari or ' +
      'other digits, and printed or seven-segment ones, were never seen.',
    '- **Shapes that are ambiguous**: a one with a wide upstroke and a seven, an open nine and a four, a slashed zero and an eight differ by little. Look at the second most probable digit and at the confidence.',
    `- **Ways of writing read less often than ${percent(WEAK, 0)}**: ${weak.join(', ') || 'none of those measured'}.`,
    '- **One digit at a time**: two digits that touch are refused or misread unless they are separated first, as `--multiple` does.',
    '- **What is not a digit is refused by likeness to what was made**: arrows, hooks and single strokes may pass as a 1 or a 7, and so may letters drawn like digits.',
    '- **Confidence is calibrated on MNIST**: on other sources, blurred or cut pictures above all, it may be too high.',
    '- Do not use it where an error harms somebody without a person looking.',
  ].join('\n');
}

function shareText({ share, interval: bounds, count }: Share): string {
  return `${interval(share, bounds)} of ${count.toLocaleString('en')}`;
}

function interval(share: number, [lower, upper]: readonly [number, number]): string {
  return `${percent(share)} (95% interval ${percent(lower)} to ${percent(upper)})`;
}
