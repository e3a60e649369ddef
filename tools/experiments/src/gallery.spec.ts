import { contactSheet, pagesSheet } from './gallery.ts';

describe('contactSheet', () => {
  it('lays images out in rows, dark on white, with grey lines between them', () => {
    const { pixels, width, height } = contactSheet(Uint8Array.from([0, 255, 10, 20, 1, 2, 3, 4, 5, 6, 7, 8]), 2, 2, 1);
    expect([width, height]).toEqual([8, 8]);
    expect(Array.from(pixels.subarray(0, 16))).toEqual([
      255, 0, 150, 150, 254, 253, 150, 150, 245, 235, 150, 150, 252, 251, 150, 150,
    ]);
    expect(Array.from(pixels.subarray(32, 36))).toEqual([250, 249, 150, 150]);
    expect(Array.from(pixels.subarray(36, 40))).toEqual([150, 150, 150, 150]);
  });

  it('enlarges each pixel to a square', () => {
    const { pixels, width } = contactSheet(Uint8Array.from([55]), 1, 1, 2);
    expect(width).toBe(4);
    expect(Array.from(pixels.subarray(0, 6))).toEqual([200, 200, 150, 150, 200, 200]);
  });
});

describe('pagesSheet', () => {
  it('puts the channels of the targets below each page', () => {
    const { pixels, width, height } = pagesSheet(
      {
        count: 1,
        width: 2,
        height: 1,
        images: Uint8Array.from([9, 8]),
        targets: Uint8Array.from([1, 2, 4, 5]),
        characters: [[]],
      },
      1,
    );
    expect([width, height]).toEqual([4, 6]);
    expect(Array.from(pixels.subarray(0, 9))).toEqual([9, 9, 9, 8, 8, 8, 150, 150, 150]);
    expect(Array.from(pixels.subarray(3 * 12, 3 * 12 + 6))).toEqual([1, 2, 0, 4, 5, 0]);
  });
});
