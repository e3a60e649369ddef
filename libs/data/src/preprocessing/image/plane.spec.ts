import { resample } from './plane.ts';

const plane = { width: 4, height: 2, values: Float32Array.of(0, 4, 8, 12, 2, 6, 10, 14) };

describe('resample', () => {
  it('gives the same plane at the same size', () => {
    expect([...resample(plane, { x: 0, y: 0, width: 4, height: 2 }, 4, 2).values]).toEqual([...plane.values]);
  });

  it('averages by area where it shrinks', () => {
    expect([...resample(plane, { x: 0, y: 0, width: 4, height: 2 }, 2, 1).values]).toEqual([3, 11]);
    // Columns 0 to 1.5 and 1.5 to 3: 0, 0, 4, 4 and so on in halves of a pixel.
    const [left, right] = resample(plane, { x: 0, y: 0, width: 3, height: 1 }, 2, 1).values;
    expect(left).toBeCloseTo((0 * 1 + 4 * 0.5) / 1.5, 5);
    expect(right).toBeCloseTo((4 * 0.5 + 8 * 1) / 1.5, 5);
  });

  it('goes on as a ramp does where it grows', () => {
    const ramp = { width: 4, height: 1, values: Float32Array.of(0, 8, 16, 24) };
    expect([...resample(ramp, { x: 1.5, y: 0, width: 1, height: 1 }, 4, 1).values]).toEqual([9, 11, 13, 15]);
  });

  it('keeps an edge sharper than lines between pixels where it grows', () => {
    const edge = { width: 4, height: 1, values: Float32Array.of(0, 0, 8, 8) };
    // By hand: 8 (w(1 - t) + w(2 - t)) with Keys' weights at t = 1/8, 3/8 and so on; lines would give 1, 3, 5, 7.
    expect([...resample(edge, { x: 1.5, y: 0, width: 1, height: 1 }, 4, 1).values]).toEqual([
      0.671875, 2.765625, 5.234375, 7.328125,
    ]);
  });

  it('takes what is outside for 0', () => {
    const row = { width: 1, height: 1, values: Float32Array.of(6) };
    expect([...resample(row, { x: -1, y: 0, width: 3, height: 1 }, 3, 1).values]).toEqual([0, 6, 0]);
    expect([...resample(row, { x: -1, y: 0, width: 3, height: 1 }, 1, 1).values]).toEqual([2]);
  });
});
