/** The normal distribution's 97.5th percentile: the interval then covers 95%. */
export const Z_95 = 1.959963984540054;

/**
 * Returns Wilson's score interval of a share, such as an accuracy with the number of samples behind it.
 *
 * Unlike share +- z * standard error it stays within [0, 1] and says something at 0 and at all.
 *
 * @param successes an integer in [0, trials]
 * @param trials a positive integer
 * @param options `z` is how many standard deviations wide, positive; default 1.959963984540054 for 95%
 * @returns `[lower, upper]`, both in [0, 1]
 * @throws RangeError where an argument is out of its range
 * @see Wilson, "Probable inference, the law of succession, and statistical inference", 1927
 */
export function wilsonInterval(
  successes: number,
  trials: number,
  { z = Z_95 }: { readonly z?: number } = {},
): [lower: number, upper: number] {
  if (!Number.isSafeInteger(trials) || trials < 1) {
    throw new RangeError(`wilsonInterval: trials must be a positive integer, got ${trials}`);
  }
  if (!Number.isSafeInteger(successes) || successes < 0 || successes > trials) {
    throw new RangeError(`wilsonInterval: successes must be an integer in [0, ${trials}], got ${successes}`);
  }
  if (!(z > 0 && z < Infinity)) throw new RangeError(`wilsonInterval: z must be positive and finite, got ${z}`);
  const share = successes / trials;
  const zSquared = z * z;
  const centre = (share + zSquared / (2 * trials)) / (1 + zSquared / trials);
  const spread = (share * (1 - share)) / trials + zSquared / (4 * trials * trials);
  const halfWidth = (z * Math.sqrt(spread)) / (1 + zSquared / trials);
  // At the ends the bounds are 0 and 1 exactly, which rounding would miss.
  return [successes === 0 ? 0 : centre - halfWidth, successes === trials ? 1 : centre + halfWidth];
}
