/*
 * The portable mathematics of libs/data: the same operations in the same order, so the same bits on every processor. `expOfNegative`
 * is in the kernels alone.
 */

const LN2_HIGH: f64 = 0.6931471805598903;
const LN2_LOW: f64 = 5.497923018708371e-14;
const INVERSE_LN2: f64 = 1.4426950408889634;

/** e to the power of x, within 1 unit in the last place. */
export function portableExp(x: f64): f64 {
  if (x != x) return x;
  if (x > 710) return Infinity;
  if (x < -746) return 0;
  const exponent = floor(x * INVERSE_LN2 + 0.5);
  const high = x - exponent * LN2_HIGH;
  const low = 0 - exponent * LN2_LOW;
  const r = high + low;
  const rLow = low - (r - high);
  const sum: f64 = 1 + r;
  const error = r - (sum - 1);
  const beyondLinear = r * r * expSeries(r) + rLow * (1 + r);
  return scaleByPowerOfTwo(sum + (error + beyondLinear), <i32>exponent);
}

/** e to the power of two numbers of at most 0, within a few units in the last place; the smallest results are 3e-308. */
// @ts-ignore: decorator
@inline
export function expOfNegative(x: v128): v128 {
  x = f64x2.pmax(x, f64x2.splat(-708));
  // Adding 1.5 * 2^52 rounds to a whole number, and leaves it in the lowest bits.
  const rounded = f64x2.add(f64x2.mul(x, f64x2.splat(INVERSE_LN2)), f64x2.splat(6755399441055744));
  const exponent = f64x2.sub(rounded, f64x2.splat(6755399441055744));
  const high = f64x2.sub(x, f64x2.mul(exponent, f64x2.splat(LN2_HIGH)));
  const r = f64x2.sub(high, f64x2.mul(exponent, f64x2.splat(LN2_LOW)));
  let value = f64x2.splat(1.0 / 479001600.0);
  value = f64x2.add(f64x2.mul(value, r), f64x2.splat(1.0 / 39916800.0));
  value = f64x2.add(f64x2.mul(value, r), f64x2.splat(1.0 / 3628800.0));
  value = f64x2.add(f64x2.mul(value, r), f64x2.splat(1.0 / 362880.0));
  value = f64x2.add(f64x2.mul(value, r), f64x2.splat(1.0 / 40320.0));
  value = f64x2.add(f64x2.mul(value, r), f64x2.splat(1.0 / 5040.0));
  value = f64x2.add(f64x2.mul(value, r), f64x2.splat(1.0 / 720.0));
  value = f64x2.add(f64x2.mul(value, r), f64x2.splat(1.0 / 120.0));
  value = f64x2.add(f64x2.mul(value, r), f64x2.splat(1.0 / 24.0));
  value = f64x2.add(f64x2.mul(value, r), f64x2.splat(1.0 / 6.0));
  value = f64x2.add(f64x2.mul(value, r), f64x2.splat(0.5));
  value = f64x2.add(f64x2.mul(f64x2.add(f64x2.mul(value, r), f64x2.splat(1)), r), f64x2.splat(1));
  return i64x2.add(value, i64x2.shl(rounded, 52));
}

/** 1/2! + r/3! + ... + r^12/14!. */
function expSeries(r: f64): f64 {
  let value: f64 = 1.0 / 87178291200.0;
  value = value * r + 1.0 / 6227020800.0;
  value = value * r + 1.0 / 479001600.0;
  value = value * r + 1.0 / 39916800.0;
  value = value * r + 1.0 / 3628800.0;
  value = value * r + 1.0 / 362880.0;
  value = value * r + 1.0 / 40320.0;
  value = value * r + 1.0 / 5040.0;
  value = value * r + 1.0 / 720.0;
  value = value * r + 1.0 / 120.0;
  value = value * r + 1.0 / 24.0;
  value = value * r + 1.0 / 6.0;
  return value * r + 0.5;
}

/**
 * The natural logarithm of a positive number, within a few units in the last place (plain double precision: the loss is
 * reported, nothing is computed from it).
 */
export function portableLog(x: f64): f64 {
  if (!(x > 0)) return x == 0 ? -Infinity : NaN;
  if (x == Infinity) return Infinity;
  let bits = reinterpret<u64>(x);
  let exponent = <i32>(bits >> 52) - 1023;
  let mantissa = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5;
    exponent++;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const z = s * s;
  let series: f64 = 1.0 / 27.0;
  for (let odd: f64 = 25; odd > 0; odd -= 2) series = series * z + 1 / odd;
  return <f64>exponent * LN2_HIGH + (2 * s * series + <f64>exponent * LN2_LOW);
}

