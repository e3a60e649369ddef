import { encodeSafetensors } from './safetensors.ts';

describe('encodeSafetensors', () => {
  it('writes the length of the header, the header, then the values, wider ones first', () => {
    const bytes = encodeSafetensors(
      [
        { name: 'a', shape: [1, 2], values: Float32Array.of(1, -2) },
        { name: 'n', shape: [], values: BigInt64Array.of(-1n) },
      ],
      { format: 'pt' },
    );
    const header =
      '{"__metadata__":{"format":"pt"},"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},' +
      '"a":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    expect(Buffer.from(bytes).toString('hex')).toBe(
      [
        Buffer.from(BigUint64Array.of(BigInt(padded.length)).buffer).toString('hex'),
        Buffer.from(padded).toString('hex'),
        'ffffffffffffffff', // -1 as int64
        '0000803f' + '000000c0', // 1 and -2 as float32
      ].join(''),
    );
  });
});
