import { PRESET_NAMES, presetConfig } from '@digits/model';
import { countFlops, countLayerFlops, networkNamed } from './networks.ts';

describe('networkNamed', () => {
  it('has each preset under its own name', () => {
    expect(PRESET_NAMES.map(networkNamed)).toEqual(PRESET_NAMES.map((name) => presetConfig(name).architecture));
  });
});

describe('countLayerFlops', () => {
  it('counts two operations a multiplication, and no input gradient for the first layer', () => {
    expect(countLayerFlops(networkNamed('small'))).toEqual([
      { layer: 'conv1', forward: 2 * 26 * 26 * 9 * 16, training: 4 * 26 * 26 * 9 * 16 },
      { layer: 'conv2', forward: 2 * 11 * 11 * 9 * 16 * 32, training: 6 * 11 * 11 * 9 * 16 * 32 },
      { layer: 'logits', forward: 2 * 800 * 10, training: 6 * 800 * 10 },
    ]);
  });
});

describe('countFlops', () => {
  it('sums the layers', () => {
    expect(countFlops(networkNamed('small'), 'predict')).toBe(194_688 + 1_115_136 + 16_000);
    expect(countFlops(networkNamed('wide'), 'train')).toBe(
      2 * (2 * 97_344 + 3 * (1_327_104 + 663_552 + 1_327_104 + 663_552 + 1_327_104 + 23_040)),
    );
  });
});
