/*
 * One optimizer step on a range of weights, as `OptimizerSettings` of libs/model defines it. The gradient is the sum of the
 * gradients of the 8 shards, in order.
 */
import { NUM_SHARDS } from '../src/program/contract';

// @ts-ignore: decorator
@inline
function gradientAt(at: usize, shardBytes: usize): v128 {
  let sum = v128.load(at);
  for (let shard: usize = 1; shard < <usize>NUM_SHARDS; shard++) sum = f32x4.add(sum, v128.load(at + shard * shardBytes));
  return sum;
}

/** velocity = momentum * velocity + g; w -= rate * velocity, or with Nesterov's w -= rate * (g + momentum * velocity). */
export function sgd(
  weights: usize, gradients: usize, shardBytes: usize, velocities: usize, bytes: usize,
  rate: f32, momentum: f32, nesterov: bool,
): void {
  const rate4 = f32x4.splat(rate), momentum4 = f32x4.splat(momentum);
  for (let at: usize = 0; at < bytes; at += 16) {
    const gradient = gradientAt(gradients + at, shardBytes);
    const velocity = f32x4.add(f32x4.mul(momentum4, v128.load(velocities + at)), gradient);
    v128.store(velocities + at, velocity);
    const direction = nesterov ? f32x4.add(gradient, f32x4.mul(momentum4, velocity)) : velocity;
    v128.store(weights + at, f32x4.sub(v128.load(weights + at), f32x4.mul(rate4, direction)));
  }
}

/**
 * m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g^2;
 * w -= rate * decay * w; w -= rate * (m / correction1) / (sqrt(v / correction2) + epsilon).
 */
export function adam(
  weights: usize, gradients: usize, shardBytes: usize, means: usize, squares: usize, bytes: usize,
  rate: f32, beta1: f64, beta2: f64, epsilon: f64, decay: f64, correction1: f64, correction2: f64,
): void {
  const b1 = f32x4.splat(<f32>beta1), rest1 = f32x4.splat(<f32>(1 - beta1));
  const b2 = f32x4.splat(<f32>beta2), rest2 = f32x4.splat(<f32>(1 - beta2));
  const rateOverCorrection = f32x4.splat(<f32>(<f64>rate / correction1));
  const inverse2 = f32x4.splat(<f32>(1 / correction2));
  const epsilon4 = f32x4.splat(<f32>epsilon);
  const kept = f32x4.splat(<f32>(1 - <f64>rate * decay));
  for (let at: usize = 0; at < bytes; at += 16) {
    const gradient = gradientAt(gradients + at, shardBytes);
    const mean = f32x4.add(f32x4.mul(b1, v128.load(means + at)), f32x4.mul(rest1, gradient));
    const square = f32x4.add(
      f32x4.mul(b2, v128.load(squares + at)),
      f32x4.mul(rest2, f32x4.mul(gradient, gradient)),
    );
    v128.store(means + at, mean);
    v128.store(squares + at, square);
    const size = f32x4.add(f32x4.sqrt(f32x4.mul(square, inverse2)), epsilon4);
    const weight = f32x4.mul(kept, v128.load(weights + at));
    v128.store(weights + at, f32x4.sub(weight, f32x4.div(f32x4.mul(rateOverCorrection, mean), size)));
  }
}

/** average = decay * average + (1 - decay) * weight. */
export function moveAverage(averages: usize, weights: usize, bytes: usize, decay: f32): void {
  const kept = f32x4.splat(decay), added = f32x4.splat(1 - decay);
  for (let at: usize = 0; at < bytes; at += 16) {
    const sum = f32x4.add(f32x4.mul(kept, v128.load(averages + at)), f32x4.mul(added, v128.load(weights + at)));
    v128.store(averages + at, sum);
  }
}
