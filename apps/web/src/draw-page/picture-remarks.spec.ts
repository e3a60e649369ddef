import { describeReading } from './picture-remarks.ts';

describe('describeReading', () => {
  it('says nothing of an upright picture that was read whole', () => {
    expect(describeReading({ orientation: 0, notice: null })).toEqual([]);
  });

  it.each([
    [90, 'The writing is sideways, so the picture was turned clockwise to read it.'],
    [180, 'The writing is upside down, so the picture was turned around to read it.'],
    [270, 'The writing is sideways, so the picture was turned counterclockwise to read it.'],
  ] as const)('says how a picture was turned by %i degrees', (orientation, remark) => {
    expect(describeReading({ orientation, notice: null })).toEqual([remark]);
  });

  it('says that digits were left out', () => {
    expect(describeReading({ orientation: 180, notice: 'severalDigits' })).toEqual([
      'The writing is upside down, so the picture was turned around to read it.',
      'There seem to be several digits, and only one was read.',
    ]);
  });
});
