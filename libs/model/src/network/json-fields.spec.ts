import {
  readArray,
  readBoolean,
  readChoice,
  readInteger,
  readNullable,
  readNumber,
  readObject,
  readString,
  shown,
} from './json-fields.ts';

/** Kind and message: `toThrow` looks at the message alone. */
function thrownBy(read: () => unknown): string {
  try {
    read();
    return 'nothing';
  } catch (error) {
    return String(error);
  }
}

describe('shown', () => {
  it.each<[unknown, string]>([
    [undefined, 'nothing'],
    [null, 'null'],
    [NaN, 'NaN'],
    ['a "word"', String.raw`"a \"word\""`],
    [['a', 1], '["a",1]'],
    [{ a: true }, '{"a":true}'],
    [() => 1, 'function'],
    [Symbol('s'), 'symbol'],
    [1n, 'bigint'],
    [new Array(61).fill(0), 'an array of 61'],
    ['x'.repeat(59), `"${'x'.repeat(59)}...`],
  ])('writes %p as %s', (value, text) => {
    expect(shown(value)).toBe(text);
  });
});

describe('readObject', () => {
  it('gives the fields, of which optional ones may be missing', () => {
    expect(readObject({ a: 1 }, 'read: config', ['a', 'b'], ['b'])).toEqual({ a: 1 });
  });

  it.each<[unknown, string]>([
    [[], 'TypeError: read: config must be an object, got []'],
    [null, 'TypeError: read: config must be an object, got null'],
    [{ a: 1 }, 'TypeError: read: config.b must be given, got nothing'],
    [{ a: 1, b: 2, c: 3 }, 'RangeError: read: config must have only the fields a, b, got "c"'],
  ])('refuses %p', (value, refusal) => {
    expect(thrownBy(() => readObject(value, 'read: config', ['a', 'b']))).toBe(refusal);
  });

  it('does not take what every object inherits for a field', () => {
    expect(thrownBy(() => readObject({}, 'read: config', ['toString']))).toBe(
      'TypeError: read: config.toString must be given, got nothing',
    );
  });
});

describe('readArray', () => {
  const read = (value: unknown, min: number, max: number) => readArray(value, 'read: list', min, max, readBoolean);

  it('reads every item, and names the one that is wrong', () => {
    expect([read([true], 1, 2), read([true, false], 1, 2)]).toEqual([[true], [true, false]]);
    expect(thrownBy(() => read([true, 'no'], 1, 3))).toBe('TypeError: read: list[1] must be true or false, got "no"');
  });

  it.each<[unknown, number, number, string]>([
    ['ab', 1, 3, 'TypeError: read: list must be an array, got "ab"'],
    [[], 1, 3, 'RangeError: read: list must have 1 to 3 items, got 0'],
    [[true, true], 1, 1, 'RangeError: read: list must have 1 items, got 2'],
  ])('refuses %p', (value, min, max, refusal) => {
    expect(thrownBy(() => read(value, min, max))).toBe(refusal);
  });
});

describe('readInteger', () => {
  it('takes both ends of the range', () => {
    expect([readInteger(2, 'read: n', 2, 5), readInteger(5, 'read: n', 2, 5)]).toEqual([2, 5]);
  });

  it.each<[unknown, string]>([
    ['3', 'TypeError: read: n must be a whole number, got "3"'],
    [2.5, 'RangeError: read: n must be a whole number in [2, 5], got 2.5'],
    [1, 'RangeError: read: n must be a whole number in [2, 5], got 1'],
    [6, 'RangeError: read: n must be a whole number in [2, 5], got 6'],
  ])('refuses %p', (value, refusal) => {
    expect(thrownBy(() => readInteger(value, 'read: n', 2, 5))).toBe(refusal);
  });
});

describe('readNumber', () => {
  const open = { min: 0, max: 1, openMin: true, openMax: true };

  it('takes the ends of a closed range only', () => {
    expect([0, 1].map((value) => readNumber(value, 'read: x', { min: 0, max: 1 }))).toEqual([0, 1]);
    expect(thrownBy(() => readNumber(0, 'read: x', open))).toBe('RangeError: read: x must be in (0, 1), got 0');
    expect(thrownBy(() => readNumber(1, 'read: x', open))).toBe('RangeError: read: x must be in (0, 1), got 1');
  });

  it.each<[unknown, string]>([
    [null, 'TypeError: read: x must be a number, got null'],
    [NaN, 'RangeError: read: x must be in [0, Infinity], got NaN'],
    [Infinity, 'RangeError: read: x must be in [0, Infinity], got Infinity'],
  ])('refuses %p', (value, refusal) => {
    expect(thrownBy(() => readNumber(value, 'read: x', { min: 0, max: Infinity }))).toBe(refusal);
  });
});

describe('readString', () => {
  it.each<[unknown, string]>([
    [7, 'TypeError: read: name must be a string, got 7'],
    ['abcd', 'RangeError: read: name must have at most 3 characters, got 4'],
  ])('refuses %p', (value, refusal) => {
    expect(readString('abc', 'read: name', 3)).toBe('abc');
    expect(thrownBy(() => readString(value, 'read: name', 3))).toBe(refusal);
  });
});

describe('readChoice', () => {
  it('refuses what is none of the choices', () => {
    expect(readChoice('b', 'read: kind', ['a', 'b'])).toBe('b');
    expect(thrownBy(() => readChoice('c', 'read: kind', ['a', 'b']))).toBe(
      'RangeError: read: kind must be one of a, b, got "c"',
    );
  });
});

describe('readNullable', () => {
  it('reads what is not null', () => {
    expect(readNullable(null, 'read: flag', readBoolean)).toBeNull();
    expect(readNullable(true, 'read: flag', readBoolean)).toBe(true);
    expect(thrownBy(() => readNullable(1, 'read: flag', readBoolean))).toBe(
      'TypeError: read: flag must be true or false, got 1',
    );
  });
});
