import { IDENTITY_MAP, warp } from './warp.ts';

const SIZE = { height: 3, width: 4 };
// prettier-ignore
const IMAGE = Uint8Array.of(
   0,  10,  20,  30,
  40,  50,  60,  70,
  80,  90, 100, 255,
);

function field(dx: number, dy: number): { dx: Int32Array; dy: Int32Array } {
  return { dx: new Int32Array(12).fill(dx), dy: new Int32Array(12).fill(dy) };
}

describe('warp', () => {
  it('gives the image itself under the identity', () => {
    const warped = warp(IMAGE, SIZE, IDENTITY_MAP, null);

    expect([...warped]).toEqual([...IMAGE]);
    expect(warped).not.toBe(IMAGE);
  });

  it('takes pixels from where the map says, black outside', () => {
    const onePixelRightAndDown = Int32Array.of(4096, 0, 2 ** 20, 0, 4096, 2 ** 20);

    expect([...warp(IMAGE, SIZE, onePixelRightAndDown, null)]).toEqual([50, 60, 70, 0, 90, 100, 255, 0, 0, 0, 0, 0]);
  });

  it('takes pixels from where the displacement says', () => {
    expect([...warp(IMAGE, SIZE, IDENTITY_MAP, field(-256, 0))]).toEqual([0, 0, 10, 20, 0, 40, 50, 60, 0, 80, 90, 100]);
  });

  it('displaces each pixel on its own', () => {
    const displacement = { dx: Int32Array.of(256, 0, -256, 128), dy: new Int32Array(4) };

    expect([...warp(Uint8Array.of(10, 20, 30, 40), { height: 1, width: 4 }, IDENTITY_MAP, displacement)]).toEqual([
      20, 20, 20, 20,
    ]);
  });

  it('interpolates between four pixels, halves rounded up', () => {
    // (20 + 30 + 60 + 70) / 4 = 45; the last column: (30 + 70) / 4 = 25; the last: 255 / 4 = 63.75.
    expect([...warp(IMAGE, SIZE, IDENTITY_MAP, field(128, 128))]).toEqual([
      25, 35, 45, 25, 65, 75, 121, 81, 43, 48, 89, 64,
    ]);
  });

  it('fades in from black over the pixel before the first', () => {
    expect([...warp(IMAGE, SIZE, IDENTITY_MAP, field(-64, 0)).subarray(8)]).toEqual([60, 88, 98, 216]);
  });

  it('turns a square by a quarter about its centre', () => {
    const quarterTurn = Int32Array.of(0, 4096, 0, -4096, 0, 0);

    expect([...warp(Uint8Array.of(1, 2, 3, 4), { height: 2, width: 2 }, quarterTurn, null)]).toEqual([3, 1, 4, 2]);
  });

  it('maps the displaced position, not the pixel', () => {
    const doubled = Int32Array.of(8192, 0, 0, 0, 4096, 0);
    const row = Uint8Array.of(0, 0, 0, 0, 100, 0, 200);
    const oneToTheRight = { dx: new Int32Array(7).fill(256), dy: new Int32Array(7) };

    // Pixel 3, the centre, moves to offset 1, which maps to offset 2: source pixel 5.
    expect([...warp(row, { height: 1, width: 7 }, doubled, oneToTheRight)]).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(warp(row, { height: 1, width: 7 }, Int32Array.of(2048, 0, 0, 0, 4096, 0), oneToTheRight)[4]).toBe(100);
  });
});
