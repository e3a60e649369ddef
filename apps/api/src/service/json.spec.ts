import { describeValue, parseJson } from './json.ts';

/** JSON that is long enough to be checked before it is parsed. */
const padding = ' '.repeat(20_000);

describe('parseJson', () => {
  it('parses what JSON.parse does', () => {
    const value = { 'a "quoted" \\ key': [1, 'x]{:"', { b: [[null]] }], c: '\\' };
    expect(parseJson(Buffer.from(JSON.stringify(value)))).toEqual(value);
    expect(parseJson(Buffer.from(padding + JSON.stringify(value)))).toEqual(value);
  });

  it('refuses what nests deeper than 32 levels before it is parsed', () => {
    const nested = (depth: number): Buffer => Buffer.from(`${padding}${'['.repeat(depth)}${']'.repeat(depth)}`);
    expect(Array.isArray(parseJson(nested(32)))).toBe(true);
    expect(() => parseJson(nested(33))).toThrow('the JSON must have at most 32 nested levels, got more');
    // Not even closed: the check comes before the parser.
    expect(() => parseJson(Buffer.from('['.repeat(100_000)))).toThrow('at most 32 nested levels');
  });

  it('refuses more than 10,000 objects and keys, but not numbers', () => {
    const keys = (count: number): Buffer =>
      Buffer.from(`{${Array.from({ length: count }, (_, i) => `"k${i}":0`).join()}}`);
    expect(Object.keys(parseJson(keys(9999)) as object)).toHaveLength(9999);
    expect(() => parseJson(keys(10_000))).toThrow('the JSON must have at most 10000 objects and keys, got more');
    expect(() => parseJson(Buffer.from(`[${'{},'.repeat(10_000)}{}]`))).toThrow('at most 10000 objects and keys');
    expect(parseJson(Buffer.from(`[${new Array(50_000).fill(1).join()}]`))).toHaveLength(50_000);
  });

  it('counts no brackets and colons in strings', () => {
    const text = `${'[{:'.repeat(20_000)}\\"${'['.repeat(100)}`;
    expect(parseJson(Buffer.from(`["${text}"]`))).toEqual([text.replace('\\"', '"')]);
  });

  it('says where invalid JSON is wrong, without quoting it', () => {
    expect(() => parseJson(Buffer.from('{"a": secret}'))).toThrow(
      /^the body must start with a JSON object of 13 bytes, got invalid JSON( \(at position 6\))?$/,
    );
  });
});

describe('describeValue', () => {
  it.each([
    [undefined, 'nothing'],
    [null, 'null'],
    [1.5, '1.5'],
    [NaN, 'NaN'],
    [true, 'true'],
    ['a"b', '"a\\"b"'],
    ['x'.repeat(100), `"${'x'.repeat(39)}...`],
    [[1, 2], 'an array of 2'],
    [{ a: 1 }, 'an object'],
  ])('describes %j as %s', (value, text) => {
    expect(describeValue(value)).toBe(text);
  });

  it('does not descend into deeply nested values', () => {
    let nested: unknown = [];
    for (let i = 0; i < 100_000; i++) nested = [nested];
    expect(describeValue(nested)).toBe('an array of 1');
  });
});
