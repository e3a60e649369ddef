/*
 * The transforms of Winograd's method along one axis, for tiles of 4 and of 6 outputs, on vectors of 4 channels that are
 * `fromStep` and `toStep` bytes apart. A transformed 3x3 filter or tile of t x t outputs has (t + 2)^2 points:
 *
 *   t = 4: 0, 1, -1, 2, -2, infinity          t = 6: 0, 1, -1, 2, -2, 1/2, -1/2, infinity
 *
 * The rows of 1/2 and -1/2 are scaled by 32 in A and by 1/32 in G, which keeps every factor of A whole and changes no bit.
 */

// @ts-ignore: decorator
@inline
function times(x: v128, factor: f32): v128 {
  return f32x4.mul(x, f32x4.splat(factor));
}

/** B' along one axis: t + 2 vectors to t + 2. */
// @ts-ignore: decorator
@inline
export function inputTransform(tile: i32, from: usize, fromStep: usize, to: usize, toStep: usize): void {
  if (tile == 6) inputTransform6(from, fromStep, to, toStep);
  else inputTransform4(from, fromStep, to, toStep);
}

// @ts-ignore: decorator
@inline
function inputTransform4(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + fromStep);
  const d2 = v128.load(from + 2 * fromStep);
  const d3 = v128.load(from + 3 * fromStep);
  const d4 = v128.load(from + 4 * fromStep);
  const d5 = v128.load(from + 5 * fromStep);
  const even = f32x4.sub(d4, times(d2, 4));
  const odd = f32x4.sub(d3, times(d1, 4));
  const even2 = f32x4.sub(d4, d2);
  const odd2 = times(f32x4.sub(d3, d1), 2);
  v128.store(to, f32x4.add(f32x4.sub(times(d0, 4), times(d2, 5)), d4));
  v128.store(to + toStep, f32x4.add(even, odd));
  v128.store(to + 2 * toStep, f32x4.sub(even, odd));
  v128.store(to + 3 * toStep, f32x4.add(even2, odd2));
  v128.store(to + 4 * toStep, f32x4.sub(even2, odd2));
  v128.store(to + 5 * toStep, f32x4.add(f32x4.sub(times(d1, 4), times(d3, 5)), d5));
}

// @ts-ignore: decorator
@inline
function inputTransform6(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + fromStep);
  const d2 = v128.load(from + 2 * fromStep);
  const d3 = v128.load(from + 3 * fromStep);
  const d4 = v128.load(from + 4 * fromStep);
  const d5 = v128.load(from + 5 * fromStep);
  const d6 = v128.load(from + 6 * fromStep);
  const d7 = v128.load(from + 7 * fromStep);
  v128.store(to, f32x4.add(f32x4.sub(d0, d6), times(f32x4.sub(d4, d2), 5.25)));
  v128.store(to + 7 * toStep, f32x4.add(f32x4.sub(d7, d1), times(f32x4.sub(d3, d5), 5.25)));
  const even = f32x4.sub(f32x4.add(d2, d6), times(d4, 4.25));
  const odd = f32x4.sub(f32x4.add(d1, d5), times(d3, 4.25));
  v128.store(to + toStep, f32x4.add(even, odd));
  v128.store(to + 2 * toStep, f32x4.sub(even, odd));
  const middle = times(d4, 1.25), middleOdd = times(d3, 2.5);
  const even2 = f32x4.add(f32x4.sub(times(d2, 0.25), middle), d6);
  const odd2 = f32x4.add(f32x4.sub(times(d1, 0.5), middleOdd), times(d5, 2));
  v128.store(to + 3 * toStep, f32x4.add(even2, odd2));
  v128.store(to + 4 * toStep, f32x4.sub(even2, odd2));
  const even3 = f32x4.add(times(f32x4.sub(d2, middle), 4), d6);
  const odd3 = f32x4.add(f32x4.sub(times(d1, 2), middleOdd), times(d5, 0.5));
  v128.store(to + 5 * toStep, f32x4.add(even3, odd3));
  v128.store(to + 6 * toStep, f32x4.sub(even3, odd3));
}

/** B along one axis: t + 2 vectors to t + 2. */
// @ts-ignore: decorator
@inline
export function patchGradientTransform(tile: i32, from: usize, fromStep: usize, to: usize, toStep: usize): void {
  if (tile == 6) patchGradientTransform6(from, fromStep, to, toStep);
  else patchGradientTransform4(from, fromStep, to, toStep);
}

