import { imagesPerCall } from './memory.ts';

describe('imagesPerCall', () => {
  it('is the maximum for small images, as many as fit into 32 MB for larger ones, and at least one', () => {
    expect(imagesPerCall(2048, 3176)).toBe(2048);
    expect(imagesPerCall(2048, 2 ** 17)).toBe(256);
    expect(imagesPerCall(2048, 2 ** 26)).toBe(1);
  });
});
