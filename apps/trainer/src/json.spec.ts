import * as v from 'valibot';
import { jsonObject, parseJson } from './json.ts';

describe('parseJson', () => {
  const schema = v.object({
    name: v.string(),
    sizes: v.array(v.pipe(v.number(), v.minValue(1, 'be at least 1'))),
    kind: v.picklist(['a', 'b']),
    more: v.exactOptional(jsonObject),
  });

  it('returns what the schema describes', () => {
    const value = { name: 'x', sizes: [1, 2], kind: 'a', more: { y: null } };
    expect(parseJson(JSON.stringify(value), schema, 'file')).toEqual(value);
  });

  it.each([
    ['{"sizes":[], "kind":"a"}', 'file: name must be given, got nothing'],
    ['{"name":5,"sizes":[],"kind":"a"}', 'file: name must be a string, got 5'],
    ['{"name":"x","sizes":[1,0],"kind":"a"}', 'file: sizes.1 must be at least 1, got 0'],
    ['{"name":"x","sizes":[],"kind":"c"}', 'file: kind must be "a" or "b", got "c"'],
    ['{"name":"x","sizes":[],"kind":"a","more":[1]}', 'file: more must be a JSON object, got [1]'],
    ['"text"', 'file must be a JSON object, got "text"'],
    ['{', 'file must be JSON, got {'],
  ])('refuses %s', (text, message) => {
    expect(() => parseJson(text, schema, 'file')).toThrow(message);
  });

  it('refuses a field that a strict object does not have', () => {
    expect(() => parseJson('{"lowest":1}', v.strictObject({}), 'file')).toThrow(
      'file: lowest must be left out, got "lowest"',
    );
  });
});
