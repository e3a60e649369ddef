import { bottomOf, type Box, boxAround, gapBetween, rightOf, sizeOf } from '../geometry.ts';
import type { PreparationStep } from '../picture.ts';
import {
  type Candidate,
  classifyAll,
  type ClassifiedSegment,
  type ClassifyImages,
  type DigitsOptions,
  type FoundDigits,
} from '../segmentation/segmentation.ts';
import type { Component } from './components.ts';
import { type FittedDigit, fitDigit, fitDigitAmongOthers } from './digit-image.ts';
import { type Ink, inkOf, labelInkBothWays } from './ink.ts';
import { boxInPicture, type InkPlanes } from './ink-planes.ts';
import { type Plane, planeStep } from './plane.ts';

/** The pieces that could be the digit by themselves, the likeliest first: more are not tried. */
const MAX_MAINS = 3;

/** A broken digit has at most this many pieces. */
const MAX_PIECES = 8;

/**
 * Prepares the ink of one digit as MNIST's images were. Pieces of ink may be parts of the digit, dirt or a neighbour, and straight
 * strokes may have been taken for printed lines: the grouping with the highest probability of being a digit, weighted by its share of
 * the ink, is taken.
 *
 * @returns at most one digit, its box in pixels of the picture
 */
export async function inkToDigit(planes: InkPlanes, options: DigitsOptions = {}): Promise<FoundDigits> {
  const steps = [planeStep('ink', { ...planes, values: planes.ink }, 255)];
  // Without a classifier, the first group is taken, so that of ink alone comes first.
  const groups = labelInkBothWays(planes).flatMap((ink) => (ink === null ? [] : proposeGroups(ink)));
  if (groups.length === 0) return { digits: [], reason: 'blank', steps };
  const candidateOf = ({ members, ink }: Group): Candidate =>
    isolateOnce(
      planes,
      ink,
      members.map(({ label }) => label),
      boxAround(members),
    );
  const { group, answer } =
    options.classify === undefined
      ? { group: groups[0], answer: null }
      : await likeliestGroup(groups, candidateOf, options.classify);
  const { image, box, steps: digitSteps } = candidateOf(group);
  if (image === null) return { digits: [], reason: 'blank', steps };
  const probabilities = answer?.probabilities ?? null;
  return { digits: [{ box, row: 0, image, probabilities, isTouching: false, steps: digitSteps }], reason: null, steps };
}

/** Pieces of ink that could be one digit. */
interface Group {
  readonly members: readonly Component[];
  /** Share of all ink, in [0, 1]. */
  readonly share: number;
  /** The labelled ink that the pieces belong to. */
  readonly ink: Ink;
}

/** A group with the classifier's answer. */
interface AnsweredGroup {
  readonly group: Group;
  readonly answer: ClassifiedSegment;
}

/**
 * Returns the group with the highest score, the first one if there is a tie. Classifies the group with the most ink first, then only the
 * groups that could reach its score with a confidence of 1. Usually there are none.
 */
async function likeliestGroup(
  groups: readonly Group[],
  candidateOf: (group: Group) => Candidate,
  classify: ClassifyImages,
): Promise<AnsweredGroup> {
  const ask = async (asked: readonly Group[]): Promise<AnsweredGroup[]> => {
    const images = asked.map((group) => candidateOf(group).image);
    const answers = await classifyAll('inkToDigit', images, classify);
    return asked.map((group, i) => ({ group, answer: answers[i] }));
  };
  const largest = groups.reduce((most, group) => (group.share > most.share ? group : most));
  const [first] = await ask([largest]);
  const others = await ask(groups.filter((group) => group !== largest && weightOf(group) >= scoreOf(first)));
  return [first, ...others]
    .sort((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group))
    .reduce((best, other) => (scoreOf(other) > scoreOf(best) ? other : best));
}

function scoreOf({ group, answer }: AnsweredGroup): number {
  return answer.confidence * weightOf(group);
}

/** Returns the square root of the share: stains and neighbours are only weak evidence against a group without them. */
function weightOf({ share }: Group): number {
  return Math.sqrt(share);
}

