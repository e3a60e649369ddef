import { duration, exactPercent, percent, wholeNumber } from './figures.ts';

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

describe('exactPercent', () => {
  it('has two digits after the point', () => {
    expect(exactPercent(0.98738)).toBe('98.74%');
  });
});

describe('wholeNumber', () => {
  it('groups thousands', () => {
    expect(wholeNumber(165_442.4)).toBe('165,442');
  });
});

describe('duration', () => {
  it.each([
    [0.4, '0 s'],
    [59.4, '59 s'],
    [60, '1 min 0 s'],
    [200, '3 min 20 s'],
    [3900, '1 h 5 min'],
  ])('says %d seconds as %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});
