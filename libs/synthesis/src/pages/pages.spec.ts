import { createHash } from 'node:crypto';
import { generatePages, PAGE_CHANNELS } from './pages.ts';

const [INK, RULING] = [0, 1];

/** Values of one channel of all pages. */
function channelOf(targets: Uint8Array, channel: number): Uint8Array {
  return Uint8Array.from(
    { length: targets.length / PAGE_CHANNELS.length },
    (_, i) => targets[i * PAGE_CHANNELS.length + channel],
  );
}

describe('generatePages', () => {
  it('draws page i from the seed and i alone', () => {
    const all = generatePages({ count: 4, seed: 3 });
    const last = generatePages({ count: 2, seed: 3, start: 2 });
    expect(last.images).toEqual(all.images.subarray(2 * 96 * 96));
    expect(last.targets).toEqual(all.targets.subarray(2 * 96 * 96 * 2));
    expect(last.characters).toEqual(all.characters.slice(2));
  });

  it('draws other pages with another seed or fold', () => {
    const { images } = generatePages({ count: 1, seed: 3 });
    expect(generatePages({ count: 1, seed: 4 }).images).not.toEqual(images);
    expect(generatePages({ count: 1, seed: 3, fold: 'validation' }).images).not.toEqual(images);
  });

  it('draws the same bytes on every machine', () => {
    const { images, targets } = generatePages({ count: 12, seed: 1 });
    const hash = createHash('sha256').update(images).update(targets).digest('hex');
    expect(hash.slice(0, 16)).toBe('fbb8908f30d7ef07');
  });

  it('has no ink on empty pages, and printed lines on most of them', () => {
    const { targets, characters, count } = generatePages({ count: 20, seed: 5, layout: 'empty' });
    expect(characters.flat()).toEqual([]);
    expect(channelOf(targets, INK).some((value) => value > 0)).toBe(false);
    const lines = channelOf(targets, RULING);
    const numRuled = Array.from({ length: count }, (_, i) =>
      lines.subarray(i * 96 * 96, (i + 1) * 96 * 96).some((value) => value > 0),
    ).filter(Boolean).length;
    expect(numRuled).toBeGreaterThan(count / 3);
  });

  it('puts all ink of whole pages into the boxes of characters', () => {
    const { targets, characters, count, width, height } = generatePages({
      count: 12,
      seed: 6,
      isTile: false,
      layout: 'line',
      width: 160,
      height: 90,
      characterHeight: [20, 40],
    });
    const ink = channelOf(targets, INK);
    for (let i = 0; i < count; i++) {
      for (let at = 0; at < width * height; at++) {
        if (ink[i * width * height + at] < 200) continue;
        const [x, y] = [at % width, Math.floor(at / width)];
        const isInside = characters[i].some(
          ({ box }) => x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height,
        );
        expect(isInside).toBe(true);
      }
    }
  });

  it('makes ink stand out from the page around it', () => {
    const { images, targets, count } = generatePages({
      count: 100,
      seed: 7,
      layout: 'single',
      characterHeight: [30, 60],
    });
    const ink = channelOf(targets, INK);
    let numClear = 0;
    for (let i = 0; i < count; i++) {
      const values = { inside: [0, 0], outside: [0, 0] };
      for (let at = i * 96 * 96; at < (i + 1) * 96 * 96; at++) {
        const group = ink[at] > 200 ? values.inside : ink[at] === 0 ? values.outside : null;
        if (group === null) continue;
        group[0] += images[at];
        group[1]++;
      }
      const mean = ([sum, number]: number[]): number => sum / Math.max(1, number);
      if (Math.abs(mean(values.inside) - mean(values.outside)) > 20) numClear++;
    }
    expect(numClear).toBeGreaterThan(0.7 * count);
  });

  it('refuses options that are out of range', () => {
    expect(() => generatePages({ count: -1, seed: 1 })).toThrow(
      'generatePages: count must be an integer of at least 0, got -1',
    );
    expect(() => generatePages({ count: 1, seed: 1, width: 8 })).toThrow(
      'generatePages: width must be an integer in [32, 4096], got 8',
    );
    expect(() => generatePages({ count: 1, seed: 1, characterHeight: [2, 40] })).toThrow(
      'generatePages: characterHeight must be [least, most] with 5 <= least <= most, got [2, 40]',
    );
  });
});