/** Lists the likeliest groupings; the first is the one to take without a classifier. */
function proposeGroups(ink: Ink): Group[] {
  const weights = new Map(ink.components.map((component) => [component, weigh(component, ink)]));
  const inkIn = (component: Component): number => weights.get(component) ?? 0;
  const ranked = [...ink.components].sort((a, b) => inkIn(b) - inkIn(a) || a.label - b.label);
  const proposals: (readonly Component[])[] = [];
  for (const main of ranked.slice(0, MAX_MAINS)) {
    proposals.push(withPieces(main, ranked), [main]);
  }
  if (ranked.length <= MAX_PIECES) proposals.push(ranked);
  const total = ranked.reduce((sum, component) => sum + inkIn(component), 0);
  const seen = new Set<string>();
  return proposals.flatMap((members) => {
    const key = members
      .map(({ label }) => label)
      .sort((a, b) => a - b)
      .join();
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ members, share: members.reduce((sum, component) => sum + inkIn(component), 0) / total, ink }];
  });
}

/** Ink near the middle counts for more, and ink that the picture's border cuts off for less. */
function weigh(component: Component, { width, height }: Ink): number {
  const { x, y, numPixels } = component;
  const [right, bottom] = [rightOf(component), bottomOf(component)];
  const numSides = [x === 0, y === 0, right === width, bottom === height].filter(Boolean).length;
  const dx = Math.abs((x + right) / width - 1);
  const dy = Math.abs((y + bottom) / height - 1);
  return (numPixels * (1.3 - 0.5 * Math.max(dx, dy))) / (1 + 0.7 * numSides);
}

/** A piece with the pieces around it: a 5's bar, a broken stroke. */
function withPieces(main: Component, components: readonly Component[]): Component[] {
  const reach = 0.3 * sizeOf(main);
  return components.filter((component) => {
    const gap = gapBetween(main, component);
    const share = component.numPixels / main.numPixels;
    return component === main || (gap <= reach && share >= 0.05) || (gap === 0 && share >= 0.01);
  });
}

/**
 * Brings some of the ink to the network's image.
 *
 * @param labels of `ink` to keep
 * @param box around them, in pixels of the planes
 * @returns the candidate, its box in pixels of the picture
 */
export function isolateDigit(planes: InkPlanes, ink: Ink, labels: readonly number[], box: Box): Candidate {
  const soft = inkOf(ink, new Set(labels), box);
  return candidateOf(planes, box, soft, fitDigit(soft), false);
}

/** Results of {@link isolateOnce}, by the labels that they keep. */
const isolated = new WeakMap<Ink, Map<string, Candidate>>();

/** Calls {@link isolateDigit} once per set of labels, because a shape is read both as one of several digits and alone. */
export function isolateOnce(planes: InkPlanes, ink: Ink, labels: readonly number[], box: Box): Candidate {
  const known = isolated.get(ink) ?? new Map<string, Candidate>();
  isolated.set(ink, known);
  const key = [...labels].sort((a, b) => a - b).join();
  const candidate = known.get(key) ?? isolateDigit(planes, ink, labels, box);
  known.set(key, candidate);
  return candidate;
}

/**
 * Brings some of the ink to the network's image together with the ink around it.
 *
 * @param labels of `ink` that are the digit's own
 * @param box around them, in pixels of the planes
 * @param others labels of the ink around them
 * @returns the candidate, its box in pixels of the picture
 */
export function showAmongOthers(
  planes: InkPlanes,
  ink: Ink,
  labels: readonly number[],
  box: Box,
  others: readonly number[],
): Candidate {
  // The image shows up to 24 of its pixels on each side of a thin digit of 20.
  const margin = Math.ceil(1.2 * sizeOf(box));
  const region = {
    x: box.x - margin,
    y: box.y - margin,
    width: box.width + 2 * margin,
    height: box.height + 2 * margin,
  };
  const own = inkOf(ink, new Set(labels), region);
  const all = inkOf(ink, new Set([...labels, ...others]), region);
  return candidateOf(planes, box, all, fitDigitAmongOthers(own, all), true);
}

function candidateOf(planes: InkPlanes, box: Box, kept: Plane, fitted: FittedDigit, isTouching: boolean): Candidate {
  return {
    image: fitted.image,
    isTouching,
    box: boxInPicture(planes, box),
    get steps(): PreparationStep[] {
      return [planeStep('kept', kept, 255), ...fitted.steps];
    },
  };
}
