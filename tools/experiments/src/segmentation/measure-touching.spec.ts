import { type LabelledImages, openRandomStream } from '@digits/data';
import { drawNumber } from './measure-touching.ts';

/** Two digits, 0 and 1, that are bars of 4 columns. */
const BARS: LabelledImages = (() => {
  const images = new Uint8Array(2 * 784);
  for (const digit of [0, 1]) {
    for (let y = 4; y < 24; y++) images.fill(255, digit * 784 + y * 28 + 12, digit * 784 + y * 28 + 16);
  }
  const labels = Uint8Array.of(0, 1);
  return { images, labels, count: 2, height: 28, width: 28, channels: 1, numClasses: 2 };
})();

/** Columns of ink along the middle row, in runs. */
function runsOf(gaps: readonly [number, number]): { readonly runs: number[]; readonly label: string } {
  const draws = openRandomStream({ seed: 3, purpose: 200 });
  // All zeros, since the bars know no other digits than 0 and 1.
  const { picture, label } = drawNumber(BARS, { gaps, zeros: 1 }, draws);
  const row = picture.data.subarray((picture.height / 2) * picture.width, (picture.height / 2 + 1) * picture.width);
  const runs: number[] = [];
  row.forEach((value, x) => {
    if (value > 140) return;
    if (x > 0 && row[x - 1] <= 140) runs[runs.length - 1]++;
    else runs.push(1);
  });
  return { runs, label };
}

describe('drawNumber', () => {
  it('draws each digit once and names them', () => {
    const { runs, label } = runsOf([6, 6]);
    expect(label).toMatch(/^0{2,5}$/);
    expect(runs).toHaveLength(label.length);
  });

  it('draws digits with a negative gap into each other', () => {
    const { runs, label } = runsOf([-2, -2]);
    expect(runs).toHaveLength(1);
    // Bars of 8 columns, give or take one for their soft edges, 2 of which each bar shares with the next.
    expect(Math.abs(runs[0] - (8 * label.length - 2 * (label.length - 1)))).toBeLessThanOrEqual(label.length);
  });
});
