import { type Architecture, type Layer, outputKind, type Padding } from '@digits/model';
import {
  planOf,
  randomDataset,
  randomTrainingImages,
  randomWeights,
  referenceEngine,
  relativeDifference,
  sessionSettings,
} from '@digits/engine-contract';
import fc from 'fast-check';
import { createSimdEngine } from './node.ts';

/** Relative to the largest value: float32 and the transforms of Winograd's method against double precision. */
const TOLERANCE = 1e-4;

const engine = createSimdEngine({ threads: 1 });
const side = fc.integer({ min: 3, max: 15 });
const channels = fc.integer({ min: 1, max: 26 });
const padding = fc.constantFrom<Padding>('same', 'valid');

function convolution(
  name: string,
  filters: number,
  size: number,
  stride: number,
  pad: Padding,
  useBias: boolean,
): Layer {
  return { type: 'conv2d', name, filters, kernelSize: [size, size], strides: [stride, stride], padding: pad, useBias };
}

/** Logits of a batch, then one plain step: its loss, gradients and moving statistics, all against the reference. */
async function expectAgreement(architecture: Architecture, batchSize: number): Promise<void> {
  const dataset = randomTrainingImages(architecture, batchSize, 7);
  const labelSmoothing = outputKind(architecture) === 'classes' ? 0.1 : 0;
  const settings = sessionSettings(architecture, { batchSize, labelSmoothing });
  const answers = [];
  for (const tried of [engine, referenceEngine]) {
    const session = await tried.createTrainingSession(architecture, settings, dataset);
    const logits = await session.evaluate(dataset.images, 'current');
    const report = await session.trainSteps(planOf([batchSize], batchSize));
    const state = await session.getState();
    answers.push({ logits, report, tensors: [...state.optimizer, ...state.weights] });
    await session.dispose();
  }
  const [actual, expected] = answers;
  expect(relativeDifference(actual.logits, expected.logits)).toBeLessThan(TOLERANCE);
  expect(relativeDifference(actual.report.losses, expected.report.losses)).toBeLessThan(TOLERANCE);
  actual.tensors.forEach(({ name, values }, i) => {
    const difference = relativeDifference(values, expected.tensors[i].values);
    expect({ name, agrees: difference < TOLERANCE, difference }).toMatchObject({ name, agrees: true });
  });
}

describe('layers in random shapes agree with the reference', () => {
  jest.setTimeout(60_000);
  const logits: Layer[] = [
    { type: 'flatten', name: 'flatten' },
    { type: 'dense', name: 'logits', units: 3, useBias: true },
  ];

  it('convolutions by the direct and by the Winograd kernels', async () => {
    const shape = fc.record({
      height: side, width: side, depth: fc.integer({ min: 1, max: 3 }), between: channels, filters: channels,
      size: fc.constantFrom(1, 2, 3, 3, 3, 3, 5), stride: fc.constantFrom(1, 1, 1, 2, 3), padding, batchSize: fc.integer({ min: 1, max: 9 }),
    }); // prettier-ignore
    await fc.assert(
      fc.asyncProperty(shape, async (s) => {
        const isTooSmall = s.padding === 'valid' && Math.min(s.height, s.width) < s.size;
        const layers = [
          convolution('first', s.between, 3, 1, 'same', true),
          convolution('second', s.filters, isTooSmall ? 1 : s.size, s.stride, s.padding, true),
          ...logits,
        ];
        await expectAgreement({ inputShape: [s.height, s.width, s.depth], layers }, s.batchSize);
      }),
      { numRuns: 30, seed: 5 },
    );
  });

  it('batch normalisation, ReLU and 2x2 maxima, in one pass or several', async () => {
    const shape = fc.record({
      height: side, width: side, between: channels, padding, rectifies: fc.boolean(), pools: fc.boolean(), batchSize: fc.integer({ min: 2, max: 9 }),
    }); // prettier-ignore
    await fc.assert(
      fc.asyncProperty(shape, async (s) => {
        const relu: Layer = { type: 'relu', name: 'relu' };
        const pool: Layer = {
          type: 'maxPooling2d',
          name: 'pool',
          poolSize: [2, 2],
          strides: [2, 2],
          padding: s.padding,
        };
        const layers: Layer[] = [
          convolution('first', s.between, 3, 1, 'same', false),
          { type: 'batchNormalization', name: 'bn', momentum: 0.8, epsilon: 1e-3 },
          ...(s.rectifies ? [relu] : []),
          ...(s.pools ? [pool] : []),
          ...logits,
        ];
        await expectAgreement({ inputShape: [s.height, s.width, 1], layers }, s.batchSize);
      }),
      { numRuns: 30, seed: 6 },
    );
  });

  it('pooling, upsampling and the sum with what was pooled, for pixels', async () => {
    const factor = fc.integer({ min: 1, max: 3 });
    const shape = fc.record({
      height: fc.integer({ min: 1, max: 4 }), width: fc.integer({ min: 1, max: 4 }), rows: factor, columns: factor,
      between: channels, outputs: fc.integer({ min: 1, max: 9 }), normalizes: fc.boolean(), rectifies: fc.boolean(),
      from: fc.constantFrom('first', 'last'), addsTwice: fc.boolean(), batchSize: fc.integer({ min: 2, max: 9 }),
    }); // prettier-ignore
    await fc.assert(
      fc.asyncProperty(shape, async (s) => {
        const size = [s.rows, s.columns] as const;
        const before: Layer[] = [
          convolution('first', s.between, 3, 1, 'same', !s.normalizes),
          ...(s.normalizes ? [{ type: 'batchNormalization', name: 'bn', momentum: 0.8, epsilon: 1e-3 } as const] : []),
          ...(s.rectifies ? [{ type: 'relu', name: 'relu' } as const] : []),
        ];
        const from = s.from === 'first' ? 'first' : before[before.length - 1].name;
        const layers: Layer[] = [
          ...before,
          { type: 'maxPooling2d', name: 'pool', poolSize: size, strides: size, padding: 'valid' },
          convolution('second', s.between, 3, 1, 'same', false),
          { type: 'upSampling2d', name: 'up', size },
          { type: 'add', name: 'add', from },
          ...(s.addsTwice ? [{ type: 'add', name: 'again', from } as const] : []),
          convolution('logits', s.outputs, 1, 1, 'same', true),
        ];
        await expectAgreement({ inputShape: [s.height * s.rows, s.width * s.columns, 2], layers }, s.batchSize);
      }),
      { numRuns: 40, seed: 7 },
    );
  });

  it('a predictor takes the folded road to the same logits', async () => {
    const layers: Layer[] = [
      convolution('first', 9, 3, 1, 'same', true),
      { type: 'batchNormalization', name: 'bn1', momentum: 0.8, epsilon: 1e-3 },
      { type: 'relu', name: 'relu' },
      convolution('second', 11, 3, 1, 'valid', false),
      { type: 'batchNormalization', name: 'bn2', momentum: 0.8, epsilon: 1e-3 },
      ...logits,
    ];
    const architecture: Architecture = { inputShape: [10, 9, 1], layers };
    const weights = randomWeights(architecture, 3);
    const images = Float32Array.from(randomDataset(architecture, 40, 4).images, (value) => value / 255);
    const [actual, expected] = await Promise.all([
      engine.createPredictor(architecture, weights),
      referenceEngine.createPredictor(architecture, weights),
    ]);
    expect(relativeDifference(await actual.predict(images), await expected.predict(images))).toBeLessThan(TOLERANCE);
    await actual.dispose();
  });
});
