import { shapeSize } from '../network/shapes.ts';
import { sha256 } from '../network/weight-bytes.ts';
import { optimizerSlotSpecs } from '../network/optimizer.ts';
import { initialWeights } from '../network/weights.ts';
import type { TrainingCheckpoint } from '../training/checkpoint.ts';
import { presetConfig } from '../training/presets.ts';
import { parseCheckpoint, serialiseCheckpoint } from './checkpoint-file.ts';

const CONFIG = presetConfig('fast', { inputShape: [8, 8, 1], numClasses: 3, averageDecay: 0.9 });

function checkpoint(): TrainingCheckpoint {
  const { architecture, optimizer } = CONFIG;
  return {
    config: CONFIG,
    datasetSha256: 'ab'.repeat(32),
    epoch: 1,
    stepInEpoch: 17,
    lossSum: 0.1 + 0.2,
    numCorrect: 12,
    seconds: 3.25,
    history: [
      {
        epoch: 1,
        trainLoss: 1 / 3,
        trainAccuracy: 0.5,
        validationLoss: 0.7,
        validationAccuracy: 0.6,
        learningRate: Math.fround(0.004),
        seconds: 9,
      },
    ],
    best: { epoch: 1, validationLoss: 0.7, weights: initialWeights(architecture, 3) },
    patience: { validationLoss: 0.7, epochsWaited: 0 },
    state: {
      weights: initialWeights(architecture, 1),
      averagedWeights: initialWeights(architecture, 2),
      optimizer: optimizerSlotSpecs(architecture, optimizer).map(({ name, shape }, i) => ({
        name,
        shape,
        values: new Float32Array(shapeSize(shape)).fill(i / 7),
      })),
    },
  };
}

/** A checkpoint file whose header was changed, with a checksum that fits. */
function withHeader(change: (header: Record<string, unknown>) => unknown): Uint8Array {
  const bytes = Buffer.from(serialiseCheckpoint(checkpoint()));
  const lineEnd = bytes.indexOf(10);
  const length = Number(bytes.toString('latin1', 0, lineEnd).split(' ')[2]);
  const header = JSON.parse(bytes.toString('utf8', lineEnd + 1, lineEnd + 1 + length)) as Record<string, unknown>;
  const changed = Buffer.from(JSON.stringify(change(header)));
  const content = Buffer.concat([changed, bytes.subarray(lineEnd + 1 + length)]);
  return Buffer.concat([Buffer.from(`digits-checkpoint 1 ${changed.length} ${sha256(content)}\n`), content]);
}

describe('parseCheckpoint', () => {
  it('reads what serialiseCheckpoint wrote', () => {
    expect(parseCheckpoint(serialiseCheckpoint(checkpoint()))).toEqual(checkpoint());
  });

  it('counts the epochs of a file of an earlier version, which counted them from 0, from 1', () => {
    const before = (value: object) => ({ ...value, epoch: 0 });
    const file = withHeader(({ history, best, ...rest }) => ({
      ...rest,
      history: (history as object[]).map(before),
      best: before(best as object),
    }));
    expect(parseCheckpoint(file)).toEqual(checkpoint());
  });

  it('reads one without average, best weights or history', () => {
    const config = { ...CONFIG, averageDecay: null };
    const { state, ...rest } = checkpoint();
    const early: TrainingCheckpoint = {
      ...rest,
      config,
      history: [],
      best: null,
      patience: { validationLoss: null, epochsWaited: 0 },
      state: { ...state, averagedWeights: null },
    };
    expect(parseCheckpoint(serialiseCheckpoint(early))).toEqual(early);
  });

  it('refuses bytes that are no checkpoint', () => {
    expect(() => parseCheckpoint(Buffer.from('GIF89a\n'))).toThrow(
      'parseCheckpoint: bytes must begin with "digits-checkpoint 1", got "GIF89a"; is this a checkpoint?',
    );
    expect(() => parseCheckpoint(new Uint8Array(0))).toThrow('must begin with');
  });

  it('refuses a file that is cut off or damaged', () => {
    const bytes = serialiseCheckpoint(checkpoint());
    const damaged = bytes.slice();
    damaged[damaged.length - 5] ^= 1;
    for (const broken of [bytes.subarray(0, bytes.length - 1), damaged]) {
      expect(() => parseCheckpoint(broken)).toThrow('the file is cut off or damaged');
    }
  });

  it('refuses a header with a bad field', () => {
    expect(() => parseCheckpoint(withHeader((header) => ({ ...header, epoch: -1 })))).toThrow(
      'parseCheckpoint: checkpoint.epoch must be a whole number in [0, 3], got -1',
    );
    expect(() => parseCheckpoint(withHeader((header) => ({ ...header, mood: 'good' })))).toThrow(
      'parseCheckpoint: checkpoint must have only the fields',
    );
  });

  it('refuses tensors of another length than the configuration asks for', () => {
    expect(() => parseCheckpoint(withHeader((header) => ({ ...header, best: null })))).toThrow(
      /^parseCheckpoint: tensors must have \d+ bytes, got \d+$/,
    );
  });
});
