import { crc32c, encodeFileStart, encodeScalars } from './tensorboard.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('crc32c', () => {
  it.each([
    ['123456789', 'e3069283'],
    ['', '00000000'],
  ])('gives the published check value of "%s"', (text, expected) => {
    expect(crc32c(new TextEncoder().encode(text)).toString(16).padStart(8, '0')).toBe(expected);
  });

  it('gives that of RFC 3720 for 32 zeros', () => {
    expect(crc32c(new Uint8Array(32)).toString(16)).toBe('8a9136aa');
  });
});

/*
 * What TensorBoard 2.21 itself writes: `RecordWriter(f).write(e.SerializeToString())` of tensorboard.summary.writer.record_writer, with
 * `event_pb2.Event(wall_time=1700000000.5, file_version="brain.Event:2")` and `event_pb2.Event(wall_time=1700000001.25, step=3)` with the
 * values epoch_loss 0.25 and epoch_accuracy 0.5.
 */
describe('the records of an event file', () => {
  it('begin as those of TensorBoard', () => {
    expect(hex(encodeFileStart(1_700_000_000.5))).toBe(
      '1800000000000000a37f4b220900002040fc54d9411a0d627261696e2e4576656e743a322b353110',
    );
  });

  it('hold scalars as those of TensorBoard do', () => {
    const scalars = { epoch_loss: 0.25, epoch_accuracy: 0.5 };
    expect(hex(encodeScalars({ wallTime: 1_700_000_001.25, step: 3, scalars }))).toBe(
      '3700000000000000e7e8ca590900005040fc54d94110032a2a0a110a0a65706f63685f6c6f7373150000803e' +
        '0a150a0e65706f63685f6163637572616379150000003fe9fe0942',
    );
  });
});
