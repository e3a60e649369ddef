import { type AugmentationSettings, DISTORTION_NAMES, DISTORTIONS, type SettingRange } from '@digits/data';
import { parseArchitecture } from '../network/architecture-json.ts';
import {
  readBoolean,
  readChoice,
  readInteger,
  readNullable,
  readNumber,
  readObject,
  readRecord,
  readString,
} from '../network/json-fields.ts';
import type {
  EarlyStoppingSettings,
  HandwritingSettings,
  LearningRateSchedule,
  NegativesSettings,
  TrainingConfig,
} from './settings.ts';
import type { OptimizerSettings } from '../network/engine.ts';

const CONFIG_KEYS = [
  'preset',
  'architecture',
  'seed',
  'epochs',
  'batchSize',
  'validationSize',
  'optimizer',
  'schedule',
  'labelSmoothing',
  'averageDecay',
  'augmentation',
  'handwriting',
  'negatives',
  'earlyStopping',
  'precision',
] as const;

const PRECISIONS = ['float32', 'float16', 'uint8'] as const;
const MAX_LEARNING_RATE = 1000;
const MAX_DIVISOR = 1e9;
const FRACTION = { min: 0, max: 1, openMax: true };

/**
 * Reads a training configuration from untrusted JSON, strictly: unknown and missing fields are errors, but
 * for distortions that are left out, which are not applied.
 *
 * @param value what `JSON.parse` gave
 * @param where opens every error message: the caller and the field
 * @returns a new object that holds nothing else
 * @throws TypeError or RangeError naming the field, what it must be and what was found
 */
export function parseTrainingConfig(value: unknown, where = 'parseTrainingConfig: config'): TrainingConfig {
  const fields = readObject(value, where, CONFIG_KEYS);
  const at = (key: (typeof CONFIG_KEYS)[number]): string => `${where}.${key}`;
  return {
    preset: readNullable(fields.preset, at('preset'), (name, place) => readString(name, place, 64)),
    architecture: parseArchitecture(fields.architecture, at('architecture')),
    seed: readInteger(fields.seed, at('seed'), 0),
    epochs: readInteger(fields.epochs, at('epochs'), 1, 100_000),
    batchSize: readInteger(fields.batchSize, at('batchSize'), 1, 65_536),
    validationSize: readInteger(fields.validationSize, at('validationSize'), 1, 2 ** 31),
    optimizer: parseOptimizer(fields.optimizer, at('optimizer')),
    schedule: parseSchedule(fields.schedule, at('schedule')),
    labelSmoothing: readNumber(fields.labelSmoothing, at('labelSmoothing'), FRACTION),
    averageDecay: readNullable(fields.averageDecay, at('averageDecay'), (decay, place) =>
      readNumber(decay, place, FRACTION),
    ),
    augmentation: readNullable(fields.augmentation, at('augmentation'), parseAugmentation),
    handwriting: readNullable(fields.handwriting, at('handwriting'), parseHandwriting),
    negatives: readNullable(fields.negatives, at('negatives'), parseNegatives),
    earlyStopping: readNullable(fields.earlyStopping, at('earlyStopping'), parseEarlyStopping),
    precision: readChoice(fields.precision, at('precision'), PRECISIONS),
  };
}

/**
 * Checks a training configuration in full, as for untrusted JSON.
 *
 * @throws TypeError or RangeError as {@link parseTrainingConfig}
 */
export function validateTrainingConfig(config: TrainingConfig): void {
  parseTrainingConfig(config, 'validateTrainingConfig: config');
}

function parseOptimizer(value: unknown, where: string): OptimizerSettings {
  const type = readChoice(readRecord(value, where).type, `${where}.type`, ['sgd', 'adam', 'adamw'] as const);
  const beta = (field: unknown, name: string): number => readNumber(field, `${where}.${name}`, FRACTION);
  const epsilon = (field: unknown): number => readNumber(field, `${where}.epsilon`, { min: 0, max: 1, openMin: true });
  switch (type) {
    case 'sgd': {
      const fields = readObject(value, where, ['type', 'momentum', 'nesterov']);
      return {
        type,
        momentum: beta(fields.momentum, 'momentum'),
        nesterov: readBoolean(fields.nesterov, `${where}.nesterov`),
      };
    }
    case 'adam': {
      const fields = readObject(value, where, ['type', 'beta1', 'beta2', 'epsilon']);
      return {
        type,
        beta1: beta(fields.beta1, 'beta1'),
        beta2: beta(fields.beta2, 'beta2'),
        epsilon: epsilon(fields.epsilon),
      };
    }
    case 'adamw': {
      const fields = readObject(value, where, ['type', 'beta1', 'beta2', 'epsilon', 'weightDecay']);
      return {
        type,
        beta1: beta(fields.beta1, 'beta1'),
        beta2: beta(fields.beta2, 'beta2'),
        epsilon: epsilon(fields.epsilon),
        weightDecay: readNumber(fields.weightDecay, `${where}.weightDecay`, { min: 0, max: 1000 }),
      };
    }
  }
}

