import { nullable, unknown } from 'valibot';
import { fields, FINITE, integer, list, parse, RECORD, shown } from '../json.ts';
import { weightSpecs } from '../network/architecture.ts';
import { optimizerSlotSpecs } from '../network/optimizer.ts';
import {
  bytesOfTensors,
  concatBytes,
  sha256,
  sha256Schema,
  tensorsByteLength,
  tensorsOfBytes,
} from '../network/weight-bytes.ts';
import type { TrainingCheckpoint } from '../training/checkpoint.ts';
import { epochSummarySchema } from '../training/result.ts';
import { parseTrainingConfig, type TrainingConfig } from '../training/settings.ts';

/*
 * The file: a line of text `digits-checkpoint 1 <length of header> <SHA-256 of all that follows>`, the header (JSON, UTF-8),
 * then the tensors (float32, little-endian): weights, averaged weights, optimizer memory, best weights.
 */
const MAGIC = 'digits-checkpoint 1';
const FIRST_LINE = /^digits-checkpoint 1 (\d{1,9}) ([0-9a-f]{64})$/;
const MAX_FIRST_LINE = 128;

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
  const config = parseTrainingConfig(parse(RECORD, header, where).config, `${where}.config`);
  const { best, ...position } = parse(headerSchema(config), countEpochsFromOne(header), where);
  const { bestWeights, ...state } = readTensors(config, best !== null, tensors);
  return { ...position, config, best: best && { ...best, weights: bestWeights }, state };
}

/** Earlier versions counted the epochs of the history and of the best weights from 0. */
function countEpochsFromOne(header: unknown): unknown {
  const { history, best } = header as { history?: unknown; best?: unknown };
  if (!Array.isArray(history) || !startsAtZero(history)) return header;
  return { ...(header as object), history: history.map(addOne), best: best === null ? null : addOne(best) };
}

function startsAtZero([first]: readonly unknown[]): boolean {
  return typeof first === 'object' && first !== null && 'epoch' in first && first.epoch === 0;
}

function addOne(value: unknown): unknown {
  const isCounted = typeof value === 'object' && value !== null && 'epoch' in value;
  return isCounted && typeof value.epoch === 'number' ? { ...value, epoch: value.epoch + 1 } : value;
}

const count = integer(0);

function headerSchema({ epochs }: TrainingConfig) {
  return fields({
    config: unknown(),
    datasetSha256: sha256Schema,
    epoch: integer(0, epochs),
    stepInEpoch: count,
    lossSum: FINITE,
    numCorrect: count,
    seconds: FINITE,
    history: list(epochSummarySchema, 0, epochs),
    best: nullable(fields({ epoch: count, validationLoss: FINITE })),
    patience: fields({ validationLoss: nullable(FINITE), epochsWaited: count }),
  });
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
