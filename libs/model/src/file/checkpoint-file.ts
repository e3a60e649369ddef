import {
  readArray,
  readInteger,
  readNullable,
  readNumber,
  readObject,
  readString,
  shown,
} from '../network/json-fields.ts';
import { optimizerSlotSpecs, weightSpecs } from '../network/weight-specs.ts';
import { bytesOfTensors, concatBytes, sha256, tensorsByteLength, tensorsOfBytes } from '../network/weights.ts';
import type { TrainingConfig } from '../training/settings.ts';
import { parseTrainingConfig } from '../training/training-config-json.ts';
import type { EpochSummary, TrainingCheckpoint } from '../training/training-result.ts';

/*
 * The file: a line of text `digits-checkpoint 1 <length of header> <SHA-256 of all that follows>`, the header (JSON, UTF-8),
 * then the tensors (float32, little-endian): weights, averaged weights, optimizer memory, best weights.
 */
const MAGIC = 'digits-checkpoint 1';
const FIRST_LINE = /^digits-checkpoint 1 (\d{1,9}) ([0-9a-f]{64})$/;
const MAX_FIRST_LINE = 128;
const FINITE = { min: -Number.MAX_VALUE, max: Number.MAX_VALUE };

/** Turns a checkpoint into bytes that {@link parseCheckpoint} reads; the same bytes for the same checkpoint. */
export function serialiseCheckpoint(checkpoint: TrainingCheckpoint): Uint8Array {
  const { state, best, ...rest } = checkpoint;
  const header = new TextEncoder().encode(
    JSON.stringify({
      ...rest,
      best: best && { epoch: best.epoch, validationLoss: best.validationLoss },
    }),
  );
  const tensors = [state.weights, state.averagedWeights ?? [], state.optimizer, best?.weights ?? []].flat();
  const content = concatBytes([header, bytesOfTensors(tensors)]);
  const firstLine = new TextEncoder().encode(`${MAGIC} ${header.length} ${sha256(content)}\n`);
  return concatBytes([firstLine, content]);
}

/**
 * Reads what {@link serialiseCheckpoint} wrote.
 *
 * @throws RangeError when the bytes are no checkpoint, or damaged
 * @throws TypeError or RangeError naming the field that is not as it must be
 */
export function parseCheckpoint(bytes: Uint8Array): TrainingCheckpoint {
  const { header, tensors } = splitFile(bytes);
  const where = 'parseCheckpoint: checkpoint';
  const keys = [
    'config',
    'datasetSha256',
    'epoch',
    'stepInEpoch',
    'lossSum',
    'numCorrect',
    'seconds',
    'history',
    'best',
    'patience',
  ] as const;
  const fields = readObject(header, where, keys);
  const config = parseTrainingConfig(fields.config, `${where}.config`);
  const patience = readObject(fields.patience, `${where}.patience`, ['validationLoss', 'epochsWaited']);
  const best = readNullable(fields.best, `${where}.best`, (value, at) => {
    const { epoch, validationLoss } = readObject(value, at, ['epoch', 'validationLoss']);
    return {
      epoch: readInteger(epoch, `${at}.epoch`, 0),
      validationLoss: readNumber(validationLoss, `${at}.validationLoss`, FINITE),
    };
  });
  const { bestWeights, ...state } = readTensors(config, best !== null, tensors);
  return {
    config,
    datasetSha256: readString(fields.datasetSha256, `${where}.datasetSha256`, 64),
    epoch: readInteger(fields.epoch, `${where}.epoch`, 0, config.epochs),
    stepInEpoch: readInteger(fields.stepInEpoch, `${where}.stepInEpoch`, 0),
    lossSum: readNumber(fields.lossSum, `${where}.lossSum`, FINITE),
    numCorrect: readInteger(fields.numCorrect, `${where}.numCorrect`, 0),
    seconds: readNumber(fields.seconds, `${where}.seconds`, FINITE),
    history: readArray(fields.history, `${where}.history`, 0, config.epochs, readSummary),
    best: best && { ...best, weights: bestWeights },
    patience: {
      validationLoss: readNullable(patience.validationLoss, `${where}.patience.validationLoss`, (value, at) =>
        readNumber(value, at, FINITE),
      ),
      epochsWaited: readInteger(patience.epochsWaited, `${where}.patience.epochsWaited`, 0),
    },
    state,
  };
}

function splitFile(bytes: Uint8Array): { header: unknown; tensors: Uint8Array } {
  const lineEnd = bytes.subarray(0, MAX_FIRST_LINE).indexOf(10);
  const firstLine = new TextDecoder().decode(bytes.subarray(0, Math.max(lineEnd, 0)));
  const match = FIRST_LINE.exec(firstLine);
  if (match === null) {
    throw new RangeError(
      `parseCheckpoint: bytes must begin with "${MAGIC}", got ${shown(firstLine)}; is this a checkpoint?`,
    );
  }
  const content = bytes.subarray(lineEnd + 1);
  const actual = sha256(content);
  if (actual !== match[2]) {
    throw new RangeError(
      `parseCheckpoint: content must have the SHA-256 ${match[2].slice(0, 12)}..., got ${actual.slice(0, 12)}...; the file is cut off or damaged`,
    );
  }
  const headerLength = Number(match[1]);
  const header: unknown = JSON.parse(new TextDecoder().decode(content.subarray(0, headerLength)));
  return { header, tensors: content.subarray(headerLength) };
}

function readTensors(config: TrainingConfig, hasBest: boolean, bytes: Uint8Array) {
  const weights = weightSpecs(config.architecture);
  const optimizer = optimizerSlotSpecs(config.architecture, config.optimizer);
  const groups = [weights, config.averageDecay === null ? [] : weights, optimizer, hasBest ? weights : []];
  const expected = groups.reduce((sum, specs) => sum + tensorsByteLength(specs), 0);
  if (bytes.length !== expected) {
    throw new RangeError(`parseCheckpoint: tensors must have ${expected} bytes, got ${bytes.length}`);
  }
  let at = 0;
  const [current, averaged, slots, bestWeights] = groups.map((specs) =>
    tensorsOfBytes(specs, bytes.subarray(at, (at += tensorsByteLength(specs)))),
  );
  return {
    weights: current,
    averagedWeights: config.averageDecay === null ? null : averaged,
    optimizer: slots,
    bestWeights,
  };
}

function readSummary(value: unknown, where: string): EpochSummary {
  const keys = [
    'epoch',
    'trainLoss',
    'trainAccuracy',
    'validationLoss',
    'validationAccuracy',
    'learningRate',
    'seconds',
  ] as const;
  const fields = readObject(value, where, keys);
  const number = (key: (typeof keys)[number]): number => readNumber(fields[key], `${where}.${key}`, FINITE);
  return {
    epoch: readInteger(fields.epoch, `${where}.epoch`, 0),
    trainLoss: number('trainLoss'),
    trainAccuracy: number('trainAccuracy'),
    validationLoss: number('validationLoss'),
    validationAccuracy: number('validationAccuracy'),
    learningRate: number('learningRate'),
    seconds: number('seconds'),
  };
}
