import { normaliseImages } from './normalisation.ts';

describe('normaliseImages', () => {
  it('takes 0 to 0, 255 to 1 and all between in proportion, as float32', () => {
    expect(normaliseImages(Uint8Array.of(0, 51, 128, 255))).toEqual(
      Float32Array.of(0, Math.fround(0.2), Math.fround(128 / 255), 1),
    );
  });

  it('takes clamped arrays, and none at all', () => {
    expect(normaliseImages(Uint8ClampedArray.of(255))).toEqual(Float32Array.of(1));
    expect(normaliseImages(new Uint8Array())).toHaveLength(0);
  });
});
