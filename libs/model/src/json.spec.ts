import { nullable, optional } from 'valibot';
import {
  BOOLEAN,
  choice,
  fields,
  integer,
  list,
  pair,
  parse,
  real,
  type Schema,
  shown,
  text,
  variants,
} from './json.ts';

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

function refusal(schema: Schema<unknown>, value: unknown, name: string): string {
  return thrownBy(() => parse(schema, value, `read: ${name}`));
}

describe('fields', () => {
  const schema = fields({ a: integer(0), b: optional(integer(0), 7) });

  it('gives a new object, with the default of an optional field that is missing', () => {
    expect(parse(schema, { a: 1 }, 'read: config')).toEqual({ a: 1, b: 7 });
  });

  it.each<[unknown, string]>([
    [[], 'TypeError: read: config must be an object, got []'],
    [null, 'TypeError: read: config must be an object, got null'],
    [{ b: 1 }, 'TypeError: read: config.a must be given, got nothing'],
    [{ a: 1, b: 2, c: 3 }, 'RangeError: read: config must have only the fields a, b, got "c"'],
    [{ a: 1, b: -2 }, 'RangeError: read: config.b must be a whole number in [0, 9007199254740991], got -2'],
  ])('refuses %p', (value, expected) => {
    expect(refusal(schema, value, 'config')).toBe(expected);
  });

  it('does not take what every object inherits for a field', () => {
    expect(refusal(fields({ toString: BOOLEAN }), {}, 'config')).toBe(
      'TypeError: read: config.toString must be given, got nothing',
    );
  });

  it('names the place of a field within a field', () => {
    const nested = fields({ list: list(fields({ x: BOOLEAN }), 1, 3) });
    expect(refusal(nested, { list: [{ x: true }, { x: 1 }] }, 'config')).toBe(
      'TypeError: read: config.list[1].x must be true or false, got 1',
    );
  });
});

describe('variants', () => {
  const schema = variants('type', { dot: {}, circle: { radius: real(0, 1) } });

  it('reads each kind by its own fields', () => {
    expect(parse(schema, { type: 'dot' }, 'read: shape')).toEqual({ type: 'dot' });
    expect(parse(schema, { radius: 0.5, type: 'circle' }, 'read: shape')).toEqual({ type: 'circle', radius: 0.5 });
  });

  it.each<[unknown, string]>([
    [[], 'TypeError: read: shape must be an object, got []'],
    [{}, 'TypeError: read: shape.type must be given, got nothing'],
    [{ type: 'oval' }, 'RangeError: read: shape.type must be one of dot, circle, got "oval"'],
    [{ type: 'toString' }, 'RangeError: read: shape.type must be one of dot, circle, got "toString"'],
    [{ type: 'dot', radius: 1 }, 'RangeError: read: shape must have only the fields type, got "radius"'],
    [{ type: 'circle' }, 'TypeError: read: shape.radius must be given, got nothing'],
  ])('refuses %p', (value, expected) => {
    expect(refusal(schema, value, 'shape')).toBe(expected);
  });
});

describe('list', () => {
  it('reads every item, and names the one that is wrong', () => {
    const schema = list(BOOLEAN, 1, 3);
    expect([parse(schema, [true], 'read: list'), parse(schema, [true, false], 'read: list')]).toEqual([[true], [true, false]]); // prettier-ignore
    expect(refusal(schema, [true, 'no'], 'list')).toBe('TypeError: read: list[1] must be true or false, got "no"');
  });

  it.each<[unknown, number, number, string]>([
    ['ab', 1, 3, 'TypeError: read: list must be an array, got "ab"'],
    [[], 1, 3, 'RangeError: read: list must have 1 to 3 items, got 0'],
    [[true, true], 1, 1, 'RangeError: read: list must have 1 items, got 2'],
    [['no', 'no', 'no', 'no'], 1, 3, 'RangeError: read: list must have 1 to 3 items, got 4'],
  ])('refuses %p', (value, min, max, expected) => {
    expect(refusal(list(BOOLEAN, min, max), value, 'list')).toBe(expected);
  });
});

describe('pair', () => {
  it('takes two items', () => {
    expect(parse(pair(BOOLEAN), [true, false], 'read: pair')).toEqual([true, false]);
    expect(refusal(pair(BOOLEAN), [true], 'pair')).toBe('RangeError: read: pair must have 2 items, got 1');
  });
});

describe('integer', () => {
  it('takes both ends of the range', () => {
    expect([2, 5].map((value) => parse(integer(2, 5), value, 'read: n'))).toEqual([2, 5]);
  });

  it.each<[unknown, string]>([
    ['3', 'TypeError: read: n must be a whole number, got "3"'],
    [2.5, 'RangeError: read: n must be a whole number in [2, 5], got 2.5'],
    [1, 'RangeError: read: n must be a whole number in [2, 5], got 1'],
    [6, 'RangeError: read: n must be a whole number in [2, 5], got 6'],
  ])('refuses %p', (value, expected) => {
    expect(refusal(integer(2, 5), value, 'n')).toBe(expected);
  });
});

describe('real', () => {
  it('takes the ends of a closed range only', () => {
    expect([0, 1].map((value) => parse(real(0, 1), value, 'read: x'))).toEqual([0, 1]);
    expect(refusal(real(0, 1, 'min'), 0, 'x')).toBe('RangeError: read: x must be in (0, 1], got 0');
    expect(refusal(real(0, 1, 'max'), 1, 'x')).toBe('RangeError: read: x must be in [0, 1), got 1');
  });

  it.each<[unknown, string]>([
    [null, 'TypeError: read: x must be a number, got null'],
    [NaN, 'RangeError: read: x must be in [0, Infinity], got NaN'],
    [Infinity, 'RangeError: read: x must be in [0, Infinity], got Infinity'],
  ])('refuses %p', (value, expected) => {
    expect(refusal(real(0, Infinity), value, 'x')).toBe(expected);
  });
});

describe('text', () => {
  it.each<[unknown, string]>([
    [7, 'TypeError: read: name must be a string, got 7'],
    ['abcd', 'RangeError: read: name must have at most 3 characters, got 4'],
  ])('refuses %p', (value, expected) => {
    expect(parse(text(3), 'abc', 'read: name')).toBe('abc');
    expect(refusal(text(3), value, 'name')).toBe(expected);
  });
});

describe('choice', () => {
  it('refuses what is none of the choices', () => {
    expect(parse(choice(['a', 'b']), 'b', 'read: kind')).toBe('b');
    expect(refusal(choice(['a', 'b']), 'c', 'kind')).toBe('RangeError: read: kind must be one of a, b, got "c"');
  });
});

describe('parse', () => {
  it("reads by valibot's own schemas too", () => {
    expect(parse(nullable(BOOLEAN), null, 'read: flag')).toBeNull();
    expect(parse(nullable(BOOLEAN), true, 'read: flag')).toBe(true);
    expect(refusal(nullable(BOOLEAN), 1, 'flag')).toBe('TypeError: read: flag must be true or false, got 1');
  });
});
