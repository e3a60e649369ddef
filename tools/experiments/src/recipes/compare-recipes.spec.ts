import { presetConfig } from '@digits/model';
import { parseLayers } from './compare-recipes.ts';

describe('parseLayers', () => {
  it('writes the network of accurate', () => {
    const { architecture } = presetConfig('accurate');
    expect(parseLayers('24s 24v p 48s 48s p 96s 96v p d0.3', [28, 28, 1], 10)).toEqual(architecture);
  });

  it('refuses other words', () => {
    expect(() => parseLayers('16v q', [28, 28, 1], 10)).toThrow(
      new RangeError('parseLayers: text must be of words like 16v, 16s, p and d0.3, got "q"'),
    );
  });
});