function parseSchedule(value: unknown, where: string): LearningRateSchedule {
  const types = ['constant', 'cosine', 'oneCycle'] as const;
  const type = readChoice(readRecord(value, where).type, `${where}.type`, types);
  const rate = (field: unknown): number =>
    readNumber(field, `${where}.learningRate`, { min: 0, max: MAX_LEARNING_RATE, openMin: true });
  const divisor = (field: unknown, name: string): number =>
    readNumber(field, `${where}.${name}`, { min: 1, max: MAX_DIVISOR });
  switch (type) {
    case 'constant':
      return { type, learningRate: rate(readObject(value, where, ['type', 'learningRate']).learningRate) };
    case 'cosine': {
      const fields = readObject(value, where, ['type', 'learningRate', 'finalDivisor']);
      return {
        type,
        learningRate: rate(fields.learningRate),
        finalDivisor: divisor(fields.finalDivisor, 'finalDivisor'),
      };
    }
    case 'oneCycle': {
      const keys = ['type', 'learningRate', 'warmupFraction', 'initialDivisor', 'finalDivisor'] as const;
      const fields = readObject(value, where, keys);
      return {
        type,
        learningRate: rate(fields.learningRate),
        warmupFraction: readNumber(fields.warmupFraction, `${where}.warmupFraction`, FRACTION),
        initialDivisor: divisor(fields.initialDivisor, 'initialDivisor'),
        finalDivisor: divisor(fields.finalDivisor, 'finalDivisor'),
      };
    }
  }
}

function parseHandwriting(value: unknown, where: string): HandwritingSettings {
  const fields = readObject(value, where, ['count', 'strength', 'pictureShare', 'penShare']);
  return {
    count: readInteger(fields.count, `${where}.count`, 1, 10_000_000),
    strength: readNumber(fields.strength, `${where}.strength`, { min: 0, max: 2 }),
    pictureShare: readNumber(fields.pictureShare, `${where}.pictureShare`, { min: 0, max: 1 }),
    penShare: readNumber(fields.penShare, `${where}.penShare`, { min: 0, max: 1 }),
  };
}

function parseNegatives(value: unknown, where: string): NegativesSettings {
  const fields = readObject(value, where, ['share']);
  return { share: readNumber(fields.share, `${where}.share`, { min: 0, max: 0.9, openMin: true }) };
}

function parseEarlyStopping(value: unknown, where: string): EarlyStoppingSettings {
  const fields = readObject(value, where, ['patience', 'minDelta']);
  return {
    patience: readInteger(fields.patience, `${where}.patience`, 1, 100_000),
    minDelta: readNumber(fields.minDelta, `${where}.minDelta`, { min: 0, max: 1000 }),
  };
}

/** Distortions that are left out are not applied, so that settings from before there was a distortion read as they did. */
function parseAugmentation(value: unknown, where: string): AugmentationSettings {
  const fields = readObject(value, where, DISTORTION_NAMES, DISTORTION_NAMES);
  const settings = DISTORTION_NAMES.map((name) => [
    name,
    readNullable(fields[name] ?? null, `${where}.${name}`, (distortion, at) =>
      readSettings(distortion, at, DISTORTIONS[name].ranges),
    ),
  ]);
  return Object.fromEntries(settings) as AugmentationSettings;
}

function readSettings(value: unknown, where: string, ranges: Readonly<Record<string, SettingRange>>): object {
  const fields = readObject(value, where, Object.keys(ranges));
  const settings = Object.entries(ranges).map(([name, range]) => {
    const at = `${where}.${name}`;
    return [
      name,
      range.integer ? readInteger(fields[name], at, range.min, range.max) : readNumber(fields[name], at, range),
    ];
  });
  return Object.fromEntries(settings) as object;
}
