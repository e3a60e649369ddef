import {
  IMAGE_SIZE,
  type LabelledImages,
  openRandomStream,
  type Picture,
  type Plane,
  type RandomStream,
  resample,
  selectImages,
  stratifiedSplit,
} from '@digits/data';
import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import { wilsonInterval } from '@digits/metrics';
import { createClassifier } from '@digits/model';
import {
  loadModel,
  loadPretrainedInkModel,
  pretrainedModelDirectory,
  pretrainedTouchingModelDirectory,
} from '@digits/model/node';
import { createInkDetector, createReader } from '@digits/reader';
import { Command } from 'commander';
import { formatTable, percent } from '../table.ts';

/** Seed of the numbers for measuring; no training uses it. */
const MEASURING_SEED = 1_000_037;

/** Purpose of the random numbers here; the library's own are below 100. */
const PURPOSE = 200;

/** Digits in a picture are this many times as large as in MNIST. */
const SCALE = 2;
const SIDE = IMAGE_SIZE * SCALE;

const MARGIN = 20;

/** Pixels at least this dark are ink. */
const INK_LEVEL = 0.5;

/** Kinds of numbers: gap between digits in pixels, of 40 for a digit's height, and the share of zeros beyond the usual tenth. */
const KINDS = {
  'digits apart': { gaps: [3, 11], zeros: 0 },
  'digits that touch': { gaps: [-4, 0], zeros: 0 },
  'zeros that touch': { gaps: [-4, 0], zeros: 0.7 },
} as const;

/** Creates `measure touching`: how many numbers are read whole whose digits touch. */
export function measureTouchingCommand(): Command {
  return new Command('touching')
    .description("read numbers made of MNIST's validation digits, apart and touching")
    .option('--model <DIR>', 'network for touching digits', pretrainedTouchingModelDirectory())
    .option('--without', 'cut touching digits apart instead')
    .option('--count <n>', 'numbers per kind', Number, 300)
    .action(async ({ model, count, without }: { model: string; count: number; without?: true }) => {
      const engine = createSimdEngine({ threads: 1 });
      const classifier = await createClassifier(await loadModel(pretrainedModelDirectory()), engine);
      const touching = without ? null : await createClassifier(await loadModel(model), engine);
      const ink = await loadPretrainedInkModel();
      const detector = createInkDetector(await engine.createPredictor(ink.architecture, ink.weights));
      const reader = createReader(classifier, detector, touching);
      const digits = await loadValidationDigits();
      const rows = [['numbers of 2 to 5', 'count', 'read whole', '95% interval']];
      for (const [kind, name] of Object.keys(KINDS).entries()) {
        let numRight = 0;
        for (let sample = 0; sample < count; sample++) {
          const draws = openRandomStream({ seed: MEASURING_SEED, purpose: PURPOSE, site: kind, sample });
          const { picture, label } = drawNumber(digits, KINDS[name as keyof typeof KINDS], draws);
          const { text } = await reader.readImage(picture, { mode: 'multiple' });
          if (text === label) numRight++;
        }
        const [low, high] = wilsonInterval(numRight, count);
        rows.push([name, String(count), percent(numRight / count, 1), `${percent(low, 1)} to ${percent(high, 1)}`]);
      }
      console.log(formatTable(rows));
      await Promise.all([classifier.dispose(), touching?.dispose()]);
    });
}

async function loadValidationDigits(): Promise<LabelledImages> {
  const train = await loadSplit('mnist', 'train');
  return selectImages(train, stratifiedSplit(train.labels, 10, 10_000, 42).validation);
}

/** Draws a number in dark ink on light paper, each digit as close to the one before it as the gap says. */
export function drawNumber(
  digits: LabelledImages,
  { gaps, zeros }: { readonly gaps: readonly [number, number]; readonly zeros: number },
  draws: RandomStream,
): { readonly picture: Picture; readonly label: string } {
  const numDigits = draws.integer(2, 5);
  const width = numDigits * SIDE + 2 * MARGIN;
  const height = SIDE + 2 * MARGIN;
  const ink = new Float32Array(width * height);
  const edges = new Float64Array(height).fill(-Infinity);
  let label = '';
  for (let i = 0; i < numDigits; i++) {
    const index = pickDigit(digits, draws.chance(zeros) ? 0 : draws.integer(0, 9), draws);
    label += String(digits.labels[index]);
    const glyph = enlarge(digits, index);
    const top = MARGIN + draws.integer(-3, 3);
    const gap = Math.round(draws.uniform(...gaps));
    const left = i === 0 ? MARGIN : nearestColumn(edges, glyph, top) + gap;
    draw(ink, width, edges, glyph, left, top);
  }
  const data = Uint8Array.from(ink, (value) => Math.round(235 - 190 * value));
  return { picture: { data, width, height, channels: 1 }, label };
}

function pickDigit({ labels, count }: LabelledImages, label: number, draws: RandomStream): number {
  for (let i = draws.integer(0, count - 1); ; i = (i + 1) % count) if (labels[i] === label) return i;
}

/** Enlarges a digit and sharpens its edges. */
function enlarge({ images }: LabelledImages, index: number): Plane {
  const pixels = images.subarray(index * IMAGE_SIZE * IMAGE_SIZE, (index + 1) * IMAGE_SIZE * IMAGE_SIZE);
  const source = { width: IMAGE_SIZE, height: IMAGE_SIZE, values: Float32Array.from(pixels, (value) => value / 255) };
  const plane = resample(source, { x: 0, y: 0, width: IMAGE_SIZE, height: IMAGE_SIZE }, SIDE, SIDE);
  return { ...plane, values: plane.values.map((value) => Math.min(1, Math.max(0, (value - 0.5) * 1.6 + 0.5))) };
}

/** Returns the first column at which a digit's ink does not cover that of the digits before it, in any row or the rows beside it. */
function nearestColumn(edges: Float64Array, { width, height, values }: Plane, top: number): number {
  let column = -Infinity;
  for (let y = 0; y < height; y++) {
    const first = values.subarray(y * width, (y + 1) * width).findIndex((value) => value > INK_LEVEL);
    if (first < 0) continue;
    for (let dy = -1; dy <= 1; dy++) column = Math.max(column, edges[top + y + dy] + 1 - first);
  }
  return column;
}

function draw(
  ink: Float32Array,
  stride: number,
  edges: Float64Array,
  { width, height, values }: Plane,
  left: number,
  top: number,
): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = values[y * width + x];
      const column = left + x;
      if (column < 0 || column >= stride) continue;
      const i = (top + y) * stride + column;
      ink[i] = Math.max(ink[i], value);
      if (value > INK_LEVEL) edges[top + y] = Math.max(edges[top + y], column);
    }
  }
}