// @ts-ignore: decorator
@inline
function patchGradientTransform4(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const m0 = v128.load(from);
  const m1 = v128.load(from + fromStep), m2 = v128.load(from + 2 * fromStep);
  const m3 = v128.load(from + 3 * fromStep), m4 = v128.load(from + 4 * fromStep);
  const m5 = v128.load(from + 5 * fromStep);
  const sum = f32x4.add(m1, m2), difference = f32x4.sub(m1, m2);
  const sum2 = f32x4.add(m3, m4), twice = times(f32x4.sub(m3, m4), 2);
  v128.store(to, times(m0, 4));
  v128.store(to + toStep, f32x4.sub(times(f32x4.sub(m5, difference), 4), twice));
  v128.store(to + 2 * toStep, f32x4.sub(f32x4.sub(times(m0, -5), times(sum, 4)), sum2));
  v128.store(to + 3 * toStep, f32x4.sub(f32x4.add(difference, twice), times(m5, 5)));
  v128.store(to + 4 * toStep, f32x4.add(f32x4.add(m0, sum), sum2));
  v128.store(to + 5 * toStep, m5);
}

// @ts-ignore: decorator
@inline
function patchGradientTransform6(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const m0 = v128.load(from), m7 = v128.load(from + 7 * fromStep);
  const m1 = v128.load(from + fromStep), m2 = v128.load(from + 2 * fromStep);
  const m3 = v128.load(from + 3 * fromStep), m4 = v128.load(from + 4 * fromStep);
  const m5 = v128.load(from + 5 * fromStep), m6 = v128.load(from + 6 * fromStep);
  const sum = f32x4.add(m1, m2), difference = f32x4.sub(m1, m2);
  const sum2 = f32x4.add(m3, m4), difference2 = f32x4.sub(m3, m4);
  const sum3 = f32x4.add(m5, m6), difference3 = f32x4.sub(m5, m6);
  v128.store(to, m0);
  v128.store(to + 7 * toStep, m7);
  v128.store(to + toStep, f32x4.add(f32x4.sub(difference, m7), f32x4.add(times(difference2, 0.5), times(difference3, 2))));
  const rest = f32x4.add(times(difference, -4.25), times(f32x4.add(difference2, difference3), -2.5));
  v128.store(to + 3 * toStep, f32x4.add(rest, times(m7, 5.25)));
  v128.store(to + 5 * toStep, f32x4.add(f32x4.add(difference, times(m7, -5.25)), f32x4.add(times(difference2, 2), times(difference3, 0.5))));
  v128.store(to + 2 * toStep, f32x4.add(f32x4.add(sum, times(m0, -5.25)), f32x4.add(times(sum2, 0.25), times(sum3, 4))));
  const rest2 = f32x4.add(times(sum, 4.25), f32x4.add(times(sum2, 1.25), times(sum3, 5)));
  v128.store(to + 4 * toStep, f32x4.sub(times(m0, 5.25), rest2));
  v128.store(to + 6 * toStep, f32x4.add(f32x4.sub(sum, m0), f32x4.add(sum2, sum3)));
}

/** A' along one axis: t + 2 vectors to t; along the last one also plus `bias` and at least `floor`. */
// @ts-ignore: decorator
@inline
export function outputTransform(
  tile: i32, from: usize, fromStep: usize, to: usize, toStep: usize, isLast: bool, bias: v128, floor: v128,
): void {
  if (tile == 6) outputTransform6(from, fromStep, to, toStep, isLast, bias, floor);
  else outputTransform4(from, fromStep, to, toStep, isLast, bias, floor);
}

// @ts-ignore: decorator
@inline
function storeOutput(to: usize, y: v128, isLast: bool, bias: v128, floor: v128): void {
  v128.store(to, isLast ? f32x4.pmax(f32x4.add(y, bias), floor) : y);
}

// @ts-ignore: decorator
@inline
function outputTransform4(
  from: usize, fromStep: usize, to: usize, toStep: usize, isLast: bool, bias: v128, floor: v128,
): void {
  const m0 = v128.load(from);
  const m1 = v128.load(from + fromStep);
  const m2 = v128.load(from + 2 * fromStep);
  const m3 = v128.load(from + 3 * fromStep);
  const m4 = v128.load(from + 4 * fromStep);
  const m5 = v128.load(from + 5 * fromStep);
  const sum = f32x4.add(m1, m2), difference = f32x4.sub(m1, m2);
  const sum2 = f32x4.add(m3, m4), difference2 = f32x4.sub(m3, m4);
  storeOutput(to, f32x4.add(f32x4.add(m0, sum), sum2), isLast, bias, floor);
  storeOutput(to + toStep, f32x4.add(difference, times(difference2, 2)), isLast, bias, floor);
  storeOutput(to + 2 * toStep, f32x4.add(sum, times(sum2, 4)), isLast, bias, floor);
  storeOutput(to + 3 * toStep, f32x4.add(f32x4.add(difference, times(difference2, 8)), m5), isLast, bias, floor);
}

