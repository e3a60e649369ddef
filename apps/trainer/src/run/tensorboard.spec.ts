import { crc32c, encodeFileStart, encodeHparams, encodeScalars } from './tensorboard.ts';

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

/*
 * What TensorBoard 2.21's `summary_v2.hparams_pb` gives, as hex of SerializeToString(), for {"flag": True, "learningRate": 0.01,
 * "optimizer.type": "sgd"}, trial_id="trial-000", start_time_secs=1700000000; and `hparams_config_pb` for [HParam("learningRate")],
 * [Metric("epoch_accuracy", group="validation", display_name="validation accuracy")], time_created_secs=1700000000.
 */
describe('the records of the HParams tab', () => {
  const START =
    '0a8b010a1c5f68706172616d735f2f73657373696f6e5f73746172745f696e666f42060801120212004a630a610a0768706172616d7312561a540a0a0a04' +
    '666c6167120220010a190a0c6c6561726e696e67526174651209117b14ae47e17a843f0a170a0e6f7074696d697a65722e7479706512051a037367642209' +
    '747269616c2d3030302900000040fc54d941';
  const EXPERIMENT =
    '0a7d0a145f68706172616d735f2f6578706572696d656e7442060801120212004a5d0a5b0a0768706172616d731250124e1900000040fc54d941220e0a0c' +
    '6c6561726e696e67526174652a330a1c0a0a76616c69646174696f6e120e65706f63685f61636375726163791a1376616c69646174696f6e206163637572' +
    '616379';

  it('are those of TensorBoard for the settings of a trial', () => {
    const record = encodeHparams(1_700_000_000, 'sessionStartInfo', {
      hparams: {
        flag: { boolValue: true },
        learningRate: { numberValue: 0.01 },
        'optimizer.type': { stringValue: 'sgd' },
      },
      groupName: 'trial-000',
      startTimeSecs: 1_700_000_000,
    });
    expect(hex(record)).toContain(START);
  });

  it('are those of TensorBoard for the experiment', () => {
    const record = encodeHparams(1_700_000_000, 'experiment', {
      timeCreatedSecs: 1_700_000_000,
      hparamInfos: [{ name: 'learningRate' }],
      metricInfos: [{ name: { group: 'validation', tag: 'epoch_accuracy' }, displayName: 'validation accuracy' }],
    });
    expect(hex(record)).toContain(EXPERIMENT);
  });
});
