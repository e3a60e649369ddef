import { percent } from './percent.ts';

describe('percent', () => {
  it.each([
    [0.974, '97%'],
    [0.9941, '99.4%'],
    [0.9995, '>99.9%'],
    [1, '>99.9%'],
    [0.0042, '0.4%'],
    [0, '<0.1%'],
  ])('writes %d as %s', (share, text) => {
    expect(percent(share)).toBe(text);
  });
});