// @ts-ignore: decorator
@inline
function outputTransform6(
  from: usize, fromStep: usize, to: usize, toStep: usize, isLast: bool, bias: v128, floor: v128,
): void {
  const m1 = v128.load(from + fromStep), m2 = v128.load(from + 2 * fromStep);
  const m3 = v128.load(from + 3 * fromStep), m4 = v128.load(from + 4 * fromStep);
  const m5 = v128.load(from + 5 * fromStep), m6 = v128.load(from + 6 * fromStep);
  const sum = f32x4.add(m1, m2), difference = f32x4.sub(m1, m2);
  const sum2 = f32x4.add(m3, m4), difference2 = f32x4.sub(m3, m4);
  const sum3 = f32x4.add(m5, m6), difference3 = f32x4.sub(m5, m6);
  storeOutput(to, f32x4.add(f32x4.add(v128.load(from), sum), f32x4.add(sum2, times(sum3, 32))), isLast, bias, floor);
  storeOutput(to + 2 * toStep, f32x4.add(sum, f32x4.add(times(sum2, 4), times(sum3, 8))), isLast, bias, floor);
  storeOutput(to + 4 * toStep, f32x4.add(sum, f32x4.add(times(sum2, 16), times(sum3, 2))), isLast, bias, floor);
  storeOutput(to + toStep, f32x4.add(difference, f32x4.add(times(difference2, 2), times(difference3, 16))), isLast, bias, floor);
  storeOutput(to + 3 * toStep, f32x4.add(difference, f32x4.add(times(difference2, 8), times(difference3, 4))), isLast, bias, floor);
  const last = f32x4.add(v128.load(from + 7 * fromStep), difference);
  storeOutput(to + 5 * toStep, f32x4.add(last, f32x4.add(times(difference2, 32), difference3)), isLast, bias, floor);
}

/** A along one axis: t vectors to t + 2. */
// @ts-ignore: decorator
@inline
export function gradientTransform(tile: i32, from: usize, fromStep: usize, to: usize, toStep: usize): void {
  if (tile == 6) gradientTransform6(from, fromStep, to, toStep);
  else gradientTransform4(from, fromStep, to, toStep);
}

// @ts-ignore: decorator
@inline
function gradientTransform4(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const y0 = v128.load(from);
  const y1 = v128.load(from + fromStep);
  const y2 = v128.load(from + 2 * fromStep);
  const y3 = v128.load(from + 3 * fromStep);
  const even = f32x4.add(y0, y2), odd = f32x4.add(y1, y3);
  const even2 = f32x4.add(y0, times(y2, 4));
  const odd2 = times(f32x4.add(y1, times(y3, 4)), 2);
  v128.store(to, y0);
  v128.store(to + toStep, f32x4.add(even, odd));
  v128.store(to + 2 * toStep, f32x4.sub(even, odd));
  v128.store(to + 3 * toStep, f32x4.add(even2, odd2));
  v128.store(to + 4 * toStep, f32x4.sub(even2, odd2));
  v128.store(to + 5 * toStep, y3);
}

// @ts-ignore: decorator
@inline
function gradientTransform6(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const y0 = v128.load(from);
  const y1 = v128.load(from + fromStep);
  const y2 = v128.load(from + 2 * fromStep);
  const y3 = v128.load(from + 3 * fromStep);
  const y4 = v128.load(from + 4 * fromStep);
  const y5 = v128.load(from + 5 * fromStep);
  v128.store(to, y0);
  v128.store(to + 7 * toStep, y5);
  const even = f32x4.add(f32x4.add(y0, y2), y4), odd = f32x4.add(f32x4.add(y1, y3), y5);
  v128.store(to + toStep, f32x4.add(even, odd));
  v128.store(to + 2 * toStep, f32x4.sub(even, odd));
  const even2 = f32x4.add(y0, f32x4.add(times(y2, 4), times(y4, 16)));
  const odd2 = f32x4.add(times(y1, 2), f32x4.add(times(y3, 8), times(y5, 32)));
  v128.store(to + 3 * toStep, f32x4.add(even2, odd2));
  v128.store(to + 4 * toStep, f32x4.sub(even2, odd2));
  const even3 = f32x4.add(times(y0, 32), f32x4.add(times(y2, 8), times(y4, 2)));
  const odd3 = f32x4.add(y5, f32x4.add(times(y3, 4), times(y1, 16)));
  v128.store(to + 5 * toStep, f32x4.add(even3, odd3));
  v128.store(to + 6 * toStep, f32x4.sub(even3, odd3));
}

