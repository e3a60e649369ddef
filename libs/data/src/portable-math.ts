/**
 * Elementary functions that give the same bits on every JavaScript engine and, repeated in WebAssembly, there too:
 * they use only operations that IEEE 754 defines to the last bit (+ - * / and floor, and the bits of a double), never
 * `Math.exp` and its kin, whose last bits each engine chooses. Every result is within 0.75 units in the last place (subnormal
 * ones within 1), as measured by the spec beside this file.
 *
 * The methods are the textbook ones: Cody and Waite's range reduction with constants in several parts, then Taylor
 * series on the reduced range; logarithms are carried in double-double arithmetic (Dekker), which `pow` needs.
 *
 * @see Muller, "Elementary Functions: Algorithms and Implementation", 3rd edition, chapters 4, 9 and 11
 * @see Dekker, "A floating-point technique for extending the available precision", 1971
 */

/** An unevaluated sum, `[high, low]`: high is the double nearest to it. */
type DoubleDouble = readonly [number, number];

/** ln 2 in two parts; the first has 42 bits, so that its product with an exponent is exact. */
const LN2_HIGH = 0.6931471805598903;
const LN2_LOW = 5.497923018708371e-14;
const INVERSE_LN2 = 1.4426950408889634;

/** pi / 2 in parts of 33, 33, 33 and 53 bits: the first three's products with an integer up to 2^20 are exact. */
const HALF_PI_PARTS = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32] as const;
const TWO_OVER_PI = 0.6366197723675814;
const MAX_ANGLE = 1e6;
/** Below it, sin x is x and cos x is 1, in double precision. */
const TINY_ANGLE = 2 ** -27;

/** 1 / 3 beyond the double nearest to it. */
const THIRD_LOW = 1.850371707708594e-17;
/** Every power beyond it is 0, 1 or infinite, as |log x| is at least 2^-53 for x other than 1. */
const MAX_EXPONENT = 2 ** 64;
const SMALLEST_NORMAL = 2 ** -1022;

/** (exp r - 1 - r) / r^2 = 1/2! + r/3! + ... for |r| up to ln 2 / 2. */
const EXP_SERIES = inverseFactorials(2, 1, 13);
/** (sin r - r) / r^3 = -1/3! + r^2/5! - ... for |r| up to pi / 4. */
const SIN_SERIES = inverseFactorials(3, 2, 9).map((value, i) => (i % 2 === 0 ? -value : value));
/** (cos r - 1 + r^2 / 2) / r^4 = 1/4! - r^2/6! + ... for |r| up to pi / 4. */
const COS_SERIES = inverseFactorials(4, 2, 8).map((value, i) => (i % 2 === 0 ? value : -value));
/** 1/5 + z/7 + z^2/9 + ...: what of atanh(s) / s remains after 1 + z/3, over z^2, where z = s^2 is at most 0.0295. */
const ATANH_SERIES = Array.from({ length: 12 }, (_, i) => 1 / (2 * i + 5));

/**
 * e to the power of x.
 *
 * @returns the exponential, within 0.75 units in the last place; Infinity above 709.78, 0 below -745.13, NaN for NaN
 */
export function portableExp(x: number): number {
  return Number.isNaN(x) ? x : expOfSum(x, 0);
}

/**
 * The natural logarithm.
 *
 * @returns the logarithm, within 0.75 units in the last place; -Infinity for 0, NaN for negative numbers
 */
export function portableLog(x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === 0) return -Infinity;
  if (x === Infinity) return Infinity;
  return logOfPositive(x)[0];
}

/**
 * The sine.
 *
 * @param x radians, at most 1e6 either way: beyond that, reduction by pi / 2 would need more of its digits
 * @returns within 0.75 units in the last place; NaN for NaN
 * @throws RangeError when |x| is above 1e6
 */
export function portableSin(x: number): number {
  if (Math.abs(x) < TINY_ANGLE || Number.isNaN(x)) return x;
  const { quarter, high, low } = reduceAngle('portableSin', x);
  const value = quarter % 2 === 0 ? sinReduced(high, low) : cosReduced(high, low);
  return quarter < 2 ? value : -value;
}