/** The sine of an angle of at most 1e6 radians, within 1 unit in the last place. */
export function portableSin(x: f64): f64 {
  if (abs(x) < TINY_ANGLE) return x;
  const quarter = reduceAngle(x);
  const value = quarter & 1 ? cosReduced(reducedHigh, reducedLow) : sinReduced(reducedHigh, reducedLow);
  return quarter < 2 ? value : -value;
}

/** The cosine of an angle of at most 1e6 radians, within 1 unit in the last place. */
export function portableCos(x: f64): f64 {
  const quarter = reduceAngle(x);
  const value = quarter & 1 ? sinReduced(reducedHigh, reducedLow) : cosReduced(reducedHigh, reducedLow);
  return quarter == 0 || quarter == 3 ? value : -value;
}

const TINY_ANGLE: f64 = 7.450580596923828e-9;
const TWO_OVER_PI: f64 = 0.6366197723675814;
/** pi / 2 in parts of 33, 33, 33 and 53 bits. */
const HALF_PI_1: f64 = 1.5707963267341256;
const HALF_PI_2: f64 = 6.077100506303966e-11;
const HALF_PI_3: f64 = 2.0222662487111665e-21;
const HALF_PI_4: f64 = 8.4784276603689e-32;

let reducedHigh: f64 = 0;
let reducedLow: f64 = 0;
let sumLow: f64 = 0;

/** x = quarter * pi / 2 + reducedHigh + reducedLow modulo 2 pi; gives the quarter, 0 to 3. */
function reduceAngle(x: f64): i32 {
  const n = floor(x * TWO_OVER_PI + 0.5);
  const a = twoSum(x - n * HALF_PI_1, -n * HALF_PI_2);
  const aLow = sumLow;
  const b = twoSum(a, -n * HALF_PI_3);
  const bLow = sumLow;
  reducedHigh = twoSum(b, aLow + (bLow - n * HALF_PI_4));
  reducedLow = sumLow;
  return <i32>(n - 4 * floor(n / 4));
}

/** The exact sum of any two: the double nearest to it, and in {@link sumLow} what it lacks. */
function twoSum(a: f64, b: f64): f64 {
  const sum = a + b;
  const bPart = sum - a;
  sumLow = a - (sum - bPart) + (b - bPart);
  return sum;
}

function sinReduced(r: f64, rLow: f64): f64 {
  const z = r * r;
  return r + (r * z * sinSeries(z) + rLow * (1 - z / 2));
}

function cosReduced(r: f64, rLow: f64): f64 {
  const z = r * r;
  const sum = 1 - z / 2;
  const error = -z / 2 - (sum - 1);
  return sum + (error + (z * z * cosSeries(z) - r * rLow));
}

/** -1/3! + z/5! - ... - z^8/19!. */
function sinSeries(z: f64): f64 {
  let value: f64 = -1.0 / 121645100408832000.0;
  value = value * z + 1.0 / 355687428096000.0;
  value = value * z - 1.0 / 1307674368000.0;
  value = value * z + 1.0 / 6227020800.0;
  value = value * z - 1.0 / 39916800.0;
  value = value * z + 1.0 / 362880.0;
  value = value * z - 1.0 / 5040.0;
  value = value * z + 1.0 / 120.0;
  return value * z - 1.0 / 6.0;
}

/** 1/4! - z/6! + ... - z^7/18!. */
function cosSeries(z: f64): f64 {
  let value: f64 = -1.0 / 6402373705728000.0;
  value = value * z + 1.0 / 20922789888000.0;
  value = value * z - 1.0 / 87178291200.0;
  value = value * z + 1.0 / 479001600.0;
  value = value * z - 1.0 / 3628800.0;
  value = value * z + 1.0 / 40320.0;
  value = value * z - 1.0 / 720.0;
  return value * z + 1.0 / 24.0;
}

/** base^exponent for a whole exponent, by squaring. */
export function powerOf(base: f64, exponent: u32): f64 {
  let power: f64 = 1;
  for (; exponent; exponent >>= 1, base *= base) if (exponent & 1) power *= base;
  return power;
}

function scaleByPowerOfTwo(value: f64, exponent: i32): f64 {
  if (exponent > 1023) return value * powerOfTwo(1023) * powerOfTwo(exponent - 1023);
  if (exponent < -1022) return value * powerOfTwo(-1000) * powerOfTwo(exponent + 1000);
  return value * powerOfTwo(exponent);
}

// @ts-ignore: decorator
@inline
function powerOfTwo(exponent: i32): f64 {
  return reinterpret<f64>(<u64>(exponent + 1023) << 52);
}
