import { linearEngine } from '../network/linear-engine.fixture.ts';
import type { Architecture } from '../network/architecture.ts';
import { classifyLogits, createClassifier, evaluateClassifier } from './classifier.ts';
import { createModel, type ModelMetadata } from './model.ts';

/** Logits are the two pixels themselves. */
const ARCHITECTURE: Architecture = {
  inputShape: [1, 2, 1],
  layers: [
    { type: 'flatten', name: 'flatten' },
    { type: 'dense', name: 'logits', units: 2, useBias: false },
  ],
};
const WEIGHTS = [{ name: 'logits/kernel', shape: [2, 2], values: Float32Array.of(1, 0, 0, 1) }];
const LOG_3 = Math.log(3);

function classifierWith(facts: Partial<ModelMetadata> = {}) {
  return createClassifier(createModel(ARCHITECTURE, WEIGHTS, facts), linearEngine);
}

describe('createClassifier', () => {
  it('answers with digit, confidence and probabilities', async () => {
    const classifier = await classifierWith();
    const [first, second] = await classifier.classify(Float32Array.of(0, LOG_3, 1, 1));
    expect(first).toMatchObject({ digit: 1, rejected: false });
    expect(first.confidence).toBeCloseTo(0.75, 7);
    expect(first.probabilities[0]).toBeCloseTo(0.25, 7);
    expect(second).toEqual({ digit: 0, confidence: 0.5, probabilities: [0.5, 0.5], rejected: false });
  });

  it('applies the temperature', async () => {
    const classifier = await classifierWith({ temperature: 2 });
    const [{ confidence }] = await classifier.classify(Float32Array.of(0, 2 * LOG_3));
    expect(confidence).toBeCloseTo(0.75, 7);
  });

  it('rejects below the threshold of the confidence', async () => {
    const classifier = await classifierWith({ rejection: { score: 'confidence', threshold: 0.7 } });
    const answers = await classifier.classify(Float32Array.of(0, LOG_3, 1, 1));
    expect(answers.map(({ digit, rejected }) => [digit, rejected])).toEqual([
      [1, false],
      [null, true],
    ]);
    expect(answers[1].confidence).toBe(0.5);
  });

  it('rejects below the threshold of the energy', async () => {
    const classifier = await classifierWith({ rejection: { score: 'energy', threshold: 1 } });
    const answers = await classifier.classify(Float32Array.of(0, 0, 1, 1));
    expect(answers.map(({ rejected }) => rejected)).toEqual([true, false]);
  });

  it('answers no images with no answers', async () => {
    expect(await (await classifierWith()).classify(new Float32Array(0))).toEqual([]);
  });

  it('shows what each layer gave', async () => {
    const activations = await (await classifierWith()).activations(Float32Array.of(0.5, 1));
    expect(activations.map(({ layer, values }) => [layer, [...values]])).toEqual([
      ['flatten', [0.5, 1]],
      ['logits', [0.5, 1]],
    ]);
  });

  it('refuses calls after dispose', async () => {
    const classifier = await classifierWith();
    await classifier.dispose();
    await expect(classifier.classify(Float32Array.of(0, 0))).rejects.toThrow('disposed');
  });
});

describe('classifyLogits', () => {
  it('answers as the classifier does', async () => {
    const facts: Partial<ModelMetadata> = { temperature: 2, rejection: { score: 'confidence', threshold: 0.6 } };
    const logits = Float32Array.of(0, 2 * LOG_3, 1, 1);
    const answers = classifyLogits(createModel(ARCHITECTURE, WEIGHTS, facts), logits);
    expect(answers).toEqual(await (await classifierWith(facts)).classify(logits));
    expect(answers.map(({ digit }) => digit)).toEqual([1, null]);
  });

  it('refuses logits of another network', () => {
    expect(() => classifyLogits(createModel(ARCHITECTURE, WEIGHTS), new Float32Array(3))).toThrow(
      'classifyLogits: logits must have a multiple of 2 values, got 3',
    );
  });
});

