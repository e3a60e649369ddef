import {
  checkConditions,
  chooseSettings,
  drawValue,
  openTrialStream,
  parseDomain,
  parseSpace,
  probeSettings,
} from './space.ts';

const WHERE = 'sweep: --try x';
const CONDITIONAL = parseSpace(
  '{"momentum":{"low":0.5,"high":0.99,"when":{"type":"sgd"}},"type":["sgd","adam"],"beta":{"values":[0.9,0.99],"when":{"type":["adam"]}}}',
  'file',
);

describe('parseDomain', () => {
  it.each([
    ['0.001,0.01', { values: [0.001, 0.01] }],
    ['sgd,adamw', { values: ['sgd', 'adamw'] }],
    ['null,{"a":1,"b":2}', { values: [null, { a: 1, b: 2 }] }],
    ['1e-4..1e-1:log', { low: 1e-4, high: 0.1, scale: 'log', integer: false }],
    ['16..256:int', { low: 16, high: 256, scale: 'linear', integer: true }],
    ['16..256:log:int', { low: 16, high: 256, scale: 'log', integer: true }],
    ['0..0.2:points=3', { values: [0, 0.1, 0.2] }],
    ['0.001..0.1:log:points=3', { values: [0.001, 0.01, 0.1] }],
    ['1..3:int:points=9', { values: [1, 2, 3] }],
  ])('reads %s', (text, domain) => {
    expect(parseDomain(text, WHERE)).toEqual(domain);
  });

  it.each([
    ['low..high', 'must be a range of two numbers, such as 1e-4..1e-1:log, got low..high'],
    ['..1', 'must be a range of two numbers, such as 1e-4..1e-1:log, got ..1'],
    ['1..0', 'must be a range from a lower to a higher number, got 1..0'],
    ['0..1:log', 'must be a range above 0 for the scale log, got 0..1'],
    ['0.5..3:int', 'must be a range between whole numbers, got 0.5..3'],
    ['1..3:cubic', 'must end in :log, :int or :points=N if in anything, got :cubic'],
    ['0..1:points=1', 'must have from 2 to 1000 points, got 1'],
    ['1,2,1', 'must have each value once, got 1 twice'],
  ])('refuses %s', (text, message) => {
    expect(() => parseDomain(text, WHERE)).toThrow(`${WHERE} ${message}`);
  });
});

describe('parseSpace', () => {
  it.each([
    ['[1]', 'file must be a JSON object, got [1]'],
    ['{"x":[]}', 'file: x must have at least one value, got none'],
    ['{"x":0.1}', 'file: x must be a JSON object, got 0.1'],
    ['{"x":{"low":1}}', 'file: x: high must be given, got nothing'],
    ['{"x":{"low":"a","high":1}}', 'file: x: low must be a number, got "a"'],
    ['{"x":{"low":0,"high":1,"steps":3}}', 'file: x: steps must be left out, got "steps"'],
    ['{"x":{"low":0,"high":1,"scale":"ln"}}', 'file: x: scale must be "linear" or "log", got "ln"'],
  ])('refuses %s', (text, message) => {
    expect(() => parseSpace(text, 'file')).toThrow(message);
  });
});

describe('checkConditions', () => {
  it.each([
    ['{"x":{"values":[1],"when":{"y":1}}}', 'the condition of x must name a setting of the space, got y'],
    ['{"x":{"values":[1],"when":{"y":1}},"y":{"low":0,"high":2}}', 'must name a setting with a list of values, got y'],
    ['{"x":{"values":[1],"when":{"y":3}},"y":[1,2]}', 'must be a value of y (1, 2), got 3'],
    [
      '{"x":{"values":[1],"when":{"y":1}},"y":{"values":[1],"when":{"x":1}}}',
      'conditions must not form a ring, got x -> y -> x',
    ],
  ])('refuses %s', (text, message) => {
    expect(() => {
      checkConditions(parseSpace(text, 'file'));
    }).toThrow(message);
  });
});

describe('chooseSettings', () => {
  it('leaves out settings whose condition does not hold, in any order of the space', () => {
    const choose = (type: string) =>
      chooseSettings(CONDITIONAL, (name, domain) => (name === 'type' ? type : 'values' in domain ? 0.9 : 0.5));
    expect(Object.entries(choose('sgd'))).toEqual([
      ['momentum', 0.5],
      ['type', 'sgd'],
    ]);
    expect(choose('adam')).toEqual({ type: 'adam', beta: 0.9 });
  });
});

describe('drawValue', () => {
  const draws = (text: string) =>
    Array.from(
      { length: 2000 },
      (_, trial) => drawValue(parseDomain(text, WHERE), openTrialStream(1, trial, 0)) as number,
    );

  it('draws the order of magnitude of a log range evenly', () => {
    const values = draws('1e-4..1e-1:log');
    const shares = [1e-4, 1e-3, 1e-2].map(
      (low) => values.filter((value) => value >= low && value < 10 * low).length / 2000,
    );
    for (const share of shares) expect(Math.abs(share - 1 / 3)).toBeLessThan(0.04);
    expect(values.every((value) => value === Number(value.toPrecision(4)))).toBe(true);
  });

  it('draws each whole number of a range equally often, its ends too', () => {
    const values = draws('1..4:int');
    for (const value of [1, 2, 3, 4]) {
      expect(Math.abs(values.filter((drawn) => drawn === value).length / 2000 - 1 / 4)).toBeLessThan(0.04);
    }
  });
});

describe('probeSettings', () => {
  it('tries each value and each end with what its condition needs', () => {
    expect(probeSettings(CONDITIONAL)).toEqual([
      { momentum: 0.5, type: 'sgd' },
      { momentum: 0.99, type: 'sgd' },
      { momentum: 0.6813, type: 'sgd' },
      { momentum: 0.5, type: 'sgd' },
      { type: 'adam', beta: 0.9 },
      { type: 'adam', beta: 0.9 },
      { type: 'adam', beta: 0.99 },
    ]);
  });
});