/**
 * The cosine.
 *
 * @param x radians, at most 1e6 either way: beyond that, reduction by pi / 2 would need more of its digits
 * @returns within 0.75 units in the last place; NaN for NaN
 * @throws RangeError when |x| is above 1e6
 */
export function portableCos(x: number): number {
  if (Number.isNaN(x)) return x;
  const { quarter, high, low } = reduceAngle('portableCos', x);
  const value = quarter % 2 === 0 ? cosReduced(high, low) : sinReduced(high, low);
  return quarter === 0 || quarter === 3 ? value : -value;
}

/**
 * A power. Zeros, infinities, NaN and negative bases give what ECMAScript's `**` gives.
 *
 * @returns base to the power of exponent, within 0.75 units in the last place
 */
export function portablePow(base: number, exponent: number): number {
  if (exponent === 0) return 1;
  if (Number.isNaN(base) || Number.isNaN(exponent)) return Number.NaN;
  const size = Math.abs(base);
  if (size === 1 && Math.abs(exponent) === Infinity) return Number.NaN;
  const isInteger = Math.floor(exponent) === exponent;
  if (base < 0 && base !== -Infinity && !isInteger) return Number.NaN;
  const isOdd = isInteger && Math.floor(exponent / 2) * 2 !== exponent;
  const isNegative = base < 0 || Object.is(base, -0);
  const power = powOfPositive(size, exponent);
  return isNegative && isOdd ? -power : power;
}

function powOfPositive(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === 0 || base === Infinity || Math.abs(exponent) > MAX_EXPONENT) {
    return base > 1 === exponent > 0 ? Infinity : 0;
  }
  const [logHigh, logLow] = logOfPositive(base);
  const [high, low] = twoProduct(exponent, logHigh);
  return expOfSum(...fastTwoSum(high, low + exponent * logLow));
}

/** exp(high + low), where low is at most half a unit in the last place of high. */
function expOfSum(high: number, low: number): number {
  if (high > 710) return Infinity;
  if (high < -746) return 0;
  const exponent = Math.floor(high * INVERSE_LN2 + 0.5);
  const [r, rLow] = fastTwoSum(high - exponent * LN2_HIGH, low - exponent * LN2_LOW);
  const beyondLinear = r * r * polynomial(EXP_SERIES, r) + rLow * (1 + r);
  const [sum, error] = fastTwoSum(1, r);
  return scaleByPowerOfTwo(sum + (error + beyondLinear), exponent);
}

/** log x as a double-double with a relative error below 2^-63, by 2 atanh(s) with s = (m - 1) / (m + 1), x = m 2^e. */
function logOfPositive(x: number): DoubleDouble {
  const { mantissa, exponent } = decompose(x);
  const f = mantissa - 1;
  const [sum, sumLow] = fastTwoSum(2, f);
  const s = f / sum;
  const [back, backLow] = twoProduct(s, sum);
  const sLow = (f - back - backLow - s * sumLow) / sum;

  const [z, zRest] = twoProduct(s, s);
  const zLow = zRest + 2 * s * sLow;
  const tail = polynomial(ATANH_SERIES, z);
  const [zTail, zTailRest] = twoProduct(z, tail);
  const [series, seriesRest] = fastTwoSum(1 / 3, zTail);
  const seriesLow = seriesRest + (THIRD_LOW + zTailRest + zLow * tail);
  const [cubic, cubicRest] = twoProduct(z, series);
  const cubicLow = cubicRest + z * seriesLow + zLow * series;
  const [beyond, beyondRest] = twoProduct(s, cubic);
  const beyondLow = beyondRest + s * cubicLow + sLow * cubic;
  const [atanh, atanhRest] = fastTwoSum(s, beyond);
  const atanhLow = atanhRest + (sLow + beyondLow);

  const [high, highRest] = fastTwoSum(exponent * LN2_HIGH, 2 * atanh);
  return fastTwoSum(high, highRest + (2 * atanhLow + exponent * LN2_LOW));
}

