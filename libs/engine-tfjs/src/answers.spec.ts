import type { LabelledImages } from '@digits/data';
import type { TargetImages } from '@digits/model';
import * as tf from '@tensorflow/tfjs-core';
import { type BatchAnswers, uploadAnswers } from './answers.ts';
import { runOnBackend } from './backend.ts';
import { createTfjsEngine } from './node.ts';

/** Three images of 2x1 pixels, each with targets of two channels. */
const TARGETS: TargetImages = {
  images: new Uint8Array(6),
  targets: Uint8Array.of(0, 0, 0, 0, 255, 0, 51, 128, 127, 255, 255, 255),
  count: 3,
  height: 2,
  width: 1,
  channels: 1,
  targetShape: [2, 1, 2],
};

const LABELS: LabelledImages = {
  images: new Uint8Array(3),
  labels: Uint8Array.of(2, 0, 1),
  count: 3,
  height: 1,
  width: 1,
  channels: 1,
  numClasses: 3,
};

beforeAll(async () => {
  await createTfjsEngine({ backend: 'cpu' });
  await createTfjsEngine({ backend: 'wasm' });
});

describe.each(['cpu', 'wasm'] as const)('uploadAnswers on %s', (backend) => {
  const score = (dataset: LabelledImages | TargetImages, samples: number[], values: number[], shape: number[]) =>
    runOnBackend(backend, () =>
      tf.tidy(() => {
        const answers: BatchAnswers = uploadAnswers(dataset, Uint32Array.from(samples), { labelSmoothing: 0 });
        const logits = tf.tensor(values, shape);
        const { value, grad } = tf.valueAndGrad(answers.meanLoss)(logits);
        const numCorrect = answers.numCorrect(logits);
        return [value, grad, numCorrect].map((tensor) => Array.from(tensor.dataSync()));
      }),
    );

  it('takes the targets of the samples, in their order', async () => {
    // python3 -c "
    // from math import exp, log; s = lambda x: 1 / (1 + exp(-x))
    // x = [1, -2, 0.5, 0, -1, 3, 0, 4]; t = [127/255, 1, 1, 1, 1, 0, 51/255, 128/255]
    // print(sum(-b * log(s(a)) - (1 - b) * log(1 - s(a)) for a, b in zip(x, t)) / 8, [(s(a) - b) / 8 for a, b in zip(x, t)])"
    const [loss, gradient, numCorrect] = await score(TARGETS, [2, 1], [1, -2, 0.5, 0, -1, 3, 0, 4], [2, 2, 1, 2]);
    expect(loss[0]).toBeCloseTo(1.3968347, 6);
    [0.0291274, -0.1100996, -0.0471926, -0.0625, -0.0913823, 0.1190718, 0.0375, 0.0600066].forEach((value, i) => {
      expect(gradient[i]).toBeCloseTo(value, 6);
    });
    expect(numCorrect).toEqual([1, 2]);
  });

  it('keeps the loss and the gradient of logits of any size finite', async () => {
    const [loss, gradient, numCorrect] = await score(TARGETS, [0, 1], [3e38, 1e4, -3e38, -1e4, 3e38, 3e38, 0, 0], [2, 2, 1, 2]); // prettier-ignore
    expect(loss[0] / (6e38 / 8)).toBeCloseTo(1, 5);
    expect(gradient).toEqual([0.125, 0.125, 0, 0, 0, 0.125, expect.any(Number), expect.any(Number)]);
    expect(numCorrect).toEqual([2, 2]);
  });

  it('counts the images whose largest logit is that of the label', async () => {
    const [loss, , numCorrect] = await score(LABELS, [1, 0, 2], [0, 0, 0, 5, 1, 2, 1, 4, 2], [3, 3]);
    // log(3), 5 - 2 + log(1 + e^-4 + e^-3), log(e^-3 + 1 + e^-2)
    expect(loss[0]).toBeCloseTo((Math.log(3) + 3 + Math.log(1 + Math.exp(-4) + Math.exp(-3)) + Math.log(1 + Math.exp(-3) + Math.exp(-2))) / 3, 6); // prettier-ignore
    expect(numCorrect).toEqual([1, 0, 1]);
  });
});
