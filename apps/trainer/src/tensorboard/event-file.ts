import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { crc32c } from './crc32c.ts';

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
