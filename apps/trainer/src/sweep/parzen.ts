import { portableCos, portableExp, portableLog, type RandomStream } from '@digits/data';

/** Density of numbers between two bounds, estimated from some of them. */
export interface ParzenDensity {
  /** Density at a place between the bounds. */
  at(place: number): number;
  /** Draws a number between the bounds. */
  draw(stream: RandomStream): number;
}

/** One Gaussian of the mixture, cut off at the bounds. */
interface Kernel {
  readonly mean: number;
  readonly deviation: number;
  /** Part of the whole Gaussian that is between the bounds. */
  readonly mass: number;
}

/** Rejections after which a draw takes the kernel's centre; at least a third of all draws are accepted. */
const MAX_REJECTIONS = 1000;

/**
 * Estimates the density of numbers by a mixture of equal weights: the even distribution between the bounds, and a Gaussian at each number,
 * cut off at the bounds. A Gaussian's deviation is the larger of the distances to its neighbours, the bounds included, and at least the
 * range divided by the number of components or 100.
 *
 * @param numbers between the bounds, in any order
 * @see Bergstra et al. (2011), Algorithms for Hyper-Parameter Optimization, section 4.2
 */
export function estimateDensity(numbers: readonly number[], [low, high]: readonly [number, number]): ParzenDensity {
  const range = high - low;
  const sorted = [...numbers].sort((a, b) => a - b);
  const numComponents = sorted.length + 1;
  const smallest = range / Math.min(100, numComponents);
  const kernels = sorted.map((mean, i): Kernel => {
    const gap = Math.max(mean - (sorted[i - 1] ?? low), (sorted[i + 1] ?? high) - mean);
    const deviation = Math.min(range, Math.max(smallest, gap));
    return { mean, deviation, mass: normalCdf((high - mean) / deviation) - normalCdf((low - mean) / deviation) };
  });
  return {
    at: (place) => kernels.reduce((sum, kernel) => sum + kernelDensity(kernel, place), 1 / range) / numComponents,
    draw: (stream) => {
      const index = stream.integer(0, kernels.length);
      if (index === kernels.length) return stream.uniform(low, high);
      const { mean, deviation } = kernels[index];
      for (let i = 0; i < MAX_REJECTIONS; i++) {
        const drawn = mean + deviation * drawNormal(stream);
        if (drawn >= low && drawn <= high) return drawn;
      }
      return mean;
    },
  };
}

function kernelDensity({ mean, deviation, mass }: Kernel, place: number): number {
  const z = (place - mean) / deviation;
  return portableExp(-0.5 * z * z) / (deviation * mass * Math.sqrt(2 * Math.PI));
}

/** Box and Muller's transform, which takes two words. */
function drawNormal(stream: RandomStream): number {
  const radius = Math.sqrt(-2 * portableLog(1 - stream.uniform(0, 1)));
  return radius * portableCos(2 * Math.PI * stream.uniform(0, 1));
}

/**
 * Returns the probability that a standard normal number is below `z`, to within 1e-7.
 *
 * @see Abramowitz and Stegun (1964), formula 26.2.17
 */
export function normalCdf(z: number): number {
  if (z < 0) return 1 - normalCdf(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (portableExp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)) * polynomial;
}

/**
 * Estimates the probabilities of the values of a list: the number of times that each was seen, and one more.
 *
 * @param indices of the values that were seen
 * @returns one probability per value; they add up to 1
 * @see Bergstra et al. (2011), section 4.2: the even distribution is the prior
 */
export function estimateProbabilities(indices: readonly number[], numValues: number): readonly number[] {
  const counts = Array.from({ length: numValues }, () => 1);
  for (const index of indices) counts[index]++;
  return counts.map((count) => count / (indices.length + numValues));
}