/** G along one axis: 3 vectors to t + 2. */
// @ts-ignore: decorator
@inline
export function filterTransform(tile: i32, from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const g0 = v128.load(from);
  const g1 = v128.load(from + fromStep);
  const g2 = v128.load(from + 2 * fromStep);
  const six = tile == 6;
  v128.store(to, six ? g0 : times(g0, 0.25));
  pair(times(f32x4.add(g0, g2), six ? <f32>(-2.0 / 9.0) : <f32>(-1.0 / 6.0)), times(g1, six ? <f32>(-2.0 / 9.0) : <f32>(-1.0 / 6.0)), to + toStep, toStep);
  if (six) {
    pair(f32x4.add(times(g0, <f32>(1.0 / 90.0)), times(g2, <f32>(2.0 / 45.0))), times(g1, <f32>(1.0 / 45.0)), to + 3 * toStep, toStep);
    pair(f32x4.add(times(g0, <f32>(1.0 / 45.0)), times(g2, <f32>(1.0 / 180.0))), times(g1, <f32>(1.0 / 90.0)), to + 5 * toStep, toStep);
    v128.store(to + 7 * toStep, g2);
  } else {
    pair(f32x4.add(times(g0, <f32>(1.0 / 24.0)), times(g2, <f32>(1.0 / 6.0))), times(g1, <f32>(1.0 / 12.0)), to + 3 * toStep, toStep);
    v128.store(to + 5 * toStep, g2);
  }
}

/** The points p and -p: even and odd part added, and subtracted. */
// @ts-ignore: decorator
@inline
function pair(even: v128, odd: v128, to: usize, toStep: usize): void {
  v128.store(to, f32x4.add(even, odd));
  v128.store(to + toStep, f32x4.sub(even, odd));
}

/** G' along one axis: t + 2 vectors to 3. */
// @ts-ignore: decorator
@inline
export function filterGradientTransform(tile: i32, from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const u0 = v128.load(from);
  const u1 = v128.load(from + fromStep), u2 = v128.load(from + 2 * fromStep);
  const u3 = v128.load(from + 3 * fromStep), u4 = v128.load(from + 4 * fromStep);
  const u5 = v128.load(from + 5 * fromStep);
  const sum = f32x4.add(u1, u2), difference = f32x4.sub(u1, u2);
  const sum2 = f32x4.add(u3, u4), difference2 = f32x4.sub(u3, u4);
  if (tile == 6) {
    const u6 = v128.load(from + 6 * fromStep), u7 = v128.load(from + 7 * fromStep);
    const sum3 = f32x4.add(u5, u6), difference3 = f32x4.sub(u5, u6);
    const near = times(sum, <f32>(2.0 / 9.0));
    const first = f32x4.add(times(sum2, <f32>(1.0 / 90.0)), times(sum3, <f32>(1.0 / 45.0)));
    const last = f32x4.add(times(sum2, <f32>(2.0 / 45.0)), times(sum3, <f32>(1.0 / 180.0)));
    const odd = f32x4.add(times(difference2, <f32>(1.0 / 45.0)), times(difference3, <f32>(1.0 / 90.0)));
    v128.store(to, f32x4.add(f32x4.sub(u0, near), first));
    v128.store(to + toStep, f32x4.sub(odd, times(difference, <f32>(2.0 / 9.0))));
    v128.store(to + 2 * toStep, f32x4.add(f32x4.sub(last, near), u7));
  } else {
    const near = times(sum, <f32>(1.0 / 6.0)), far = times(sum2, <f32>(1.0 / 6.0));
    const odd = times(difference2, <f32>(1.0 / 12.0));
    v128.store(to, f32x4.add(f32x4.sub(times(u0, 0.25), near), times(far, 0.25)));
    v128.store(to + toStep, f32x4.sub(odd, times(difference, <f32>(1.0 / 6.0))));
    v128.store(to + 2 * toStep, f32x4.add(f32x4.sub(far, near), u5));
  }
}
