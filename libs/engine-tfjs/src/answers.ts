import { type SessionSettings, TARGET_SCALE, type TrainingImages } from '@digits/model';
import * as tf from '@tensorflow/tfjs-core';

/** Labels or targets of a batch, against which logits are scored. */
export interface BatchAnswers {
  /** Returns the mean loss over the batch; differentiable. */
  readonly meanLoss: (logits: tf.Tensor) => tf.Scalar;
  /** Returns `[n]` float32: correct answers of each image, at most 2^24, so that each count is exact. */
  readonly numCorrect: (logits: tf.Tensor) => tf.Tensor1D;
}

/**
 * Uploads the answers of a batch.
 *
 * @param samples indices into the training set
 * @returns functions on tensors that are left to the caller's `tf.tidy`
 */
export function uploadAnswers(
  dataset: TrainingImages,
  samples: Uint32Array,
  { labelSmoothing }: Pick<SessionSettings, 'labelSmoothing'>,
): BatchAnswers {
  if ('labels' in dataset) {
    const labels = Int32Array.from(samples, (sample) => dataset.labels[sample]);
    return classAnswers(tf.tensor1d(labels, 'int32'), labelSmoothing);
  }
  const size = dataset.targets.length / dataset.count;
  const targets = new Float32Array(samples.length * size);
  samples.forEach((sample, row) => {
    const values = dataset.targets.subarray(sample * size, (sample + 1) * size);
    values.forEach((value, i) => (targets[row * size + i] = value / TARGET_SCALE));
  });
  return pixelAnswers(tf.tensor(targets, [samples.length, ...dataset.targetShape]));
}

/**
 * Scores logits by softmax cross-entropy with smoothed labels.
 *
 * @param labels `[n]` int32
 */
function classAnswers(labels: tf.Tensor1D, labelSmoothing: number): BatchAnswers {
  return {
    meanLoss: (logits) => {
      const targets = tf.oneHot(labels, logits.shape[1] ?? 0);
      return tf.losses.softmaxCrossEntropy(targets, logits, undefined, labelSmoothing);
    },
    numCorrect: (logits) => tf.cast(tf.equal<tf.Tensor1D>(tf.argMax(logits, 1), labels), 'float32'),
  };
}

/**
 * Scores logits by sigmoid cross-entropy.
 *
 * @param targets `[n, h, w, c]` float32 in [0, 1]
 */
function pixelAnswers(targets: tf.Tensor): BatchAnswers {
  const meanLoss = tf.customGrad((...args) => {
    const [logits, save] = args as unknown as [tf.Tensor, (tensors: tf.Tensor[]) => void]; // the typings have tensors only
    save([logits]);
    return {
      value: meanSigmoidCrossEntropy(logits, targets),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => sigmoidGradient(dy, saved[0], targets),
    };
  });
  return {
    meanLoss: (logits) => meanLoss(logits),
    numCorrect: (logits) => {
      // A target of 128 / 255 or more is on the positive side.
      const correct = tf.equal(tf.greater(logits, 0), tf.greater(targets, 0.5));
      return tf.sum<tf.Tensor1D>(tf.reshape(tf.cast(correct, 'float32'), [targets.shape[0], -1]), 1);
    },
  };
}

/** -target * log(sigmoid(logit)) - (1 - target) * log(1 - sigmoid(logit)), without an exponential or a sum that overflows. */
function meanSigmoidCrossEntropy(logits: tf.Tensor, targets: tf.Tensor): tf.Scalar {
  const linear = tf.sub(tf.relu(logits), tf.mul(logits, targets));
  const losses = tf.add(linear, tf.log1p(tf.exp(tf.neg(tf.abs(logits)))));
  return tf.sum(tf.mul(losses, 1 / targets.size));
}

/** Derivative of the mean loss by the logits: (sigmoid(logit) - target) / size. */
function sigmoidGradient(dy: tf.Tensor, logits: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  return tf.mul(dy, tf.mul(tf.sub(tf.sigmoid(logits), targets), 1 / targets.size));
}
