import { multiplyHigh, philox4x32 } from './philox.ts';

describe('multiplyHigh', () => {
  it.each([
    [0, 0xffffffff],
    [1, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x80000000, 2],
    [0xd2511f53, 0xcd9e8d57],
    [0x0000ffff, 0xffff0000],
    [0x12345678, 0x9abcdef0],
  ])('gives the high word of %d * %d', (a, b) => {
    expect(multiplyHigh(a, b)).toBe(Number((BigInt(a) * BigInt(b)) >> 32n));
  });
});

describe('philox4x32', () => {
  // The lines "philox4x32 10" of Random123's own tests/kat_vectors.
  it.each([
    ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ])('gives the known answer for counter %s and key %s', (counter, key, answer) => {
    const words = (text: string): number[] => text.split(' ').map((word) => Number.parseInt(word, 16));
    const [c0, c1, c2, c3] = words(counter);
    const [k0, k1] = words(key);
    const out = new Uint32Array(4);

    philox4x32(c0, c1, c2, c3, k0, k1, out);

    expect([...out]).toEqual(words(answer));
  });

  it('writes its four words at the offset and nothing else', () => {
    const out = new Uint32Array(6);

    philox4x32(0, 0, 0, 0, 0, 0, out, 1);

    expect([...out]).toEqual([0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8, 0]);
  });
});
