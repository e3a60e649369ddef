import { rankClasses, type ReadDigit, type Reading, readingToJson } from './reading.ts';

const SEVEN: ReadDigit = {
  digit: 1,
  className: 'seven',
  runnerUp: 0,
  confidence: 0.75,
  probabilities: [0.25, 0.75],
  rejected: false,
  box: { x: 1, y: 2, width: 3, height: 4 },
  row: 0,
  image: new Uint8Array(784),
  isTouching: false,
  steps: [],
  explanation: null,
};

const READING: Reading = {
  mode: 'single',
  text: 'seven',
  digits: [SEVEN],
  reason: null,
  notice: null,
  orientation: 0,
  table: null,
  classNames: ['one', 'seven'],
  steps: [],
};

const SEVEN_JSON = {
  digit: 1,
  className: 'seven',
  runnerUp: 0,
  confidence: 0.75,
  probabilities: [0.25, 0.75],
  rejected: false,
};
const BOX = { x: 1, y: 2, width: 3, height: 4 };

describe('readingToJson', () => {
  it('has the answer at the top level if the input was read as one digit', () => {
    expect(readingToJson(READING)).toEqual({
      mode: 'single',
      text: 'seven',
      reason: null,
      notice: null,
      orientation: 0,
      table: null,
      ...SEVEN_JSON,
      digits: [{ ...SEVEN_JSON, reason: null, box: BOX }],
    });
  });

  it('has only the digits if the input was read as several', () => {
    const rejected: ReadDigit = { ...SEVEN, digit: null, className: null, rejected: true };
    expect(readingToJson({ ...READING, mode: 'multiple', text: 'seven?', digits: [SEVEN, rejected] })).toEqual({
      mode: 'multiple',
      text: 'seven?',
      reason: null,
      notice: null,
      orientation: 0,
      table: null,
      digits: [
        { ...SEVEN_JSON, reason: null, box: BOX },
        { ...SEVEN_JSON, digit: null, className: null, rejected: true, reason: 'notADigit', box: BOX },
      ],
    });
  });

  it('says that all classes are equally likely if nothing was found', () => {
    expect(readingToJson({ ...READING, text: '', digits: [], reason: 'blank' })).toEqual({
      mode: 'single',
      text: '',
      reason: 'blank',
      notice: null,
      orientation: 0,
      table: null,
      digit: null,
      className: null,
      runnerUp: null,
      confidence: 0.5,
      probabilities: [0.5, 0.5],
      rejected: true,
      digits: [],
    });
  });
});

describe('rankClasses', () => {
  it('puts the most probable class first, and of equal ones the lower index', () => {
    expect(rankClasses([0.1, 0.3, 0.2, 0.3, 0.1])).toEqual([1, 3, 2, 0, 4]);
  });
});
