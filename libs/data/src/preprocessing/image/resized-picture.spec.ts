import { borderOf, inkVote, resizePicture } from './resized-picture.ts';

const grey = (width: number, ...data: number[]) => ({
  data: Uint8Array.from(data),
  width,
  height: data.length / width,
  channels: 1 as const,
});

function pixelsOf(resized: ReturnType<typeof resizePicture>): number[] {
  return resized === 'blank' ? [] : [...resized.pixels];
}

describe('resizePicture', () => {
  it('returns a grey picture of the size as it is', () => {
    expect(pixelsOf(resizePicture(grey(2, 1, 2, 3, 200), 2))).toEqual([1, 2, 3, 200]);
  });

  it('shrinks by the mean of areas', () => {
    const picture = grey(4, 0, 10, 20, 30, 10, 20, 30, 40, 100, 100, 0, 0, 100, 100, 0, 0);
    expect(pixelsOf(resizePicture(picture, 2))).toEqual([10, 30, 100, 0]);
    // Each pixel of the result covers one and a half of the source: (0 + 90 / 2) / 1.5 and (90 / 2 + 240) / 1.5.
    expect(pixelsOf(resizePicture(grey(3, 0, 90, 240, 0, 90, 240, 0, 90, 240), 2))).toEqual([30, 190, 30, 190]);
  });

  it('grows by a cubic whose border pixels go on', () => {
    // Keys' weights at distances 0.25, 0.75, 1.25 and 1.75: 0.8671875, 0.2265625, -0.0703125, -0.0234375.
    const row = [0, 52, 203, 255];
    expect(pixelsOf(resizePicture(grey(2, 0, 255, 0, 255), 4))).toEqual([...row, ...row, ...row, ...row]);
  });

  it('keeps the aspect ratio on a ground of the border', () => {
    expect(pixelsOf(resizePicture(grey(3, 50, 50, 50, 50, 200, 50), 3))).toEqual([50, 50, 50, 50, 200, 50, 50, 50, 50]);
  });

  it('turns colours to lightness, and puts ink without a ground on white', () => {
    const rgb = {
      data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255),
      width: 2,
      height: 2,
      channels: 3 as const,
    };
    expect(pixelsOf(resizePicture(rgb, 2))).toEqual([76, 150, 29, 255]);
    const clear = {
      data: Uint8Array.of(0, 0, 0, 255, 9, 9, 9, 0, 9, 9, 9, 0, 9, 9, 9, 0),
      width: 2,
      height: 2,
      channels: 4 as const,
    };
    expect(pixelsOf(resizePicture(clear, 2))).toEqual([0, 255, 255, 255]);
  });

  it('finds nothing in pictures of one colour and in transparent ones', () => {
    expect(resizePicture(grey(2, 7, 7, 7, 9), 2)).toBe('blank');
    expect(resizePicture({ data: new Uint8Array(16), width: 2, height: 2, channels: 4 }, 2)).toBe('blank');
  });

  it('refuses data that are not those of the size', () => {
    expect(() => resizePicture({ ...grey(2, 1, 2, 3, 4), height: 3 }, 2)).toThrow(
      'resizePicture: picture.data must have 2x3x1 = 6 bytes, got 4',
    );
  });
});

describe('inkVote', () => {
  it('votes for dark ink if the border is lighter than the whole', () => {
    expect(inkVote(Uint8Array.of(255, 255, 255, 255, 0, 255, 255, 255, 255), 3, 3)).toBe(1);
    expect(inkVote(Uint8Array.of(0, 0, 0, 0, 255, 0, 0, 0, 0), 3, 3)).toBe(-1);
    expect(inkVote(Uint8Array.of(5, 5, 5, 5), 2, 2)).toBe(0);
  });
});

describe('borderOf', () => {
  it('returns each outermost pixel once', () => {
    expect([...borderOf(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), 3, 3)]).toEqual([1, 2, 3, 4, 6, 7, 8, 9]);
    expect([...borderOf(Uint8Array.of(1, 2, 3), 1, 3)]).toEqual([1, 2, 3]);
    expect([...borderOf(Uint8Array.of(1, 2, 3), 3, 1)]).toEqual([1, 2, 3]);
  });
});
