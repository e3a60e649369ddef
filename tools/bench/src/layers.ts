import type { Architecture } from '@digits/model';
import type { MakeCourse } from './courses.ts';
import { type Contestant, OUR_RUNNER, startContestant } from './field.ts';
import { countFlops, countLayerFlops } from './flops.ts';
import { cutIntoPrefixes } from './layer-blocks.ts';
import type { Kind } from './protocol.ts';
import { getReady, type Lane, raceLanes, type RaceOptions } from './race.ts';
import type { LayerResult } from './results.ts';
import { median } from './statistics.ts';

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
