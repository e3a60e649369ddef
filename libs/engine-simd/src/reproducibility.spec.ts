import { createHash } from 'node:crypto';
import { type AugmentationSettings, NO_AUGMENTATION } from '@digits/data';
import type { Architecture, Layer, Padding, SessionSettings, TrainingSession, TrainingState } from '@digits/model';
import {
  planOf,
  randomDataset,
  randomTargets,
  randomWeights,
  sessionSettings,
  smallPixelNetwork,
} from '@digits/engine-contract';
import { createEngine } from './engine.ts';
import { createSimdEngine } from './node.ts';

function convolution(name: string, filters: number, padding: Padding, useBias: boolean): Layer {
  return { type: 'conv2d', name, filters, kernelSize: [3, 3], strides: [1, 1], padding, useBias };
}

/** Everything whose order of adding or drawing could depend on threads: the direct kernel, Winograd's with either tile. */
const ARCHITECTURE: Architecture = {
  inputShape: [12, 13, 1],
  layers: [
    convolution('conv1', 10, 'same', false),
    { type: 'batchNormalization', name: 'bn1', momentum: 0.9, epsilon: 1e-3 },
    { type: 'relu', name: 'relu1' },
    { type: 'maxPooling2d', name: 'pool1', poolSize: [2, 2], strides: [2, 2], padding: 'valid' },
    convolution('conv2', 12, 'same', false),
    { type: 'batchNormalization', name: 'bn2', momentum: 0.9, epsilon: 1e-3 },
    { type: 'relu', name: 'relu2' },
    convolution('conv3', 16, 'valid', true),
    { type: 'batchNormalization', name: 'bn3', momentum: 0.9, epsilon: 1e-3 },
    { type: 'relu', name: 'relu3' },
    { type: 'flatten', name: 'flatten' },
    { type: 'dropout', name: 'dropout', rate: 0.25 },
    { type: 'dense', name: 'logits', units: 7, useBias: true },
  ],
};
const AUGMENTATION: AugmentationSettings = {
  ...NO_AUGMENTATION,
  affine: { rotation: 15, scale: 0.1, shear: 0.1, translation: 1.5 },
  elastic: { displacement: 1, gridSize: 4 },
  strokeWidth: { radius: 0.6 },
  erasing: { probability: 0.3, size: 4 },
};
const SETTINGS: SessionSettings = sessionSettings(ARCHITECTURE, {
  optimizer: { type: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-7, weightDecay: 0.05 },
  averageWeights: true,
  augmentation: AUGMENTATION,
  labelSmoothing: 0.1,
});
const DATASET = randomDataset(ARCHITECTURE, 60, 3);
/** The last batch is smaller, and smaller than the number of shards. */
const PLAN = planOf([16, 16, 13, 5], DATASET.count, { epoch: 2, learningRate: 3e-3 });