/** x = quarter * pi / 2 + high + low modulo 2 pi, quarter in 0 to 3, |high| at most a little above pi / 4. */
function reduceAngle(caller: string, x: number): { quarter: number; high: number; low: number } {
  if (Math.abs(x) > MAX_ANGLE) {
    throw new RangeError(`${caller}: x must be in [-${MAX_ANGLE}, ${MAX_ANGLE}], got ${x}`);
  }
  const n = Math.floor(x * TWO_OVER_PI + 0.5);
  const [p1, p2, p3, p4] = HALF_PI_PARTS;
  const [a, aLow] = twoSum(x - n * p1, -n * p2);
  const [b, bLow] = twoSum(a, -n * p3);
  const [high, low] = twoSum(b, aLow + (bLow - n * p4));
  return { quarter: n - 4 * Math.floor(n / 4), high, low };
}

function sinReduced(r: number, rLow: number): number {
  const z = r * r;
  return r + (r * z * polynomial(SIN_SERIES, z) + rLow * (1 - z / 2));
}

function cosReduced(r: number, rLow: number): number {
  const z = r * r;
  const [sum, error] = fastTwoSum(1, -z / 2);
  return sum + (error + (z * z * polynomial(COS_SERIES, z) - r * rLow));
}

/** Horner's rule; coefficients from the constant upwards. */
function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) value = value * x + coefficients[i];
  return value;
}

/** 1 / first!, 1 / (first + step)!, ...; the factorials are exact (at most 21! needs 53 bits without its zeros). */
function inverseFactorials(first: number, step: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    let factorial = 1;
    for (let k = 2; k <= first + i * step; k++) factorial *= k;
    return 1 / factorial;
  });
}

/** The exact sum, for |a| at least |b| or a = 0. */
function fastTwoSum(a: number, b: number): DoubleDouble {
  const sum = a + b;
  return [sum, b - (sum - a)];
}

/** The exact sum of any two (Knuth). */
function twoSum(a: number, b: number): DoubleDouble {
  const sum = a + b;
  const bPart = sum - a;
  return [sum, a - (sum - bPart) + (b - bPart)];
}

/** The exact product (Dekker), where nothing over- or underflows. */
function twoProduct(a: number, b: number): DoubleDouble {
  const product = a * b;
  const [aHigh, aLow] = split(a);
  const [bHigh, bLow] = split(b);
  return [product, aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)];
}

/** Two halves of 26 bits each (Veltkamp). */
function split(a: number): DoubleDouble {
  const scaled = (2 ** 27 + 1) * a;
  const high = scaled - (scaled - a);
  return [high, a - high];
}

const bits = new DataView(new ArrayBuffer(8));

/** x = mantissa * 2^exponent with the mantissa within a factor sqrt 2 of 1. */
function decompose(x: number): { mantissa: number; exponent: number } {
  const isSubnormal = x < SMALLEST_NORMAL;
  bits.setFloat64(0, isSubnormal ? x * 2 ** 54 : x);
  const word = bits.getUint32(0);
  const exponent = (word >>> 20) - 1023 - (isSubnormal ? 54 : 0);
  bits.setUint32(0, (word & 0xfffff) | 0x3ff00000);
  const mantissa = bits.getFloat64(0);
  return mantissa > Math.SQRT2 ? { mantissa: mantissa / 2, exponent: exponent + 1 } : { mantissa, exponent };
}

/** value * 2^exponent for a value near 1, rounded once, subnormal results included. */
function scaleByPowerOfTwo(value: number, exponent: number): number {
  if (exponent > 1023) return value * powerOfTwo(1023) * powerOfTwo(exponent - 1023);
  if (exponent < -1022) return value * powerOfTwo(-1000) * powerOfTwo(exponent + 1000);
  return value * powerOfTwo(exponent);
}

/** 2^exponent from its bits, for exponents of normal numbers. */
function powerOfTwo(exponent: number): number {
  bits.setUint32(0, (exponent + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}
