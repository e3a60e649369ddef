import type { ReportRow } from '@digits/metrics';
import type { Evaluation } from '../answers/evaluation.ts';
import {
  readArray,
  readChoice,
  readInteger,
  readNullable,
  readNumber,
  readObject,
  readString,
  shown,
} from '../network/json-fields.ts';
import { leastClasses, type ModelMetadata } from '../answers/model.ts';
import { checkRejectionRule, REJECTION_SCORES, type RejectionRule } from '../answers/rejection.ts';

const FRACTION = { min: 0, max: 1 };
const FINITE = { min: -Number.MAX_VALUE, max: Number.MAX_VALUE };
const MAX_NAME = 256;
const HEX_SHA256 = /^[0-9a-f]{64}$/;

/** Fields of {@link ModelMetadata}, as the model file has them. */
export const METADATA_KEYS = [
  'preset',
  'seed',
  'validationSize',
  'dataset',
  'classNames',
  'preprocessing',
  'testMetrics',
  'temperature',
  'rejection',
  'weightsSha256',
] as const;

/**
 * Reads metadata from untrusted JSON whose keys were checked.
 *
 * @param numOutputs of the network: as many as its classes, or one more for "no digit"
 * @throws TypeError or RangeError naming the field, what it must be and what was found
 */
export function parseMetadata(
  fields: Readonly<Record<(typeof METADATA_KEYS)[number], unknown>>,
  numOutputs: number,
  where: string,
): ModelMetadata {
  const at = (key: (typeof METADATA_KEYS)[number]): string => `${where}.${key}`;
  const classNames = readArray(fields.classNames, at('classNames'), leastClasses(numOutputs), numOutputs, readName);
  const rejection = readNullable(fields.rejection, at('rejection'), parseRejection);
  checkRejectionRule(where, rejection, numOutputs - classNames.length);
  return {
    preset: readNullable(fields.preset, at('preset'), readName),
    seed: readNullable(fields.seed, at('seed'), (seed, place) => readInteger(seed, place, 0)),
    validationSize: readNullable(fields.validationSize, at('validationSize'), (size, place) =>
      readInteger(size, place, 1),
    ),
    dataset: readNullable(fields.dataset, at('dataset'), (dataset, place) => {
      const { name, sha256 } = readObject(dataset, place, ['name', 'sha256']);
      return { name: readName(name, `${place}.name`), sha256: readSha256(sha256, `${place}.sha256`) };
    }),
    classNames,
    preprocessing: readChoice(fields.preprocessing, at('preprocessing'), ['none', 'picture'] as const),
    testMetrics: readNullable(fields.testMetrics, at('testMetrics'), (metrics, place) =>
      parseEvaluation(metrics, classNames.length, place),
    ),
    temperature: readNumber(fields.temperature, at('temperature'), { min: 0.01, max: 100 }),
    rejection,
    weightsSha256: readSha256(fields.weightsSha256, at('weightsSha256')),
  };
}

/** 64 hexadecimal digits, lower case. */
export function readSha256(value: unknown, where: string): string {
  const hash = readString(value, where, 64);
  if (!HEX_SHA256.test(hash)) throw new RangeError(`${where} must be 64 hexadecimal digits, got ${shown(hash)}`);
  return hash;
}

function readName(value: unknown, where: string): string {
  return readString(value, where, MAX_NAME);
}

function parseRejection(value: unknown, where: string): RejectionRule {
  const fields = readObject(value, where, ['score', 'threshold']);
  return {
    score: readChoice(fields.score, `${where}.score`, REJECTION_SCORES),
    threshold: readNumber(fields.threshold, `${where}.threshold`, FINITE),
  };
}

function parseEvaluation(value: unknown, numClasses: number, where: string): Evaluation {
  const keys = [
    'split',
    'count',
    'accuracy',
    'accuracyInterval',
    'logLoss',
    'ece',
    'macro',
    'perClass',
    'confusionMatrix',
  ] as const;
  const fields = readObject(value, where, keys);
  const fraction = (item: unknown, place: string): number => readNumber(item, place, FRACTION);
  const count = (item: unknown, place: string): number => readInteger(item, place, 0);
  const interval = readArray(fields.accuracyInterval, `${where}.accuracyInterval`, 2, 2, fraction);
  const macro = readObject(fields.macro, `${where}.macro`, ['precision', 'recall', 'f1']);
  return {
    split: readChoice(fields.split, `${where}.split`, ['train', 'validation', 'test'] as const),
    count: count(fields.count, `${where}.count`),
    accuracy: fraction(fields.accuracy, `${where}.accuracy`),
    accuracyInterval: [interval[0], interval[1]],
    logLoss: readNumber(fields.logLoss, `${where}.logLoss`, { min: 0, max: Number.MAX_VALUE }),
    ece: fraction(fields.ece, `${where}.ece`),
    macro: {
      precision: fraction(macro.precision, `${where}.macro.precision`),
      recall: fraction(macro.recall, `${where}.macro.recall`),
      f1: fraction(macro.f1, `${where}.macro.f1`),
    },
    perClass: readArray(fields.perClass, `${where}.perClass`, numClasses, numClasses, parseRow),
    confusionMatrix: readArray(
      fields.confusionMatrix,
      `${where}.confusionMatrix`,
      numClasses,
      numClasses,
      (row, place) => readArray(row, place, numClasses, numClasses, count),
    ),
  };
}

function parseRow(value: unknown, where: string): ReportRow {
  const fields = readObject(value, where, ['label', 'name', 'precision', 'recall', 'f1', 'support']);
  return {
    label: readInteger(fields.label, `${where}.label`, 0),
    name: readName(fields.name, `${where}.name`),
    precision: readNumber(fields.precision, `${where}.precision`, FRACTION),
    recall: readNumber(fields.recall, `${where}.recall`, FRACTION),
    f1: readNumber(fields.f1, `${where}.f1`, FRACTION),
    support: readInteger(fields.support, `${where}.support`, 0),
  };
}