function sha256(state: TrainingState): string {
  const hash = createHash('sha256');
  for (const { values } of [...state.weights, ...(state.averagedWeights ?? []), ...state.optimizer]) {
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

async function withSession<Result>(
  threads: number,
  use: (session: TrainingSession) => Promise<Result>,
): Promise<Result> {
  const session = await createSimdEngine({ threads }).createTrainingSession(ARCHITECTURE, SETTINGS, DATASET);
  try {
    return await use(session);
  } finally {
    await session.dispose();
  }
}

const train = (threads: number): Promise<string> =>
  withSession(threads, async (session) => {
    await session.trainSteps(PLAN);
    return sha256(await session.getState());
  });

// Threads wait for each other: beside much other work that takes its time.
jest.setTimeout(60_000);

describe('training', () => {
  it('gives the same bits with 1, 2, 3, 4 and 8 threads, and again', async () => {
    const hashes = [];
    for (const threads of [1, 2, 3, 4, 8, 1, 2]) hashes.push(await train(threads));
    expect(new Set(hashes).size).toBe(1);
  });

  it('gives the same bits where memory cannot be shared, as in a page that is not isolated', async () => {
    const createThread = () => {
      throw new Error('a thread was asked for');
    };
    const engine = createEngine('test', 4, { canShareMemory: false, createThread });
    const session = await engine.createTrainingSession(ARCHITECTURE, SETTINGS, DATASET);
    await session.trainSteps(PLAN);
    expect(sha256(await session.getState())).toBe(await train(2));
    await session.dispose();
  });

  it('gives the same logits with any number of threads, and for an image alone as in a batch', async () => {
    const evaluate = (threads: number, images: Uint8Array) =>
      withSession(threads, (session) => session.evaluate(images, 'current'));
    const all = await evaluate(1, DATASET.images);
    expect(await evaluate(3, DATASET.images)).toEqual(all);
    expect(await evaluate(2, DATASET.images.subarray(0, 12 * 13))).toEqual(all.subarray(0, 7));
  });

  it('ends in the same bits when it is resumed from a state with other threads', async () => {
    const second = planOf([16, 11], DATASET.count, { epoch: 3, firstStep: 4, learningRate: 1e-3 });
    const [state, whole] = await withSession(2, async (session) => {
      await session.trainSteps(PLAN);
      const between = await session.getState();
      await session.trainSteps(second);
      return [between, sha256(await session.getState())] as const;
    });
    const resumed = await withSession(3, async (session) => {
      await session.setState(state);
      await session.trainSteps(second);
      return sha256(await session.getState());
    });
    expect(resumed).toBe(whole);
  });

  it('gives these bits on every host', async () => {
    expect(await train(2)).toBe('54c9723b403bf44c4f846ac0f6961ef329cf16e7cbbe79b8de8ff213b3cc38af');
  });
});

describe('training a network that answers for pixels', () => {
  const architecture = smallPixelNetwork();
  const settings = sessionSettings(architecture, { optimizer: SETTINGS.optimizer, averageWeights: true });
  const dataset = randomTargets(architecture, 40, 8);
  const trainPixels = async (threads: number): Promise<string> => {
    const session = await createSimdEngine({ threads }).createTrainingSession(architecture, settings, dataset);
    try {
      await session.trainSteps(planOf([16, 16, 13, 5], dataset.count, { learningRate: 3e-3 }));
      return sha256(await session.getState());
    } finally {
      await session.dispose();
    }
  };

  it('gives the same bits with 1, 2, 3, 4 and 8 threads, and again', async () => {
    const hashes = [];
    for (const threads of [1, 2, 3, 4, 8, 1, 2]) hashes.push(await trainPixels(threads));
    expect(new Set(hashes).size).toBe(1);
  });

  it('gives these bits on every host', async () => {
    expect(await trainPixels(2)).toBe('338b272690309b837c7c370154f86a6351405ae90f143c1288cd7cd680defaf0');
  });
});

describe('predicting', () => {
  const cases = [1, 2, 3].flatMap((threads) => [
    { threads, architecture: ARCHITECTURE, dataset: DATASET, title: 'a network for classes' },
    { threads, architecture: smallPixelNetwork(), dataset: randomTargets(smallPixelNetwork(), 60, 9), title: 'pixels' },
  ]);

  it.each(cases)(
    'gives the same bits for an image alone as in a batch of any size, with $threads threads, for $title',
    async ({ threads, architecture, dataset }) => {
      const images = Float32Array.from(dataset.images, (value) => value / 255);
      const imageSize = images.length / dataset.count;
      const predictor = await createSimdEngine({ threads }).createPredictor(
        architecture,
        randomWeights(architecture, 4),
      );
      const alone: number[] = [];
      for (let i = 0; i < dataset.count; i++) {
        alone.push(...(await predictor.predict(images.subarray(i * imageSize, (i + 1) * imageSize))));
      }
      for (const count of [2, 5, 7, 12, 16, 17, 33, dataset.count]) {
        const logits = await predictor.predict(images.subarray(0, count * imageSize));
        expect([...logits]).toEqual(alone.slice(0, logits.length));
      }
      await predictor.dispose();
    },
  );
});
