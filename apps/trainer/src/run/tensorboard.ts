import type { EpochSummary } from '@digits/model';
import { writeFileSafely } from '@digits/model/node';
import { readFileSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import protobuf from 'protobufjs';

/** Curves of a run for TensorBoard, as Keras lays them out: the same tags in a folder for each split. */
export interface TensorboardLog {
  append(epoch: EpochSummary): Promise<void>;
}

const SPLITS = {
  train: ({ trainLoss, trainAccuracy, learningRate }: EpochSummary) => ({
    epoch_loss: trainLoss,
    epoch_accuracy: trainAccuracy,
    epoch_learning_rate: learningRate,
  }),
  validation: ({ validationLoss, validationAccuracy }: EpochSummary) => ({
    epoch_loss: validationLoss,
    epoch_accuracy: validationAccuracy,
  }),
} as const;

/** Name of every event file. It never changes, so a resumed run does not show its first epochs twice. */
export const EVENT_FILE_NAME = 'events.out.tfevents.0.digits';

/**
 * Begins the event files of a run anew, with the epochs that it goes on from.
 *
 * @param folder gets `train/` and `validation/`
 * @throws Error of the file system
 */
export async function startTensorboardLog(folder: string, history: readonly EpochSummary[]): Promise<TensorboardLog> {
  const now = () => Date.now() / 1000;
  const files = Object.entries(SPLITS).map(([split, scalarsOf]) => ({
    path: join(folder, split, EVENT_FILE_NAME),
    encode: (summary: EpochSummary) =>
      encodeScalars({ wallTime: now(), step: summary.epoch, scalars: scalarsOf(summary) }),
  }));
  for (const [i, split] of Object.keys(SPLITS).entries()) {
    await mkdir(join(folder, split), { recursive: true });
    const { path, encode } = files[i];
    await writeFileSafely(path, Buffer.concat([encodeFileStart(now()), ...history.map(encode)]));
  }
  return {
    append: async (summary) => {
      for (const { path, encode } of files) await appendFile(path, encode(summary), { flush: true });
    },
  };
}

/** One `tensorboard.Event`: scalars of a step, or the version that a file begins with. */
export interface ScalarEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  readonly scalars: Readonly<Record<string, number>>;
}

let eventType: protobuf.Type | null = null;

/** The schema, read when it is first needed; the build puts it beside the program. */
function eventProto(): protobuf.Type {
  eventType ??= protobuf
    .parse(readFileSync(new URL('./event.proto', import.meta.url), 'utf8'))
    .root.lookupType('tensorboard.Event');
  return eventType;
}

/** Encodes what an event file begins with. */
export function encodeFileStart(wallTime: number): Uint8Array {
  return encodeRecord(eventProto().encode({ wallTime, fileVersion: 'brain.Event:2' }).finish());
}

/** Encodes the scalars of one step. */
export function encodeScalars({ wallTime, step, scalars }: ScalarEvent): Uint8Array {
  const value = Object.entries(scalars).map(([tag, simpleValue]) => ({ tag, simpleValue }));
  return encodeRecord(eventProto().encode({ wallTime, step, summary: { value } }).finish());
}

/** Tags of the records of TensorBoard's HParams tab, by the field of `HParamsPluginData`. */
const HPARAMS_TAGS = {
  experiment: '_hparams_/experiment',
  sessionStartInfo: '_hparams_/session_start_info',
  sessionEndInfo: '_hparams_/session_end_info',
} as const;

/** `DT_FLOAT` of TensorFlow: the tab's records contain an empty tensor. */
const FLOAT = 1;

/**
 * Encodes a record of the HParams tab.
 *
 * @param content fields of the part's message in `event.proto`
 */
export function encodeHparams(wallTime: number, part: keyof typeof HPARAMS_TAGS, content: object): Uint8Array {
  const value = {
    tag: HPARAMS_TAGS[part],
    tensor: { dtype: FLOAT, shape: { dim: [{}] } },
    metadata: { pluginData: { pluginName: 'hparams', content: { [part]: content } } },
  };
  return encodeRecord(
    eventProto()
      .encode(eventProto().fromObject({ wallTime, summary: { value: [value] } }))
      .finish(),
  );
}

/**
 * Frames data as a TFRecord: length as uint64, its checksum, the data, their checksum; all little-endian.
 *
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
function encodeRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(8 + 4 + data.length + 4);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(data), true);
  return record;
}

/** A checksum of data that hold checksums themselves would be weak, so the format turns and shifts it. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Castagnoli's polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc >>> 0;
});

/**
 * Gives the CRC-32C of bytes, which Node's zlib does not have.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4
 */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}
