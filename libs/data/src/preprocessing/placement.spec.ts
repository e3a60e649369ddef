import { isMnistLike, placeByCentreOfMass } from './placement.ts';

describe('placeByCentreOfMass', () => {
  it('moves the centre of mass to pixel (14, 14) by whole pixels', () => {
    const image = placeByCentreOfMass(Uint8Array.of(100, 0, 0, 100), 4, 1);
    // The middle of columns 0 and 3 is 1.5; 14 - 1.5 = 12.5 rounds to 13.
    expect(image.indexOf(100)).toBe(14 * 28 + 13);
    expect(image.lastIndexOf(100)).toBe(14 * 28 + 16);
  });

  it('weighs by brightness', () => {
    const image = placeByCentreOfMass(Uint8Array.of(250, 0, 0, 0, 0, 0, 0, 0, 0, 50), 10, 1);
    // (0 * 250 + 9 * 50) / 300 = 1.5
    expect(image.indexOf(250)).toBe(14 * 28 + 13);
  });

  it('does not push ink over the edge', () => {
    const row = new Uint8Array(28).fill(1);
    row[0] = 255;
    const image = placeByCentreOfMass(row, 28, 1);
    expect(image[14 * 28]).toBe(255);
  });
});

describe('isMnistLike', () => {
  const bar = (left: number, top: number, width: number, height: number, value = 255): Uint8Array =>
    Uint8Array.from({ length: 784 }, (_, i) => {
      const [x, y] = [i % 28, Math.floor(i / 28)];
      return x >= left && x < left + width && y >= top && y < top + height ? value : 0;
    });

  it('takes 20 pixels, centred, white on black', () => {
    expect(isMnistLike(bar(13, 4, 3, 20))).toBe(true);
    expect(isMnistLike(bar(5, 13, 19, 3))).toBe(true);
  });

  it.each([
    ['too large', bar(13, 3, 3, 22)],
    ['too small', bar(13, 6, 3, 16)],
    ['off-centre', bar(13, 6, 3, 20)],
    ['too faint', bar(13, 4, 3, 20, 120)],
    ['black on white', bar(13, 4, 3, 20).map((value) => 255 - value)],
    ['blank', new Uint8Array(784)],
  ])('does not take what is %s', (_, pixels) => {
    expect(isMnistLike(pixels)).toBe(false);
  });
});