describe('createClassifier with a "no digit" output', () => {
  /** Logits are the three pixels themselves; the third stands for "no digit". */
  const architecture: Architecture = {
    inputShape: [1, 3, 1],
    layers: [
      { type: 'flatten', name: 'flatten' },
      { type: 'dense', name: 'logits', units: 3, useBias: false },
    ],
  };
  const weights = [{ name: 'logits/kernel', shape: [3, 3], values: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) }];
  const facts: Partial<ModelMetadata> = { classNames: ['0', '1'], rejection: { score: 'none', threshold: 0.5 } };
  const create = () => createClassifier(createModel(architecture, weights, facts), linearEngine);

  it('shares the probability among the digits alone', async () => {
    const [{ probabilities, confidence }] = await (await create()).classify(Float32Array.of(0, LOG_3, 5));
    expect(probabilities).toHaveLength(2);
    expect(probabilities[0]).toBeCloseTo(0.25, 7);
    expect(confidence).toBeCloseTo(0.75, 7);
    expect([...(await (await create()).probabilities(Float32Array.of(0, LOG_3, 5)))]).toEqual([...probabilities]);
  });

  it('tells how likely an image is each digit and a digit at all', async () => {
    // exp of the logits: 1, 3 and 4 of 8.
    const joint = await (await create()).jointProbabilities(Float32Array.of(0, LOG_3, Math.log(4)));
    expect(joint).toHaveLength(2);
    expect(joint[0]).toBeCloseTo(1 / 8, 6);
    expect(joint[1]).toBeCloseTo(3 / 8, 6);
  });

  it('rejects where "no digit" is likelier than the threshold allows', async () => {
    // The digits' logits sum up to log 4 = 1.386 each time: 0.9 less leaves 0.49, 0.8 less leaves 0.59.
    const images = Float32Array.of(0, LOG_3, 0.9, 0, LOG_3, 0.8, LOG_3, 0, 9);
    const answers = await (await create()).classify(images);
    expect(answers.map(({ digit, rejected }) => [digit, rejected])).toEqual([
      [null, true],
      [1, false],
      [null, true],
    ]);
  });

  describe('classifyTogether', () => {
    // Log odds of being a digit: 1.386 less the last logit. The threshold is 0.5, even odds are 0.
    const digit = [0, LOG_3, 0];
    const doubtful = [LOG_3, 0, 1.2];
    const none = [0, LOG_3, 1.5];
    const rejectedOf = async (...images: number[][]) => {
      const answers = await (await create()).classifyTogether(images.map((image) => Float32Array.from(image)));
      return answers.map(({ rejected }) => rejected);
    };

    it('takes what is doubtful for a digit beside as many digits', async () => {
      expect(await rejectedOf(digit, doubtful)).toEqual([false, false]);
      expect(await rejectedOf(doubtful, digit, doubtful, digit)).toEqual([false, false, false, false]);
    });

    it('refuses what is more probably none', async () => {
      expect(await rejectedOf(digit, none, digit)).toEqual([false, true, false]);
    });

    it('keeps the threshold for one image, and where fewer than half are digits', async () => {
      expect(await rejectedOf(doubtful)).toEqual([true]);
      expect(await rejectedOf(digit, doubtful, none)).toEqual([false, true, true]);
      expect(await rejectedOf()).toEqual([]);
    });
  });
});

describe('evaluateClassifier', () => {
  /** Images of one pixel pair each; the brighter pixel is the answer. */
  const DATASET = {
    images: Uint8Array.of(255, 0, 0, 255, 255, 0, 0, 255),
    labels: Uint8Array.of(0, 1, 1, 1),
    count: 4,
    height: 1,
    width: 2,
    channels: 1,
    numClasses: 2,
  };

  it('gives the figures of the split', async () => {
    const classifier = await classifierWith({ classNames: ['left', 'right'] });
    const answered: number[] = [];
    const { evaluation, probabilities } = await evaluateClassifier(classifier, DATASET, 'test', {
      onProgress: (numAnswered) => answered.push(numAnswered),
    });
    expect(evaluation).toMatchObject({
      split: 'test',
      count: 4,
      accuracy: 0.75,
      confusionMatrix: [
        [1, 0],
        [1, 2],
      ],
    });
    expect(evaluation.perClass[1]).toMatchObject({ label: 1, name: 'right', precision: 1, support: 3 });
    expect(evaluation.macro.recall).toBeCloseTo((1 + 2 / 3) / 2, 12);
    // Three right answers of probability e / (e + 1), one wrong: mean of -log.
    const right = Math.E / (Math.E + 1);
    expect(evaluation.logLoss).toBeCloseTo(-(3 * Math.log(right) + Math.log(1 - right)) / 4, 6);
    expect(evaluation.ece).toBeCloseTo(0.75 - right, 6);
    // Wilson's interval of 3 in 4: python3 -c "from statsmodels.stats.proportion import *; print(proportion_confint(3, 4, method='wilson'))"
    expect(evaluation.accuracyInterval[0]).toBeCloseTo(0.3006, 4);
    expect(evaluation.accuracyInterval[1]).toBeCloseTo(0.9544, 4);
    expect(probabilities).toHaveLength(8);
    expect(answered).toEqual([4]);
  });

  it('ends when aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(evaluateClassifier(await classifierWith(), DATASET, 'test', { signal })).rejects.toThrow('enough');
  });

  it('refuses a split without images', async () => {
    const none = { ...DATASET, images: new Uint8Array(0), labels: new Uint8Array(0), count: 0 };
    await expect(evaluateClassifier(await classifierWith(), none, 'validation')).rejects.toThrow(
      'evaluateClassifier: validation images must be at least 1, got 0',
    );
  });
});
