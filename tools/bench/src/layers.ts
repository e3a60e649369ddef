import { type Architecture, inferShapes, type Layer, numClassesOf, type Shape, weightSpecs } from '@digits/model';
import type { MakeCourse } from './courses.ts';
import { type Contestant, OUR_RUNNER, startContestant } from './field.ts';
import { countFlops, countLayerFlops } from './networks.ts';
import type { Kind } from './protocol.ts';
import { getReady, type Lane, raceLanes, type RaceOptions } from './race.ts';
import { median } from './report.ts';
import type { LayerResult } from './results.ts';

/** A network cut short behind one of its layers. */
export interface Prefix {
  /** Name of the convolution or dense layer that is the last of it; null for the input alone. */
  readonly layer: string | null;
  readonly architecture: Architecture;
}

const BATCH_SIZE = 128;

/**
 * Finds how near each block of a network comes to the machine's peak in our own engine, on one thread: prefixes of the
 * network run in turn, and a block's time is the difference between two of them (see `cutIntoPrefixes`). So it stands for
 * the convolution or dense layer with the normalisation, ReLU and pooling behind it, fused or not.
 *
 * @param peak the peak on one thread, ready to run
 * @throws Error when our engine does not start
 */
export async function measureLayers(
  work: { readonly kind: Kind; readonly network: string; readonly architecture: Architecture },
  makeCourse: MakeCourse,
  options: RaceOptions,
  peak: Lane,
): Promise<readonly LayerResult[]> {
  const { kind, network, architecture } = work;
  const prefixes = cutIntoPrefixes(architecture);
  const contestants: Contestant[] = [];
  try {
    const lanes: Lane[] = [];
    for (const each of [...prefixes.map((prefix) => prefix.architecture), architecture]) {
      const contestant = await startContestant(OUR_RUNNER, 1);
      contestants.push(contestant);
      const lane = await getReady(contestant, makeCourse(kind, each, BATCH_SIZE), options);
      if (lane === null) return [];
      lanes.push(lane);
    }
    const [peakLane, ...measured] = await raceLanes([peak, ...lanes], options);
    if (measured.length < lanes.length) return [];
    const secondsAnImage = measured.map(({ rates }) => 1 / median(rates));
    const wholeStep = secondsAnImage[secondsAnImage.length - 1];
    const peakRate = median(peakLane.rates);
    const row = (layer: string, flops: number, seconds: number): LayerResult => ({
      kind,
      network,
      layer,
      gigaflops: flops / seconds / 1e9,
      shareOfPeak: flops / seconds / peakRate,
      shareOfTime: seconds / wholeStep,
    });
    const flopsOf = new Map(countLayerFlops(architecture).map(({ layer, forward, training }) => [layer, kind === 'train' ? training : forward])); // prettier-ignore
    const blocks = prefixes.flatMap(({ layer }, i) => {
      return layer === null ? [] : [row(layer, flopsOf.get(layer) ?? 0, secondsAnImage[i] - secondsAnImage[i - 1])];
    });
    return [...blocks, row('whole network', countFlops(architecture, kind), wholeStep)];
  } finally {
    for (const { process: contestantProcess } of contestants) contestantProcess.end();
  }
}

/**
 * Cuts a network behind each of its blocks, a block being a convolution or dense layer with all that follows it up to the
 * next (normalisation, ReLU, pooling). Each prefix ends in the same cheap head, so that the time of a block is that of its
 * prefix less that of the prefix before. The layer that gives the logits is in none of them.
 *
 * @returns the input alone first, then a prefix for each block
 */
export function cutIntoPrefixes(architecture: Architecture): readonly Prefix[] {
  const { inputShape, layers } = architecture;
  const shapes = inferShapes(architecture);
  const numClasses = numClassesOf(architecture);
  const starts = weightSpecs(architecture).flatMap(({ role, layerIndex }) => (role === 'kernel' ? [layerIndex] : []));
  return [null, ...starts.slice(0, -1)].map((start, i) => {
    const end = start === null ? 0 : endOfBlock([inputShape, ...shapes], starts[i]);
    const kept = layers.slice(0, end);
    const shape = end === 0 ? inputShape : shapes[end - 1];
    return {
      layer: start === null ? null : layers[start].name,
      architecture: { inputShape, layers: [...kept, ...head(shape, numClasses)] },
    };
  });
}

/** Index behind the block that the layer at `next` follows; what turns images into vectors belongs to no block. */
function endOfBlock(inputShapes: readonly Shape[], next: number): number {
  let end = next;
  while (end > 0 && inputShapes[end].length < inputShapes[end - 1].length) end--;
  return end;
}

function head(shape: Shape, numClasses: number): readonly Layer[] {
  const dense: Layer = { type: 'dense', name: 'head', units: numClasses, useBias: true };
  return shape.length === 1 ? [dense] : [{ type: 'globalAveragePooling2d', name: 'head-pool' }, dense];
}
